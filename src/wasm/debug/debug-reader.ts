import type { ByteRange, DecodedModule } from '../format/module.ts'
import { Reader } from '../format/reader.ts'

/** The steps that are left for reading debug information: a forged file must not keep the game busy. */
export interface Work {
  left: number
}

const MAX_LEB_BYTES = 10

/** Reads the primitives of DWARF, which are little-endian. Throws `InvalidBinary` past the end, and when all work is spent. */
export class DebugReader extends Reader {
  readonly #work: Work
  readonly #view: DataView

  constructor(bytes: Uint8Array, range: ByteRange, work: Work) {
    super(bytes, range)
    this.#work = work
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Reads a number of 1 to 4 or 8 bytes; one of 8 is exact up to 2^53. */
  fixed(size: number): number {
    this.#spend(1)
    const { start } = this.skip(size, 'a number')
    if (size === 1) return this.#view.getUint8(start)
    if (size === 2) return this.#view.getUint16(start, true)
    if (size === 3) return this.#view.getUint16(start, true) + this.#view.getUint8(start + 2) * 0x1_0000
    if (size === 4) return this.#view.getUint32(start, true)
    if (size === 8) return this.#view.getUint32(start, true) + this.#view.getUint32(start + 4, true) * 2 ** 32
    return this.fail(`a number of ${size} bytes`, start)
  }

  signedByte(): number {
    return (this.fixed(1) << 24) >> 24
  }

  /** Reads an unsigned LEB128 number, exact up to 2^53. */
  unsigned(): number {
    return this.#leb().value
  }

  signed(): number {
    const { value, last, bits } = this.#leb()
    return (last & 64) === 0 ? value : value - 2 ** bits
  }

  /** Reads the length of a unit. Returns it with the size of offsets in the unit. */
  unitLength(): { readonly length: number; readonly offsetSize: 4 | 8 } {
    const length = this.fixed(4)
    return length === 0xffff_ffff ? { length: this.fixed(8), offsetSize: 8 } : { length, offsetSize: 4 }
  }

  /** Reads a text that ends with a zero. */
  text(): string {
    const end = this.skipText()
    return new TextDecoder().decode(this.bytes.subarray(end.start, end.end))
  }

  skipText(): ByteRange {
    const start = this.position
    const end = this.bytes.indexOf(0, start)
    if (end < 0 || end >= this.end) this.fail('a text without an end')
    this.#spend(1 + ((end - start) >> 3))
    this.position = end + 1
    return { start, end }
  }

  #leb(): { readonly value: number; readonly last: number; readonly bits: number } {
    this.#spend(1)
    let value = 0
    for (let count = 0; count < MAX_LEB_BYTES; count++) {
      const last = this.byte('a number')
      value += (last & 127) * 2 ** (7 * count)
      if (last < 128) return { value, last, bits: 7 * (count + 1) }
    }
    return this.fail('a number that is too long')
  }

  #spend(steps: number): void {
    this.#work.left -= steps
    if (this.#work.left < 0) this.fail('the debug information takes too long to read')
  }
}

/** The custom sections of a module that hold debug information, by name. */
export class DebugSections {
  readonly #bytes: Uint8Array
  readonly #ranges = new Map<string, ByteRange>()
  readonly #work: Work

  constructor({ bytes, sections }: Pick<DecodedModule, 'bytes' | 'sections'>, work: Work) {
    this.#bytes = bytes
    this.#work = work
    for (const { name, payload } of sections) {
      if (name === undefined || this.#ranges.has(name)) continue
      const reader = new Reader(bytes, payload)
      reader.name('the name of a section')
      this.#ranges.set(name, { start: reader.position, end: payload.end })
    }
  }

  has(name: string): boolean {
    return this.#ranges.has(name)
  }

  /** Returns a reader of a section, from `offset` to its end or of `length` bytes. Throws `InvalidBinary` if there is no such place. */
  reader(name: string, offset = 0, length?: number): DebugReader {
    const { start, end } = this.#ranges.get(name) ?? { start: 0, end: 0 }
    const reader = new DebugReader(this.#bytes, { start, end }, this.#work)
    reader.skip(offset, name)
    if (length === undefined) return reader
    const range = reader.skip(length, name)
    return new DebugReader(this.#bytes, range, this.#work)
  }

  /** Returns the offset in a section of a reader's position. */
  offsetOf(name: string, { position }: DebugReader): number {
    return position - (this.#ranges.get(name)?.start ?? 0)
  }

  /** Returns the text at an offset in the module. */
  textAt(position: number): string {
    return new DebugReader(this.#bytes, { start: position, end: this.#bytes.length }, this.#work).text()
  }

  /** Returns a text of a section of texts. */
  text(name: string, offset: number): string {
    return this.reader(name, offset).text()
  }
}
