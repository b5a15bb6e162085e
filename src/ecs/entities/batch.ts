import type { Reserve, Room } from '../components/reserve.ts'

const WORDS = 3

/**
 * How a script that walks a list of entities by itself and the runtime talk meanwhile: three words of the ECS memory. All
 * scripts of a runtime share them, since only one runs at a time.
 */
export class Batch {
  readonly #reserve: Reserve
  readonly #room: Room
  readonly #words: Uint32Array

  private constructor(reserve: Reserve, room: Room) {
    this.#reserve = reserve
    this.#room = room
    this.#words = reserve.words(room)
  }

  /** `undefined` if there is no room for it. */
  static in(reserve: Reserve | undefined): Batch | undefined {
    const room = reserve?.take(WORDS * Uint32Array.BYTES_PER_ELEMENT)
    return reserve === undefined || room === undefined ? undefined : new Batch(reserve, room)
  }

  /** Where the words lie: {@link at}, {@link end} and {@link interrupted}. */
  get address(): number {
    return this.#room.address
  }

  /** Address of the entity whose turn it is; once the script returned, of the next. */
  get at(): number {
    return this.#words[0] as number
  }

  set at(address: number) {
    this.#words[0] = address
  }

  /** Address behind the last entity. */
  get end(): number {
    return this.#words[1] as number
  }

  set end(address: number) {
    this.#words[1] = address
  }

  /** Whether the script shall return after the entity whose turn it is. */
  get interrupted(): boolean {
    return this.#words[2] !== 0
  }

  set interrupted(yes: boolean) {
    this.#words[2] = Number(yes)
  }

  dispose(): void {
    this.#reserve.give(this.#room)
  }
}
