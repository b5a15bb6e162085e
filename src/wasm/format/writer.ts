/** Bytes reserved for a length that is not known yet: the longest encoding. */
const SIZE_BYTES = 5
/** Up to this many bytes, a loop copies faster than `set`. */
const SHORT = 32

const encoder = new TextEncoder()

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 128) return false
  return true
}

/** Appends primitives of the binary format and ranges of bytes to a growing buffer. */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  /** `capacity` is the number of bytes that are expected. */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  byte(value: number): this {
    if (this.#length === this.#bytes.length) this.#grow(1)
    this.#bytes[this.#length++] = value
    return this
  }

  bytes(values: ArrayLike<number>): this {
    if (this.#length + values.length > this.#bytes.length) this.#grow(values.length)
    this.#bytes.set(values, this.#length)
    this.#length += values.length
    return this
  }

  /** Appends a range of other bytes. Optimized for short ranges. */
  range(source: Uint8Array, start: number, end: number): this {
    const count = end - start
    if (this.#length + count > this.#bytes.length) this.#grow(count)
    const bytes = this.#bytes
    let at = this.#length
    if (count > SHORT) bytes.set(source.subarray(start, end), at)
    else for (let from = start; from < end; from++) bytes[at++] = source[from] as number
    this.#length += count
    return this
  }

  /** Appends a few bytes. */
  short(values: readonly number[]): this {
    const count = values.length
    if (this.#length + count > this.#bytes.length) this.#grow(count)
    const bytes = this.#bytes
    let at = this.#length
    for (let index = 0; index < count; index++) bytes[at++] = values[index] as number
    this.#length = at
    return this
  }

  /** Appends an unsigned LEB128 number of at most 53 bits. */
  u32(value: number): this {
    if (value < 128) return this.byte(value)
    let rest = value
    while (rest > 127) {
      this.byte((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    return this.byte(rest)
  }

  /** Appends a signed LEB128 number of 32 bits. */
  s32(value: number): this {
    let rest = value
    for (;;) {
      const low = rest & 127
      rest >>= 7
      if ((rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)) return this.byte(low)
      this.byte(low | 128)
    }
  }

  name(text: string): this {
    if (text.length <= SHORT && isAscii(text)) {
      this.u32(text.length)
      for (let index = 0; index < text.length; index++) this.byte(text.charCodeAt(index))
      return this
    }
    const bytes = encoder.encode(text)
    return this.u32(bytes.length).bytes(bytes)
  }

  /** Appends what `write` writes, preceded by its length. */
  sized(write: () => void): this {
    const start = this.#length
    this.#length += SIZE_BYTES
    if (this.#length > this.#bytes.length) this.#grow(0)
    write()
    let rest = this.#length - start - SIZE_BYTES
    for (let index = 0; index < SIZE_BYTES; index++) {
      this.#bytes[start + index] = (rest & 127) | (index < SIZE_BYTES - 1 ? 128 : 0)
      rest >>>= 7
    }
    return this
  }

  /** Returns what was written as a copy, which has no room for more. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }

  /** Returns what was written without copying it. Nothing may be appended later. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  #grow(count: number): void {
    const longer = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    longer.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = longer
  }
}
