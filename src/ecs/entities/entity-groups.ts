import type { Allocation, Reserve } from '../components/reserve.ts'

/** Entities of a group: those with the ids 4n to 4n + 3. */
const GROUP = 4
const GROUP_SHIFT = 2
/** The byte of a group with all four entities. */
export const FULL_GROUP = 15
/** Scripts read the bytes of eight groups at once. */
const PADDING = 8

/** A set of entities as a byte for each group of four, in the ECS memory: bit n says that the n-th entity of the group is there. */
export class EntityGroups {
  readonly #reserve: Reserve
  readonly #allocation: Allocation
  readonly #capacity: number
  readonly #bytes: Uint8Array
  /** The number of entities. */
  count = 0
  /** The number of groups with any entity, and of those with all four. */
  occupied = 0
  full = 0
  /** The number of groups up to the last that had an entity. */
  end = 0

  private constructor(reserve: Reserve, allocation: Allocation, capacity: number) {
    this.#reserve = reserve
    this.#allocation = allocation
    this.#capacity = capacity
    this.#bytes = new Uint8Array(reserve.memory.buffer, allocation.address, allocation.bytes)
    this.clear()
  }

  /** Makes a set of entities below a capacity; returns `undefined` if it does not fit. */
  static in(reserve: Reserve | undefined, capacity: number): EntityGroups | undefined {
    const allocation = reserve?.allocate(Math.ceil(capacity / GROUP) + PADDING)
    return reserve === undefined || allocation === undefined ? undefined : new EntityGroups(reserve, allocation, capacity)
  }

  /** The address of the bytes. */
  get address(): number {
    return this.#allocation.address
  }

  /** Adds or removes an entity. One at or above the capacity is left out. */
  set(entity: number, isThere: boolean): void {
    if (entity >= this.#capacity) return
    const group = entity >>> GROUP_SHIFT
    const bit = 1 << (entity & (GROUP - 1))
    const before = this.#bytes[group] as number
    const after = isThere ? before | bit : before & ~bit
    if (after === before) return
    this.#bytes[group] = after
    this.count += isThere ? 1 : -1
    this.occupied += Number(after !== 0) - Number(before !== 0)
    this.full += Number(after === FULL_GROUP) - Number(before === FULL_GROUP)
    if (group >= this.end) this.end = group + 1
  }

  clear(): void {
    this.#bytes.fill(0)
    this.count = 0
    this.occupied = 0
    this.full = 0
    this.end = 0
  }

  dispose(): void {
    this.#reserve.free(this.#allocation)
  }
}
