import { FEW_CHARACTERS, writeAscii } from '../../bytes.ts'
import { ScriptError } from '../../errors.ts'
import type { ByteRange } from '../format/module.ts'

const encoder = new TextEncoder()

/**
 * The part of a script's memory in which the host passes text to the script. It is allocated as a stack, since calls nest. It is
 * cleared after the outermost call and is not part of the script's state.
 */
export class HostArena {
  readonly #range: ByteRange
  readonly #bytes: () => Uint8Array
  /** The address of the next text. Texts in use lie below it. */
  #at: number
  /** The end of the bytes used since the last clearing. */
  #usedEnd: number
  /** The bytes of the range. A view takes as long to make as a short text to write. */
  #view: Uint8Array | undefined

  /** `bytes` returns the memory. */
  constructor(range: ByteRange, bytes: () => Uint8Array) {
    this.#range = range
    this.#bytes = bytes
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
    this.#bytes().fill(0, start, this.#usedEnd)
    this.#usedEnd = start
  }

  /** Writes a text of at most `SHORT_TEXT` characters to its reserved address. Returns `false`, and leaves part of it there, if some are not ASCII. */
  writeShort(text: string, address: number): boolean {
    const bytes = this.#bytes()
    const { start, end } = this.#range
    const { length } = text
    if (address > start || length <= FEW_CHARACTERS) return writeAscii(text, bytes, address)
    if (this.#view?.buffer !== bytes.buffer) this.#view = bytes.subarray(start, end)
    const { read, written } = encoder.encodeInto(text, this.#view as Uint8Array)
    this.#usedEnd = Math.max(this.#usedEnd, start + written)
    return read === length && written === length
  }
}
