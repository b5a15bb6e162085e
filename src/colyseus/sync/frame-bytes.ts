import { ScriptError } from '../../errors.ts'

/** Throws `StateRejected`: the bytes are no frame of this room. */
export function refuseFrame(detail: string): never {
  throw new ScriptError('StateRejected', `the frame of the server cannot be read: ${detail}`)
}

const words = new Uint32Array(2)
const floats = new Float32Array(words.buffer)
const doubles = new Float64Array(words.buffer)

/** Returns the bits of an f32. */
export function floatBits(value: number): number {
  floats[0] = value
  return words[0] as number
}

/** Returns the f32 of some bits. */
export function bitsFloat(bits: number): number {
  words[0] = bits
  return floats[0] as number
}

/** Returns the bits of an f64, the lower half first. */
export function doubleBits(value: number): readonly [number, number] {
  doubles[0] = value
  return [words[0] as number, words[1] as number]
}

/** Returns the f64 of some bits. */
export function bitsDouble(low: number, high: number): number {
  words[0] = low
  words[1] = high
  return doubles[0] as number
}

/** Bytes that grow as they are written. */
export class FrameWriter {
  bytes: Uint8Array<ArrayBuffer>
  length = 0

  constructor(size = 1024) {
    this.bytes = new Uint8Array(size)
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, needed))
    grown.set(this.bytes)
    this.bytes = grown
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  /** Writes a number below 2^32, seven bits a byte, the lowest first. */
  unsigned(value: number): void {
    this.reserve(5)
    const { bytes } = this
    let rest = value >>> 0
    while (rest > 127) {
      bytes[this.length++] = (rest & 127) | 128
      rest >>>= 7
    }
    bytes[this.length++] = rest
  }

  /** Writes a number of 32 bits with a sign: small ones, of either sign, are short. */
  signed(value: number): void {
    this.unsigned((value << 1) ^ (value >> 31))
  }

  /** Writes 32 bits as four bytes, the lowest first. */
  bits(value: number): void {
    this.reserve(4)
    const { bytes } = this
    bytes[this.length++] = value
    bytes[this.length++] = value >>> 8
    bytes[this.length++] = value >>> 16
    bytes[this.length++] = value >>> 24
  }

  /** Writes bytes from `start` to `end` of an array. */
  copy(source: Uint8Array, start = 0, end: number = source.length): void {
    this.reserve(end - start)
    const { bytes } = this
    if (end - start > 64) {
      bytes.set(source.subarray(start, end), this.length)
      this.length += end - start
      return
    }
    // Faster than a view of so few bytes.
    let to = this.length
    for (let from = start; from < end; from++) bytes[to++] = source[from] as number
    this.length = to
  }

  /** Returns what was written, without a copy: the next write changes it. */
  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length)
  }

  /** Returns a copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length)
  }
}

/** Reads what {@link FrameWriter} wrote. Throws `StateRejected` where the bytes end too early. */
export class FrameReader {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  /** The bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    if (this.#at >= this.#bytes.length) refuseFrame('it ends too early')
    return this.#bytes[this.#at++] as number
  }

  unsigned(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      if (shift === 28 && byte > 15) refuseFrame('a number has more than 32 bits')
      value |= (byte & 127) << shift
      if (byte < 128) {
        if (byte === 0 && shift > 0) refuseFrame('a number is longer than it need be')
        return value >>> 0
      }
    }
    return refuseFrame('a number has more than 32 bits')
  }

  signed(): number {
    const value = this.unsigned()
    return (value >>> 1) ^ -(value & 1)
  }

  bits(): number {
    return (this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24)) >>> 0
  }

  /** Reads a count of things that take at least a byte each. */
  count(): number {
    const count = this.unsigned()
    if (count > this.left) refuseFrame(`it ends before ${count} entries`)
    return count
  }

  /** Returns the next bytes, without a copy. */
  view(length: number): Uint8Array {
    if (length > this.left) refuseFrame('it ends too early')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** Throws `StateRejected` if anything is left. */
  end(): void {
    if (this.left > 0) refuseFrame(`${this.left} bytes too many`)
  }
}
