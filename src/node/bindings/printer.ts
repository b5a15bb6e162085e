import { escapeLine } from '../../printable.ts'
import type { GameFunctions } from './game-functions.ts'

/** A language in which bindings are written. */
export interface Printer {
  /** The name of the file that it is written to. */
  readonly file: string
  /** What begins a line of a comment. */
  readonly comment: '//' | ';;'
  /** Returns the part of the file that depends on the game. `library` is what no game changes. */
  readonly print: (game: GameFunctions, library: string) => string
}

/** Returns a text as lines of comments. */
export function commentLines(comment: string, lines: readonly string[]): readonly string[] {
  return lines.map((line) => `${comment} ${escapeLine(line)}`)
}

/** Returns a name of the game as a string of C, Rust, AssemblyScript and WAT: only printable ASCII has words. */
export function quoted(name: string): string {
  return `"${name.replace(/["\\]/g, '\\$&')}"`
}
