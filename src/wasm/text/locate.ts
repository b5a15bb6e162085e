import { type ScriptError, withContext } from '../../errors.ts'
import type { DecodedModule, ModuleImport } from '../format/module.ts'
import { codeFrame } from './code-frame.ts'
import { type NamedPlace, placeOfName } from './name-places.ts'
import type { SourceText } from './source-places.ts'

/** Returns the error with the location of a name in the source text. Returns it unchanged if the text does not contain the name. */
export function locateName(error: ScriptError, { text, file }: SourceText, name: NamedPlace): ScriptError {
  const found = text === undefined || error.location !== undefined ? undefined : placeOfName(text, name)
  if (found === undefined) return error
  const location = { file, ...found }
  return withContext(error, { location, frame: codeFrame(text as string, location) })
}

/** Returns the error with the location of an import in the source text. */
export function locateImport(error: ScriptError, source: SourceText, { imports }: DecodedModule, entry: ModuleImport): ScriptError {
  const before = imports.slice(0, imports.indexOf(entry))
  const earlier = before.filter(({ module, name }) => module === entry.module && name === entry.name).length
  return locateName(error, source, { ...entry, earlier })
}
