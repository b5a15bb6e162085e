import { ScriptError } from '../../errors.ts'
import type { ByteRange } from '../format/module.ts'

/**
 * The part of a script's memory in which the host passes text to the script. It is allocated as a stack, since calls nest. It is
 * cleared after the outermost call and is not part of the script's state.
 */
export class HostArena {
  readonly #range: ByteRange
  readonly #clear: (range: ByteRange) => void
  /** The address of the next text. Texts in use lie below it. */
  #at: number
  /** The end of the bytes used since the last clearing. */
  #usedEnd: number

  /** `clear` fills a range of the memory with zeros. */
  constructor(range: ByteRange, clear: (range: ByteRange) => void) {
    this.#range = range
    this.#clear = clear
    this.#at = range.start
    this.#usedEnd = range.start
  }

  /** Calls `use` with the address of `length` bytes, which are reserved until it returns. Throws `OutOfMemory`. */
  with<Result>(length: number, use: (address: number) => Result): Result {
    const { start, end } = this.#range
    const address = this.#at
    if (length > end - address) {
      throw new ScriptError(
        'OutOfMemory',
        `the ${length} bytes passed in do not fit beside the text of the calls around this one (limits.jsonBytes)`,
      )
    }
    this.#at += length
    this.#usedEnd = Math.max(this.#usedEnd, this.#at)
    try {
      return use(address)
    } finally {
      this.#at = address
      if (address === start && this.#usedEnd > start) {
        this.#clear({ start, end: this.#usedEnd })
        this.#usedEnd = start
      }
    }
  }
}
