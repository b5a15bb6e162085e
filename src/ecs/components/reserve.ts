/** A range of the ECS memory that was handed out. */
export interface Allocation {
  readonly address: number
  readonly bytes: number
}

/** Allocations begin at multiples of this. */
const ALIGNMENT = 16

/** Allocates the bytes behind the columns, for entity lists and other data that scripts read in place. */
export class Reserve {
  readonly memory: WebAssembly.Memory
  /** The number of its bytes, those in use among them. */
  readonly bytes: number
  /** The free ranges by address. Adjacent ranges are merged. */
  readonly #free: { start: number; end: number }[]

  constructor(memory: WebAssembly.Memory, start: number) {
    this.memory = memory
    this.bytes = memory.buffer.byteLength - start
    this.#free = [{ start, end: memory.buffer.byteLength }]
  }

  /** Allocates the first free range that is large enough; returns `undefined` if there is none. */
  allocate(bytes: number): Allocation | undefined {
    const size = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
    const place = this.#free.find(({ start, end }) => end - start >= size)
    if (place === undefined) return undefined
    const allocation = { address: place.start, bytes: size }
    place.start += size
    if (place.start === place.end) this.#free.splice(this.#free.indexOf(place), 1)
    return allocation
  }

  /** Frees an allocation. Must be called once for each. */
  free({ address, bytes }: Allocation): void {
    const end = address + bytes
    const next = this.#free.findIndex(({ start }) => start >= end)
    const index = next < 0 ? this.#free.length : next
    const before = this.#free[index - 1]
    const after = this.#free[index]
    if (before?.end === address && after?.start === end) {
      before.end = after.end
      this.#free.splice(index, 1)
    } else if (before?.end === address) before.end = end
    else if (after?.start === end) after.start = address
    else this.#free.splice(index, 0, { start: address, end })
  }

  /** Returns an allocation as 32-bit words. */
  words({ address, bytes }: Allocation): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, bytes / Uint32Array.BYTES_PER_ELEMENT)
  }
}
