import type { Allocation, Reserve } from '../components/reserve.ts'

const MIN_LENGTH = 64

/** A growing list of entities. It lies in the ECS memory as long as it fits there, and in memory of its own otherwise. */
export class EntityList {
  readonly #reserve: Reserve | undefined
  #allocation: Allocation | undefined
  #array: Uint32Array

  constructor(reserve: Reserve | undefined) {
    this.#reserve = reserve
    this.#array = new Uint32Array(0)
    this.ensureLength(MIN_LENGTH)
  }

  /** The entities, with space for more. {@link ensureLength} may replace the array. */
  get array(): Uint32Array {
    return this.#array
  }

  /** The address in the ECS memory; `undefined` if the list is not there. */
  get address(): number | undefined {
    return this.#allocation?.address
  }

  /** Makes the array at least `count` elements long. Its content may be lost. */
  ensureLength(count: number): void {
    if (count <= this.#array.length) return
    const length = Math.max(count, this.#array.length * 2, MIN_LENGTH)
    this.release()
    this.#allocation = this.#reserve?.allocate(length * Uint32Array.BYTES_PER_ELEMENT)
    this.#array =
      this.#allocation === undefined || this.#reserve === undefined ? new Uint32Array(length) : this.#reserve.words(this.#allocation)
  }

  /** Frees the list's memory. The array is empty afterwards. */
  release(): void {
    if (this.#allocation !== undefined) this.#reserve?.free(this.#allocation)
    this.#allocation = undefined
    this.#array = new Uint32Array(0)
  }
}
