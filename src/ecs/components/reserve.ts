/** A part of the ECS memory that somebody holds. */
export interface Room {
  readonly address: number
  readonly bytes: number
}

/** Rooms begin at multiples of this. */
const ALIGNMENT = 16

/** The bytes behind the columns, handed out for entity lists and the like. */
export class Reserve {
  readonly memory: WebAssembly.Memory
  /** What is free, by address, no two next to each other. */
  readonly #free: { start: number; end: number }[]

  constructor(memory: WebAssembly.Memory, start: number) {
    this.memory = memory
    this.#free = [{ start, end: memory.buffer.byteLength }]
  }

  /** The first room that is large enough; `undefined` if there is none. */
  take(bytes: number): Room | undefined {
    const size = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
    const place = this.#free.find(({ start, end }) => end - start >= size)
    if (place === undefined) return undefined
    const room = { address: place.start, bytes: size }
    place.start += size
    if (place.start === place.end) this.#free.splice(this.#free.indexOf(place), 1)
    return room
  }

  /** Gives a room back, once. */
  give({ address, bytes }: Room): void {
    const end = address + bytes
    const behind = this.#free.findIndex(({ start }) => start >= end)
    const index = behind < 0 ? this.#free.length : behind
    const before = this.#free[index - 1]
    const after = this.#free[index]
    if (before?.end === address && after?.start === end) {
      before.end = after.end
      this.#free.splice(index, 1)
    } else if (before?.end === address) before.end = end
    else if (after?.start === end) after.start = address
    else this.#free.splice(index, 0, { start: address, end })
  }

  /** Numbers of 32 bits in a room. */
  words({ address, bytes }: Room): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, bytes / Uint32Array.BYTES_PER_ELEMENT)
  }
}
