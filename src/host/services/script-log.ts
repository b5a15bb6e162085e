import { LOG_LEVELS, type LogLevel } from '../../abi/types.ts'

export interface LogLine {
  /** The name of the script. */
  readonly script: string
  readonly level: LogLevel
  readonly message: string
  /** Ticks completed when it was logged. */
  readonly tick: number
}

/** Bytes of a message that are kept. The rest of a longer one is cut off. */
export const MAX_MESSAGE_BYTES = 16_384

/** The lines that one script logs, up to a number a tick; those past it are dropped and counted. */
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

  /** Lines dropped since the last tick ended. */
  get dropped(): number {
    return this.#dropped
  }

  /** Runs `work` with nothing logged. */
  mute<Result>(work: () => Result): Result {
    this.#isMuted = true
    try {
      return work()
    } finally {
      this.#isMuted = false
    }
  }

  /** Begins to count anew. */
  endTick(): void {
    this.#lines = 0
    this.#dropped = 0
  }

  /** Logs a line at a level of 0 to 3; other numbers are taken for the nearest. `read` is called for a line that is kept. */
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
