/** Appends the primitives of the binary format, and ranges of other bytes, to a growing run of bytes. */
export class Writer {
  #bytes = new Uint8Array(256)
  #length = 0

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

  /** An unsigned number of at most 53 bits. */
  u32(value: number): this {
    let rest = value
    while (rest > 127) {
      this.byte((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    return this.byte(rest)
  }

  /** A signed number of 32 bits. */
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
    const bytes = new TextEncoder().encode(text)
    return this.u32(bytes.length).bytes(bytes)
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }

  #grow(count: number): void {
    const longer = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    longer.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = longer
  }
}
