import { ScriptError } from '../../errors.ts'

/** A block of a page memory. */
export interface Page {
  readonly address: number
  /** How many bytes it has room for. */
  readonly bytes: number
  /** How many arrays hold it. */
  holders: number
}

/** Bytes of a page of the usual size. */
export const PAGE_SIZE = 16_384
/** Small arrays are given smaller pages, into which one of the usual size is divided. */
const SIZES: readonly number[] = [256, 1024, 4096, PAGE_SIZE]
/** Bytes that are compared at once. */
const STEP = 32
const WASM_PAGE = 65_536
const FEWEST_ADDED = 16

/**
 * (module (import "" "" (memory 0)) (func (export "same") (param i32 i32 i32) (result i32) …)): whether the bytes at two
 * addresses are the same, for a number of bytes that is a multiple of 32. JavaScript takes six times as long.
 */
const COMPARE = `AGFzbQEAAAABCAFgA39/fwF/AgYBAAACAAADAgEABwgBBHNhbWUAAApaAVgAIAIgAGohAgNAIAApAwAgASkDAIUgACkDCCABKQMIhYQgACkDECABKQMQhSAA
KQMYIAEpAxiFhIRQRQRAQQAPCyABQSBqIQEgAEEgaiIAIAJJDQALQQEL`
type Compare = (one: number, other: number, bytes: number) => number
let compareModule: WebAssembly.Module | undefined

/** Pages in one WebAssembly memory: they are used again and again, and compared there. */
export class PageMemory {
  readonly #memory = new WebAssembly.Memory({ initial: 1 })
  readonly #same: Compare
  /** Pages that nobody uses, by size. */
  readonly #free = new Map<number, Page[]>(SIZES.map((size) => [size, []]))
  /** The beginning of what was never a page. */
  #end = 0
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

  /** Returns a page with room for so many bytes, at most {@link PAGE_SIZE}. Throws `OutOfMemory`. */
  allocate(bytes: number): Page {
    const size = SIZES.find((each) => each >= bytes) ?? PAGE_SIZE
    const page = this.#free.get(size)?.pop() ?? this.#divide(size)
    this.#bytesUsed += size
    return page
  }

  free(page: Page): void {
    this.#bytesUsed -= page.bytes
    this.#free.get(page.bytes)?.push(page)
  }

  /** Writes bytes to the beginning of a page. */
  write({ address }: Page, bytes: Uint8Array): void {
    this.#bytes.set(bytes, address)
    this.#clearTo(address, bytes.length)
  }

  /** Writes `count` integers of a list to the beginning of a page. */
  writeIntegers({ address }: Page, list: ArrayLike<number>, from: number, count: number): void {
    const integers = this.#integers
    const first = address / Uint32Array.BYTES_PER_ELEMENT
    for (let index = 0; index < count; index++) integers[first + index] = list[from + index] as number
    this.#clearTo(address, count * Uint32Array.BYTES_PER_ELEMENT)
  }

  /** Whether two pages begin with the same bytes, so many. */
  same(one: Page, other: Page, bytes: number): boolean {
    return one.bytes === other.bytes && this.#same(one.address, other.address, roundUp(bytes)) !== 0
  }

  /** Copies the first bytes of a page to a place in `target`. */
  copyTo({ address }: Page, bytes: number, target: Uint8Array, at: number): void {
    target.set(this.#bytes.subarray(address, address + bytes), at)
  }

  /** Fills what is compared behind the bytes of a page. */
  #clearTo(address: number, bytes: number): void {
    if (bytes % STEP !== 0) this.#bytes.fill(0, address + bytes, address + roundUp(bytes))
  }

  #divide(size: number): Page {
    if (size < PAGE_SIZE) {
      const { address } = this.#free.get(PAGE_SIZE)?.pop() ?? this.#divide(PAGE_SIZE)
      for (let at = size; at < PAGE_SIZE; at += size) this.#free.get(size)?.push({ address: address + at, bytes: size, holders: 0 })
      return { address, bytes: size, holders: 0 }
    }
    if (this.#end + PAGE_SIZE > this.#bytes.length) this.#grow()
    const address = this.#end
    this.#end += PAGE_SIZE
    return { address, bytes: PAGE_SIZE, holders: 0 }
  }

  #grow(): void {
    const pages = this.#bytes.length / WASM_PAGE
    try {
      this.#memory.grow(Math.max(FEWEST_ADDED, pages >> 3))
    } catch (cause) {
      throw new ScriptError(
        'OutOfMemory',
        `no more memory is to be had for the moments that are kept, which take ${this.#bytes.length} bytes`,
        {
          cause,
        },
      )
    }
    this.#bytes = new Uint8Array(this.#memory.buffer)
    this.#integers = new Uint32Array(this.#memory.buffer)
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / STEP) * STEP
}
