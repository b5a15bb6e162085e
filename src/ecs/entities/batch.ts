import type { Allocation, Reserve } from '../components/reserve.ts'

/** Those of {@link Batch}, of `GroupBatch`, and of `round-places.ts`. */
const WORDS = 48

/**
 * The state of a script's loop over a list of entities, or over groups of them: words of the ECS memory that the script and the runtime both
 * read and write. All scripts of a runtime share them, since only one runs at a time.
 */
export class Batch {
  readonly #reserve: Reserve
  readonly #allocation: Allocation
  /** See {@link address}. */
  readonly words: Uint32Array

  private constructor(reserve: Reserve, allocation: Allocation) {
    this.#reserve = reserve
    this.#allocation = allocation
    this.words = reserve.words(allocation)
  }

  /** Allocates a batch; returns `undefined` if it does not fit. */
  static in(reserve: Reserve | undefined): Batch | undefined {
    const allocation = reserve?.allocate(WORDS * Uint32Array.BYTES_PER_ELEMENT)
    return reserve === undefined || allocation === undefined ? undefined : new Batch(reserve, allocation)
  }

  /**
   * The address of the words: {@link at}, {@link end} and {@link isInterrupted}; then those of `GroupBatch`: the address of the bytes of groups,
   * `group`, the end of the range, the byte of a group that is run as full, `entity` and `left`. Loops over query results have the rest: see
   * `round-places.ts`.
   */
  get address(): number {
    return this.#allocation.address
  }

  /** The address of the current entity in the list; after the script has returned, of the next. */
  get at(): number {
    return this.words[0] as number
  }

  set at(address: number) {
    this.words[0] = address
  }

  /** The address after the last entity. */
  get end(): number {
    return this.words[1] as number
  }

  set end(address: number) {
    this.words[1] = address
  }

  /** Whether the script returns after the current entity. */
  get isInterrupted(): boolean {
    return this.words[2] !== 0
  }

  set isInterrupted(value: boolean) {
    this.words[2] = Number(value)
  }

  dispose(): void {
    this.#reserve.free(this.#allocation)
  }
}
