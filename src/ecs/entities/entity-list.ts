import type { Reserve, Room } from '../components/reserve.ts'

const FEWEST = 64

/** A growing list of entities, which lies in the ECS memory as long as there is room. */
export class EntityList {
  readonly #reserve: Reserve | undefined
  #room: Room | undefined
  #array: Uint32Array

  constructor(reserve: Reserve | undefined) {
    this.#reserve = reserve
    this.#array = new Uint32Array(0)
    this.hold(FEWEST)
  }

  /** The entities, and room for more. Another array after {@link hold}. */
  get array(): Uint32Array {
    return this.#array
  }

  /** Where it lies in the ECS memory; `undefined` if it found no room there. */
  get address(): number | undefined {
    return this.#room?.address
  }

  /** Makes room for `count` entities. What the list held may be lost. */
  hold(count: number): void {
    if (count <= this.#array.length) return
    const length = Math.max(count, this.#array.length * 2, FEWEST)
    this.release()
    this.#room = this.#reserve?.take(length * Uint32Array.BYTES_PER_ELEMENT)
    this.#array = this.#room === undefined || this.#reserve === undefined ? new Uint32Array(length) : this.#reserve.words(this.#room)
  }

  /** Gives the room back: the list is empty. */
  release(): void {
    if (this.#room !== undefined) this.#reserve?.give(this.#room)
    this.#room = undefined
    this.#array = new Uint32Array(0)
  }
}
