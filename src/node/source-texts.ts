import { readFileSync } from 'node:fs'
import { readContent, type SourceLocation, type WasmScriptRuntime } from '../index.ts'
import { shortPath } from './short-path.ts'

/** Characters of a line that are printed. */
const MAX_LINE = 100

/** The lines of the sources of a game: of the text that a script runs, or of the file on the disk. */
export class SourceTexts {
  readonly #runtime: WasmScriptRuntime
  readonly #files = new Map<string, readonly string[]>()

  constructor(runtime: WasmScriptRuntime) {
    this.#runtime = runtime
  }

  /** Returns the line of a place in a script, without the spaces around it; `''` if it is not known. */
  lineAt(script: string, place: SourceLocation | undefined): string {
    if (place === undefined) return ''
    const text = (this.linesOf(script, place.file)[place.line - 1] ?? '').trim()
    return text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text
  }

  /** Returns the lines of a file of a script; none if it is not known. */
  linesOf(script: string, file: string): readonly string[] {
    const key = `${script}\n${file}`
    const known = this.#files.get(key) ?? this.#read(script, file).split('\n')
    this.#files.set(key, known)
    return known
  }

  #read(script: string, file: string): string {
    const id = this.#runtime.scripts().find(({ name }) => name === script)?.id
    const content = id === undefined ? undefined : readContent(this.#runtime, id)
    // Only WAT is loaded as a text in which the places are.
    if (typeof content === 'string' && /\.wat$/i.test(file)) return content
    try {
      return readFileSync(file, 'utf8')
    } catch {
      return ''
    }
  }
}

/** Returns a place as editors and terminals open it. */
export function formatPlace({ file, line, column }: SourceLocation): string {
  return `${shortPath(file)}:${line}:${column}`
}
