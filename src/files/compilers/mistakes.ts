import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { ScriptError, type SourceMistake } from '../../errors.ts'
import { abbreviate, escapeControls } from '../../printable.ts'
import { codeFrame, linesOf } from '../../wasm/text/code-frame.ts'

/** A mistake, or a warning, as a compiler reports it. */
export interface CompilerMistake {
  /** What is wrong. */
  readonly detail: string
  /** The path of the file, relative to the folder that the compiler ran in. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in characters unless `isInBytes`. */
  readonly column: number
  /** Whether the column counts bytes in UTF-8. @default false */
  readonly isInBytes?: boolean
  /** The text of the file, if it is none that can be read, such as a library in the compiler. */
  readonly text?: string
}

/** Mistakes of one source that an error lists. */
export const MAX_MISTAKES = 50
/** Characters of what is said about each. */
const MAX_DETAIL = 500
/** Characters of a compiler's own words, where it names no place. */
const MAX_OUTPUT = 1500

/** Returns mistakes, or warnings, with the lines around their places. */
export async function placeMistakes(found: readonly CompilerMistake[], folder: string): Promise<SourceMistake[]> {
  const texts = new Map<string, readonly string[]>()
  const mistakes: SourceMistake[] = []
  for (const { detail, file, line, column, isInBytes = false, text } of found.slice(0, MAX_MISTAKES)) {
    const path = text === undefined ? resolve(folder, file) : file
    const lines = texts.get(path) ?? linesOf(text ?? (await readFile(path, 'utf8').catch(() => '')))
    texts.set(path, lines)
    const location = { file: path, line, column: isInBytes ? columnOf(lines[line - 1] ?? '', column) : column }
    mistakes.push({ detail: escapeControls(abbreviate(detail, MAX_DETAIL)), location, frame: codeFrame(lines, location) })
  }
  return mistakes
}

/** Returns the error for the mistakes that a compiler found in a source. It is about the first. */
export async function invalidSource(found: readonly CompilerMistake[], folder: string): Promise<ScriptError> {
  const mistakes = await placeMistakes(found, folder)
  const [first] = mistakes
  if (first === undefined) throw new Error('There is no mistake.')
  const others = found.length === 1 ? '' : ` (and ${found.length - 1} more)`
  const { location, frame } = first
  return new ScriptError('InvalidSource', `${first.detail}${others}`, { location, frame, ...(mistakes.length > 1 && { mistakes }) })
}

/** Returns the error for a compiler that failed without naming a place: the end of what it printed. */
export function compilerFailed(compiler: string, file: string, printed: string): ScriptError {
  const said = printed.trim()
  const end = said.length > MAX_OUTPUT ? `…${said.slice(-MAX_OUTPUT)}` : said
  return new ScriptError('BuildFailed', `${compiler} failed on ${basename(file)}: ${end === '' ? 'it printed nothing' : end}`)
}

/** Returns the first place of a name in a text, outside of line comments; the start of the text if there is none. */
export function placeOfWord(text: string, name: string): { readonly line: number; readonly column: number } {
  const word = new RegExp(`(?<![\\w$])${name.replace(/[^\w]/g, '\\$&')}(?![\\w$])`)
  for (const [index, line] of linesOf(text).entries()) {
    const at = line.replace(/\/\/.*/, '').search(word)
    if (at >= 0) return { line: index + 1, column: at + 1 }
  }
  return { line: 1, column: 1 }
}

function columnOf(line: string, byteColumn: number): number {
  return new TextDecoder().decode(new TextEncoder().encode(line).subarray(0, byteColumn - 1)).length + 1
}
