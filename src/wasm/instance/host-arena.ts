import { ScriptError } from '../../errors.ts'
import type { ByteRange } from '../format/module.ts'

/**
 * The part of a script's memory in which the host passes text to the script. It is allocated as a stack, since calls nest. It is
 * cleared after the outermost call and is not part of the script's state.
 */
export class HostArena {
  readonly #range: ByteRange
  readonly #clear: (start: number, end: number) => void
  /** The address of the next text. Texts in use lie below it. */
  #at: number
  /** The end of the bytes used since the last clearing. */
  #usedEnd: number

  /** `clear` fills a range of the memory with zeros. */
  constructor(range: ByteRange, clear: (start: number, end: number) => void) {
    this.#range = range
    this.#clear = clear
    this.#at = range.start
    this.#usedEnd = range.start
  }

  /** Returns the address of `length` bytes, which must be released. Throws `OutOfMemory`. */
  reserve(length: number): number {
    const address = this.#at
    if (length > this.#range.end - address) {
      throw new ScriptError(
        'OutOfMemory',
        `the ${length} bytes passed in do not fit beside the text of the calls around this one (limits.jsonBytes)`,
      )
    }
    this.#at += length
    if (this.#at > this.#usedEnd) this.#usedEnd = this.#at
    return address
  }

  /** Releases the bytes at an address, and those that were reserved after them. */
  release(address: number): void {
    const { start } = this.#range
    this.#at = address
    if (address > start || this.#usedEnd === start) return
    this.#clear(start, this.#usedEnd)
    this.#usedEnd = start
  }
}
