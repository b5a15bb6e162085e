import { LOG_LEVELS, type LogLevel } from '../../abi/types.ts'

/** A line that a script logged. */
export interface LogLine {
  /** The name of the script. */
  readonly script: string
  /** The level of the line. */
  readonly level: LogLevel
  /** The text, cut off after 16,384 bytes. */
  readonly message: string
  /** The number of completed ticks when the line was logged. */
  readonly tick: number
}

/** Bytes of a message that are kept. Longer messages are cut off. */
export const MAX_MESSAGE_BYTES = 16_384

/** The log of one script, with a limit of lines for each tick. Lines beyond it are dropped and counted. */
export class ScriptLog {
  readonly #limit: number
  readonly #write: (level: LogLevel, message: string) => void
  #lines = 0
  #dropped = 0
  #isMuted = false

  constructor(limit: number, write: (level: LogLevel, message: string) => void) {
    this.#limit = limit
    this.#write = write
  }

  /** The lines dropped since the last tick ended. */
  get dropped(): number {
    return this.#dropped
  }

  /** Runs `work` without logging anything. */
  mute<Result>(work: () => Result): Result {
    this.#isMuted = true
    try {
      return work()
    } finally {
      this.#isMuted = false
    }
  }

  /** Resets the counts of lines. */
  endTick(): void {
    this.#lines = 0
    this.#dropped = 0
  }

  /** Logs a line at a level from 0 to 3; other numbers are clamped. Calls `read` for the text unless the line is dropped. */
  line(level: number, read: () => string): void {
    if (this.#isMuted) return
    if (this.#lines >= this.#limit) {
      this.#dropped++
      return
    }
    this.#lines++
    this.#write(LOG_LEVELS[Math.max(0, Math.min(3, level))] as LogLevel, read())
  }
}
