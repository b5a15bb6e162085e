import { ScriptError } from '../../errors.ts'

const FIRST_BYTES = 65_536

/** Collects bytes that arrive in pieces, and takes no more than a limit. */
export class BoundedBytes {
  readonly #what: string
  readonly #limit: number
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  /** `what` names the source in errors. */
  constructor(what: string, limit: number) {
    this.#what = what
    this.#limit = limit
    this.#bytes = new Uint8Array(Math.min(FIRST_BYTES, limit))
  }

  /** Appends a copy of a piece. Throws `TooLarge` past the limit. */
  add(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (length > this.#limit) {
      throw new ScriptError('TooLarge', `${this.#what} has more than ${this.#limit} bytes, the limit (limits.moduleBytes)`)
    }
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.#limit, Math.max(length, this.#bytes.length * 2)))
      grown.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = grown
    }
    this.#bytes.set(piece, this.#length)
    this.#length = length
  }

  /** Returns all bytes, in a buffer of their own. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }
}
