import { LOG_LEVELS, type LogLevel, type LogLine } from '../index.ts'
import { escapeLine } from '../printable.ts'
import { print, render, style } from './output.ts'

/** The lowest level of the log lines that a command prints. `none` prints none. */
export type ShownLevel = LogLevel | 'none'

/** The values of {@link ShownLevel}, the lowest first. */
export const SHOWN_LEVELS: readonly ShownLevel[] = [...LOG_LEVELS, 'none']

/** What a command prints while a game runs. */
export interface TerminalOptions {
  /** The lowest level of the log lines to print. @default 'debug' */
  readonly logLevel?: ShownLevel
  /** Print no log lines and no progress. @default false */
  readonly quiet?: boolean
}

/** Prints lines. In a terminal it also keeps a status line below them. */
export class Terminal {
  readonly #hasStatus: boolean
  /** The index of the lowest level that is printed. */
  readonly #lowest: number
  #status = ''

  constructor({ logLevel = 'debug', quiet = false }: TerminalOptions = {}, stream: { readonly isTTY?: boolean } = process.stderr) {
    this.#hasStatus = stream.isTTY === true && !quiet
    this.#lowest = SHOWN_LEVELS.indexOf(quiet ? 'none' : logLevel)
  }

  print(text: string): void {
    this.#clear()
    print(text)
    this.#draw()
  }

  log({ script, level, message, tick }: LogLine): void {
    if (SHOWN_LEVELS.indexOf(level) < this.#lowest) return
    this.print(`[${tick}] ${escapeLine(script)} ${level === 'info' ? '' : `${level}: `}${escapeLine(message)}`)
  }

  /** Replaces the status line; `''` removes it. */
  status(text: string): void {
    this.#clear()
    this.#status = text
    this.#draw()
  }

  #clear(): void {
    if (this.#hasStatus && this.#status !== '') process.stderr.write('\r\u001b[K')
  }

  #draw(): void {
    if (!this.#hasStatus || this.#status === '') return
    process.stderr.write(render(style.dim(this.#status.slice(0, (process.stderr.columns ?? 80) - 1))))
  }
}
