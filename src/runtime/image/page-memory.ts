import { ScriptError } from '../../errors.ts'

/** A block of a {@link PageMemory}. */
export interface Page {
  readonly address: number
  /** Its size in bytes. */
  readonly size: number
  /** The number of arrays that use it. */
  holders: number
}

/** Bytes of a page of the largest size. */
export const PAGE_SIZE = 16_384
/** Small arrays use smaller pages, which are parts of a page of the largest size. */
const SIZES: readonly number[] = [256, 1024, 4096, PAGE_SIZE]
/** Bytes that the comparison handles in one iteration. */
const COMPARED_BYTES = 64
const INTEGER_BYTES = Uint32Array.BYTES_PER_ELEMENT
const WASM_PAGE_BYTES = 65_536
/** Wasm pages that the memory grows by at least. */
const MIN_GROWTH = 16

/**
 * (module (import "" "" (memory 0)) (func (export "same") (param i32 i32 i32) (result i32) …)): compares the bytes at two
 * addresses; their number must be a multiple of 64. JavaScript takes six times as long.
 */
const COMPARE = `AGFzbQEAAAABCAFgA39/fwF/AgYBAAACAAADAgEABwgBBHNhbWUAAAprAWkAIAIgAGohAgNAIAD9AAQAIAH9AAQA/VEgAP0ABBAgAf0ABBD9Uf1Q
IAD9AAQgIAH9AAQg/VH9UCAA/QAEMCAB/QAEMP1R/VD9UwRAQQAPCyABQcAAaiEBIABBwABqIgAgAkkNAAtBAQs=`
type Compare = (one: number, other: number, bytes: number) => number
let compareModule: WebAssembly.Module | undefined

/**
 * Allocates pages in one WebAssembly memory. Copying an array into a page and comparing it there is faster than comparing it
 * in JavaScript.
 */
export class PageMemory {
  readonly #memory = new WebAssembly.Memory({ initial: 1 })
  readonly #same: Compare
  /** Unused pages, by size. */
  readonly #free: ReadonlyMap<number, Page[]> = new Map(SIZES.map((size) => [size, []]))
  /** The only page of zeros. Most of a column is zeros: the part past the last entity. */
  readonly #zeros: Page = { address: 0, size: PAGE_SIZE, holders: 1 }
  /** The address past the last page. */
  #end = PAGE_SIZE
  #bytesUsed = 0
  #bytes = new Uint8Array(this.#memory.buffer)
  #integers = new Uint32Array(this.#memory.buffer)

  constructor() {
    compareModule ??= new WebAssembly.Module(Uint8Array.from(atob(COMPARE), (character) => character.charCodeAt(0)))
    const { exports } = new WebAssembly.Instance(compareModule, { '': { '': this.#memory } })
    this.#same = exports.same as Compare
  }

  /** Bytes of all pages in use. */
  get bytesUsed(): number {
    return this.#bytesUsed
  }

  /**
   * Returns a page that begins with these bytes, at most {@link PAGE_SIZE} of them. Returns `known` if it begins with them.
   * Throws `OutOfMemory`.
   */
  keep(bytes: Uint8Array, known: Page | undefined): Page {
    const { length } = bytes
    const page = this.#allocate(length)
    const { address } = page
    this.#bytes.set(bytes, address)
    const rounded = Math.ceil(length / COMPARED_BYTES) * COMPARED_BYTES
    if (rounded > length) this.#bytes.fill(0, address + length, address + rounded)
    const isKnown = known !== undefined && known.size >= page.size && this.#same(address, known.address, rounded) !== 0
    if (!isKnown && this.#same(address, this.#zeros.address, rounded) === 0) return page
    this.free(page)
    return isKnown ? known : this.#zeros
  }

  /** Does the same as {@link keep} for a range of a list of 32-bit integers. */
  keepIntegers(list: ArrayLike<number>, from: number, to: number, known: Page | undefined): Page {
    const bytes = (to - from) * INTEGER_BYTES
    if (known !== undefined && known.size === sizeFor(bytes) && this.#holdsIntegers(known, list, from, to)) return known
    const page = this.#allocate(bytes)
    const integers = this.#integers
    const shift = page.address / INTEGER_BYTES - from
    for (let index = from; index < to; index++) integers[shift + index] = (list[index] as number) | 0
    return page
  }

  /** Makes a page available to later calls of {@link keep}. */
  free(page: Page): void {
    this.#bytesUsed -= page.size
    this.#free.get(page.size)?.push(page)
  }

  /** Copies the first `bytes` bytes of a page to `target`, at the index `at`. */
  copyTo({ address }: Page, bytes: number, target: Uint8Array, at: number): void {
    target.set(this.#bytes.subarray(address, address + bytes), at)
  }

  #holdsIntegers({ address }: Page, list: ArrayLike<number>, from: number, to: number): boolean {
    const integers = this.#integers
    const shift = address / INTEGER_BYTES - from
    let index = from
    // Comparing four at a time takes half as long.
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
    const page = this.#free.get(size)?.pop() ?? this.#addPage(size)
    this.#bytesUsed += size
    return page
  }

  #addPage(size: number): Page {
    if (size < PAGE_SIZE) {
      const { address } = this.#free.get(PAGE_SIZE)?.pop() ?? this.#addPage(PAGE_SIZE)
      for (let at = size; at < PAGE_SIZE; at += size) this.#free.get(size)?.push({ address: address + at, size, holders: 0 })
      return { address, size, holders: 0 }
    }
    if (this.#end + PAGE_SIZE > this.#bytes.length) this.#grow()
    const address = this.#end
    this.#end += PAGE_SIZE
    return { address, size, holders: 0 }
  }

  #grow(): void {
    const pages = this.#bytes.length / WASM_PAGE_BYTES
    try {
      this.#memory.grow(Math.max(MIN_GROWTH, pages >> 3))
    } catch (cause) {
      const detail = `the engine has no more memory for images of the game, which take ${this.#bytes.length} bytes`
      throw new ScriptError('OutOfMemory', detail, { cause })
    }
    this.#bytes = new Uint8Array(this.#memory.buffer)
    this.#integers = new Uint32Array(this.#memory.buffer)
  }
}

/** Returns the smallest page size that can hold so many bytes. */
function sizeFor(bytes: number): number {
  for (const size of SIZES) if (size >= bytes) return size
  return PAGE_SIZE
}
