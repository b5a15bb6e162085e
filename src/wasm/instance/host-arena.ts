import { ScriptError } from '../../errors.ts'
import type { ByteRange } from '../format/module.ts'

/** The pages of a script's memory in which the host passes it text, as a stack: a call may lead to another. */
export class HostArena {
  readonly #end: number
  /** Where the next text goes. Texts that are in use lie below it. */
  #at: number

  constructor(range: ByteRange) {
    this.#at = range.start
    this.#end = range.end
  }

  /** Gives `use` the address of room for `length` bytes, which is nobody else's until it returns. Throws `OutOfMemory`. */
  with<Result>(length: number, use: (address: number) => Result): Result {
    const address = this.#at
    if (length > this.#end - address) {
      throw new ScriptError(
        'OutOfMemory',
        `the ${length} bytes that are passed find no room beside the text of other calls (limits.jsonBytes)`,
      )
    }
    this.#at += length
    try {
      return use(address)
    } finally {
      this.#at = address
    }
  }
}
