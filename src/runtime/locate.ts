import { type ErrorContext, type ScriptError, withContext } from '../errors.ts'
import { codeFrame } from '../wasm/frame.ts'
import type { SourceModule } from './source.ts'

/** The error with the place in the text where a name stands that it is about, if the source is text and has it. */
export function locateName(error: ScriptError, { text, file }: SourceModule, name: NamedPlace): ScriptError {
  if (text === undefined || error.location !== undefined) return error
  const found = patternOf(name).exec(text)
  if (found === null) return error
  const before = text.slice(0, found.index + (found[1]?.length ?? 0)).split('\n')
  const location = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
  const context: ErrorContext = { location, frame: codeFrame(text, location) }
  return withContext(error, context)
}

/** An import by its module and name, or an export by its name. */
export type NamedPlace = { readonly module: string; readonly name: string } | { readonly export: string }

/** The first group is what stands before the name itself. */
function patternOf(name: NamedPlace): RegExp {
  if ('export' in name) return new RegExp(`(\\(\\s*export\\s+)${quoted(name.export)}`)
  return new RegExp(`(\\(\\s*import\\s+)${quoted(name.module)}\\s+${quoted(name.name)}`)
}

function quoted(text: string): string {
  return `"${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}"`
}
