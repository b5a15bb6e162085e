import type { LogLine } from '../index.ts'

/** Prints lines, and in a terminal keeps one line at the end up to date. */
export class Terminal {
  readonly #isTerminal: boolean
  #status = ''

  constructor(stream: { readonly isTTY?: boolean } = process.stderr) {
    this.#isTerminal = stream.isTTY === true
  }

  print(text: string): void {
    this.#clear()
    process.stdout.write(`${text}\n`)
    this.#draw()
  }

  log({ script, level, message, tick }: LogLine): void {
    this.print(`[${tick}] ${script} ${level === 'info' ? '' : `${level}: `}${escapeControls(message)}`)
  }

  /** Shows a line of progress in the place of the last; `''` takes it away. */
  status(text: string): void {
    this.#clear()
    this.#status = text
    this.#draw()
  }

  #clear(): void {
    if (this.#isTerminal && this.#status !== '') process.stderr.write('\r\u001b[K')
  }

  #draw(): void {
    if (this.#isTerminal && this.#status !== '') process.stderr.write(this.#status.slice(0, (process.stderr.columns ?? 80) - 1))
  }
}

/** A script's text without what would steer the terminal: control characters as `\\x1b`. */
function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
