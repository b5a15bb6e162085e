import { type ErrorContext, type ScriptError, withContext } from '../../errors.ts'
import type { DecodedModule, ModuleImport } from '../../wasm/format/module.ts'
import type { NamedPlace } from '../../wasm/text/name-places.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'

/** Returns the error with the location of a name in the source text. Returns it unchanged if the text does not contain the name. */
export function locateName(error: ScriptError, { text, reader, file }: SourceModule, name: NamedPlace): ScriptError {
  if (text === undefined || reader === undefined || error.location !== undefined) return error
  const found = reader.placeOfName(text, name)
  if (found === undefined) return error
  const location = { file, ...found }
  const context: ErrorContext = { location, frame: reader.codeFrame(text, location) }
  return withContext(error, context)
}

/** Returns the error with the location of an import in the source text. */
export function locateImport(error: ScriptError, source: SourceModule, { imports }: DecodedModule, entry: ModuleImport): ScriptError {
  const before = imports.slice(0, imports.indexOf(entry))
  const earlier = before.filter(({ module, name }) => module === entry.module && name === entry.name).length
  return locateName(error, source, { ...entry, earlier })
}
