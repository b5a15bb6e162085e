import type { LogLine } from '../index.ts'

/** Prints lines. In a terminal it also keeps a status line below them. */
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

  /** Replaces the status line; `''` removes it. */
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

/** Escapes control characters, such as `\\x1b`, so that a script's text cannot control the terminal. */
function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
