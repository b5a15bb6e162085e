import { ScriptError } from '../../errors.ts'

/** A block of a page memory. */
export interface Page {
  readonly address: number
  /** How many bytes it has room for. */
  readonly size: number
  /** How many arrays hold it. */
  holders: number
}

/** Bytes of a page of the usual size. */
export const PAGE_SIZE = 16_384
/** Small arrays are given smaller pages, into which one of the usual size is divided. */
const SIZES: readonly number[] = [256, 1024, 4096, PAGE_SIZE]
/** Bytes that are compared at once. */
const STEP = 64
const INTEGER = Uint32Array.BYTES_PER_ELEMENT
const WASM_PAGE = 65_536
const FEWEST_ADDED = 16

/**
 * (module (import "" "" (memory 0)) (func (export "same") (param i32 i32 i32) (result i32) …)): whether the bytes at two
 * addresses are the same, for a number of bytes that is a multiple of 64. JavaScript takes six times as long.
 */
const COMPARE = `AGFzbQEAAAABCAFgA39/fwF/AgYBAAACAAADAgEABwgBBHNhbWUAAAprAWkAIAIgAGohAgNAIAD9AAQAIAH9AAQA/VEgAP0ABBAgAf0ABBD9Uf1Q
IAD9AAQgIAH9AAQg/VH9UCAA/QAEMCAB/QAEMP1R/VD9UwRAQQAPCyABQcAAaiEBIABBwABqIgAgAkkNAAtBAQs=`
type Compare = (one: number, other: number, bytes: number) => number
let compareModule: WebAssembly.Module | undefined

/**
 * Pages in one WebAssembly memory, which are used again and again. To write a page and compare it there is faster than to
 * compare it in JavaScript.
 */
export class PageMemory {
  readonly #memory = new WebAssembly.Memory({ initial: 1 })
  readonly #same: Compare
  /** Pages that nobody uses, by size. */
  readonly #free: ReadonlyMap<number, Page[]> = new Map(SIZES.map((size) => [size, []]))
  /** The page of all zeros, of which there is one: most of a column lies behind the last entity. */
  readonly #zeros: Page = { address: 0, size: PAGE_SIZE, holders: 1 }
  /** The beginning of what was never a page. */
  #end = PAGE_SIZE
  #bytesUsed = 0
  #bytes = new Uint8Array(this.#memory.buffer)
  #integers = new Uint32Array(this.#memory.buffer)

  constructor() {
    compareModule ??= new WebAssembly.Module(Uint8Array.from(atob(COMPARE), (character) => character.charCodeAt(0)))
    const { exports } = new WebAssembly.Instance(compareModule, { '': { '': this.#memory } })
    this.#same = exports.same as Compare
  }

  /** Bytes of the pages that are in use. */
  get bytesUsed(): number {
    return this.#bytesUsed
  }

  /** Returns a page that begins with these bytes, at most {@link PAGE_SIZE}: `known`, if it does. Throws `OutOfMemory`. */
  keep(bytes: Uint8Array, known: Page | undefined): Page {
    const { length } = bytes
    const page = this.#allocate(length)
    const { address } = page
    this.#bytes.set(bytes, address)
    const rounded = Math.ceil(length / STEP) * STEP
    if (rounded > length) this.#bytes.fill(0, address + length, address + rounded)
    const isKnown = known !== undefined && known.size >= page.size && this.#same(address, known.address, rounded) !== 0
    if (!isKnown && this.#same(address, this.#zeros.address, rounded) === 0) return page
    this.free(page)
    return isKnown ? known : this.#zeros
  }

  /** The same for integers of 32 bits, from one place of a list to another. */
  keepIntegers(list: ArrayLike<number>, from: number, to: number, known: Page | undefined): Page {
    const bytes = (to - from) * INTEGER
    if (known !== undefined && known.size === sizeFor(bytes) && this.#holdsIntegers(known, list, from, to)) return known
    const page = this.#allocate(bytes)
    const integers = this.#integers
    const shift = page.address / INTEGER - from
    for (let index = from; index < to; index++) integers[shift + index] = (list[index] as number) | 0
    return page
  }

  free(page: Page): void {
    this.#bytesUsed -= page.size
    this.#free.get(page.size)?.push(page)
  }

  /** Copies the first bytes of a page to a place in `target`. */
  copyTo({ address }: Page, bytes: number, target: Uint8Array, at: number): void {
    target.set(this.#bytes.subarray(address, address + bytes), at)
  }

  #holdsIntegers({ address }: Page, list: ArrayLike<number>, from: number, to: number): boolean {
    const integers = this.#integers
    const shift = address / INTEGER - from
    let index = from
    // Four at a time take half as long.
    for (; index + 4 <= to; index += 4) {
      const first = (list[index] as number) ^ (integers[shift + index] as number)
      const second = (list[index + 1] as number) ^ (integers[shift + index + 1] as number)
      const third = (list[index + 2] as number) ^ (integers[shift + index + 2] as number)
      const fourth = (list[index + 3] as number) ^ (integers[shift + index + 3] as number)
      if ((first | second | third | fourth) !== 0) return false
    }
    for (; index < to; index++) if (((list[index] as number) ^ (integers[shift + index] as number)) !== 0) return false
    return true
  }

  #allocate(bytes: number): Page {
    const size = sizeFor(bytes)
    const page = this.#free.get(size)?.pop() ?? this.#make(size)
    this.#bytesUsed += size
    return page
  }

  #make(size: number): Page {
    if (size < PAGE_SIZE) {
      const { address } = this.#free.get(PAGE_SIZE)?.pop() ?? this.#make(PAGE_SIZE)
      for (let at = size; at < PAGE_SIZE; at += size) this.#free.get(size)?.push({ address: address + at, size, holders: 0 })
      return { address, size, holders: 0 }
    }
    if (this.#end + PAGE_SIZE > this.#bytes.length) this.#grow()
    const address = this.#end
    this.#end += PAGE_SIZE
    return { address, size, holders: 0 }
  }

  #grow(): void {
    const pages = this.#bytes.length / WASM_PAGE
    try {
      this.#memory.grow(Math.max(FEWEST_ADDED, pages >> 3))
    } catch (cause) {
      const detail = `no more memory is to be had for the moments that are kept, which take ${this.#bytes.length} bytes`
      throw new ScriptError('OutOfMemory', detail, { cause })
    }
    this.#bytes = new Uint8Array(this.#memory.buffer)
    this.#integers = new Uint32Array(this.#memory.buffer)
  }
}

/** The smallest size that has room for so many bytes. */
function sizeFor(bytes: number): number {
  for (const size of SIZES) if (size >= bytes) return size
  return PAGE_SIZE
}
