import { ScriptError } from '../../errors.ts'
import type { ByteRange } from '../format/module.ts'

/**
 * The bytes of a script's memory in which the host passes it text. They are handed out as a stack, since a call may lead to
 * another. They are scratch: zero again after the outermost call, and no part of the script's state.
 */
export class HostArena {
  readonly #range: ByteRange
  readonly #clear: (range: ByteRange) => void
  /** Where the next text goes. Texts that are in use lie below it. */
  #at: number
  /** The end of the bytes that were used since they were last cleared. */
  #usedEnd: number

  /** `clear` fills a range of the memory with zeros. */
  constructor(range: ByteRange, clear: (range: ByteRange) => void) {
    this.#range = range
    this.#clear = clear
    this.#at = range.start
    this.#usedEnd = range.start
  }

  /** Gives `use` the address of `length` bytes, which nobody else uses until it returns. Throws `OutOfMemory`. */
  with<Result>(length: number, use: (address: number) => Result): Result {
    const { start, end } = this.#range
    const address = this.#at
    if (length > end - address) {
      throw new ScriptError(
        'OutOfMemory',
        `the ${length} bytes that are passed find no room beside the text of other calls (limits.jsonBytes)`,
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
