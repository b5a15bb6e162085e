import { ScriptError, withContext } from '../../errors.ts'
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

/** An import that is refused, and why. */
export interface RefusedImport {
  readonly error: ScriptError
  readonly entry: ModuleImport
}

/** Returns the first error with the locations of all imports in the source text. */
export function locateImports(
  refused: readonly [RefusedImport, ...RefusedImport[]],
  source: SourceText,
  { imports }: DecodedModule,
): ScriptError {
  const located = refused.map(({ error, entry }) => {
    const before = imports.slice(0, imports.indexOf(entry))
    const earlier = before.filter(({ module, name }) => module === entry.module && name === entry.name).length
    return locateName(error, source, { ...entry, earlier })
  })
  const [first] = located as [ScriptError]
  const mistakes = located.flatMap(({ detail, location, frame }) => (location && frame ? [{ detail, location, frame }] : []))
  const [place] = mistakes
  if (place === undefined || located.length === 1) return first
  const { location, frame } = place
  return new ScriptError(first.code, `${first.detail} (and ${located.length - 1} more)`, { location, frame, mistakes })
}
