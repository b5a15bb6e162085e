import type { PastParts } from '../past/past-parts.ts'
import { statementPoints } from './breakpoint-places.ts'

/** A file of the source of scripts. */
export interface SteppedSource {
  /** The file, as places name it. */
  readonly file: string
  /** The names of the scripts. */
  readonly scripts: readonly string[]
  /** The lines on which statements begin, in order. */
  readonly lines: readonly number[]
  /** The text; left out if the game does not have it. */
  readonly text?: string
}

/** Resolves with the files in which statements of the scripts are, as they were last. */
export async function readSteppedSources(past: PastParts): Promise<readonly SteppedSource[]> {
  const files = new Map<string, { readonly scripts: Set<string>; readonly lines: Set<number> }>()
  for (const { script, place } of await statementPoints(past)) {
    if (place === undefined) continue
    const known = files.get(place.file) ?? { scripts: new Set(), lines: new Set() }
    files.set(place.file, known)
    known.scripts.add(script)
    known.lines.add(place.line)
  }
  const sources = past.store.scripts.flatMap(({ running }) => (running === undefined ? [] : [running.generation.program.source]))
  return [...files].map(([file, { scripts, lines }]) => {
    const text = sources.find((source) => source.file === file)?.text
    return { file, scripts: [...scripts], lines: [...lines].sort((one, other) => one - other), ...(text !== undefined && { text }) }
  })
}
