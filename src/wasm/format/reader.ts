import { ScriptError } from '../../errors.ts'
import type { ByteRange } from './module.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Up to this many bytes, reading characters one by one is faster than a decoder. */
const SHORT = 32

/** Returns the text of a range of bytes; `undefined` if they are not all ASCII. */
function asciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte >= 128) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}

/** Reads the primitives of the binary format up to `end`. Throws `InvalidBinary` with what is wrong and its offset. */
export class Reader {
  readonly bytes: Uint8Array
  position: number
  end: number

  constructor(bytes: Uint8Array, range: ByteRange = { start: 0, end: bytes.length }) {
    this.bytes = bytes
    this.position = range.start
    this.end = range.end
  }

  fail(what: string, at: number = this.position): never {
    throw new ScriptError('InvalidBinary', `${what}, at offset 0x${at.toString(16)}`)
  }

  get done(): boolean {
    return this.position >= this.end
  }

  byte(what: string): number {
    if (this.position >= this.end) this.fail(`the module ends inside ${what}`)
    return this.bytes[this.position++] as number
  }

  /** Returns the next byte without reading it; -1 at the end. */
  peek(): number {
    return this.position < this.end ? (this.bytes[this.position] as number) : -1
  }

  skip(count: number, what: string): ByteRange {
    const start = this.position
    if (count > this.end - start) this.fail(`${what} of ${count} bytes does not fit in the ${this.end - start} bytes left`)
    this.position += count
    return { start, end: this.position }
  }

  /** Reads an unsigned LEB128 number of at most 32 bits. */
  u32(what: string): number {
    const start = this.position
    const first = this.byte(what)
    if (first < 128) return first
    // Operations on bits keep small integers what they are: engines treat a sum of products as a float.
    let value = first & 127
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.byte(what)
      if (shift === 28 && byte > 15) this.fail(`${what} is not a 32-bit number`, start)
      value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
    return this.fail(`${what} is not a 32-bit number`, start)
  }

  /** Reads an unsigned LEB128 number of at most 64 bits; exact up to 2^53. */
  u64(what: string): number {
    const start = this.position
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte(what)
      if (shift === 63 && byte > 1) this.fail(`${what} is not a 64-bit number`, start)
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
    return this.fail(`${what} is not a 64-bit number`, start)
  }

  /** Reads a signed LEB128 number of at most 33 bits, as in block and heap types. */
  s33(what: string): number {
    const start = this.position
    const first = this.byte(what)
    if (first < 128) return (first & 64) === 0 ? first : first - 128
    let value = first & 127
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.byte(what)
      // The last byte has five bits of the number; the two above them must repeat its sign.
      if (shift === 28 && byte > 15 && byte < 112) break
      value += (byte & 127) * 2 ** shift
      if (byte >= 128) continue
      return (byte & 64) === 0 ? value : value - 2 ** (shift + 7)
    }
    return this.fail(`${what} is not a 33-bit number`, start)
  }

  /** Skips a LEB128 number of at most `bits` bits. */
  skipLeb(bits: number, what: string): void {
    const start = this.position
    const maxBytes = Math.ceil(bits / 7)
    for (let count = 1; count <= maxBytes; count++) if (this.byte(what) < 128) return
    this.fail(`${what} is not a ${bits}-bit number`, start)
  }

  /** Reads the length of a vector. Every element takes at least one byte, so a length beyond the bytes left is refused. */
  count(what: string): number {
    const start = this.position
    const count = this.u32(`the number of ${what}`)
    if (count > this.end - this.position) this.fail(`${count} ${what} do not fit in the ${this.end - this.position} bytes left`, start)
    return count
  }

  name(what: string): string {
    const length = this.u32(`the length of ${what}`)
    const { start, end } = this.skip(length, what)
    const short = length <= SHORT ? asciiText(this.bytes, start, end) : undefined
    if (short !== undefined) return short
    try {
      return utf8.decode(this.bytes.subarray(start, end))
    } catch {
      return this.fail(`${what} is not UTF-8`, start)
    }
  }
}
