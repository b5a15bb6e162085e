import type { World } from 'bitecs'
import { contextOf } from '../components/bitecs-internals.ts'
import type { Allocation, Reserve } from '../components/reserve.ts'
import { ScriptState } from './script-state.ts'

const GROUP = 4
const NO_MASK: readonly number[] = []
/** So many components have a place. Groups leave to ask about others. */
const MAX_COMPONENTS = 16

interface Holders {
  readonly component: object
  readonly allocation: Allocation
  readonly bytes: Uint8Array
}

/**
 * Which entities have a component, as `EntityGroups` says which a script runs on: a byte of the ECS memory for each group of four. They are
 * written before groups run, and again after a group has left, whose entities may have changed anything. So no change needs to be observed: an
 * observer would register a query, which slows down every change of the world and raises its price.
 */
export class ComponentHolders {
  readonly #reserve: Reserve
  readonly #size: number
  readonly #byComponent = new Map<object, number>()
  readonly #byAddress = new Map<number, Holders>()

  /** Has place for no component yet. Entities that scripts ask about are below the capacity. */
  constructor(reserve: Reserve, capacity: number) {
    this.#reserve = reserve
    this.#size = Math.ceil(capacity / GROUP)
  }

  /** Returns the address of the bytes for a component; `undefined` if they find no place in the ECS memory. All scripts of a runtime share them. */
  addressOf(component: object): number | undefined {
    const known = this.#byComponent.get(component)
    if (known !== undefined || this.#byAddress.size === MAX_COMPONENTS) return known
    const allocation = this.#reserve.allocate(this.#size)
    if (allocation === undefined) return undefined
    const { address, bytes } = allocation
    this.#byComponent.set(component, address)
    this.#byAddress.set(address, { component, allocation, bytes: new Uint8Array(this.#reserve.memory.buffer, address, bytes) })
    return address
  }

  /** Writes who has the components whose bytes are at some addresses, in a range of groups. The answers are those of `hasNamed`. */
  update(world: World, addresses: readonly number[], from: number, to: number): void {
    const { componentMap, entityMasks } = contextOf(world)
    const script = componentMap.get(ScriptState)
    for (const address of addresses) {
      const { component, bytes } = this.#byAddress.get(address) as Holders
      const data = componentMap.get(component)
      const mask = data && entityMasks[data.generationId]
      if (data === undefined || mask === undefined) {
        bytes.fill(0, from, to)
        continue
      }
      const isTogether = script?.generationId === data.generationId
      writeHolders(bytes, mask, data.bitflag, isTogether ? script.bitflag : 0, from, to)
      // The entities of scripts are not in the game.
      if (script !== undefined && !isTogether) leaveOut(bytes, entityMasks[script.generationId] ?? NO_MASK, script.bitflag, from, to)
    }
  }

  dispose(): void {
    for (const { allocation } of this.#byAddress.values()) this.#reserve.free(allocation)
  }
}

/** Writes which entities have a bit and not another. */
function writeHolders(bytes: Uint8Array, mask: readonly number[], bit: number, without: number, from: number, to: number): void {
  const tested = bit | without
  const end = Math.min(to, Math.ceil(mask.length / GROUP))
  for (let group = from; group < end; group++) {
    const first = group * GROUP
    let holders = 0
    // Masks have holes where no entity had a component.
    if (((mask[first] ?? 0) & tested) === bit) holders = 1
    if (((mask[first + 1] ?? 0) & tested) === bit) holders |= 2
    if (((mask[first + 2] ?? 0) & tested) === bit) holders |= 4
    if (((mask[first + 3] ?? 0) & tested) === bit) holders |= 8
    bytes[group] = holders
  }
  if (end < to) bytes.fill(0, Math.max(from, end), to)
}

/** Takes out the entities that have a bit, who are few. */
function leaveOut(bytes: Uint8Array, mask: readonly number[], bit: number, from: number, to: number): void {
  for (let group = from; group < to; group++) {
    if (bytes[group] === 0) continue
    for (let lane = 0; lane < GROUP; lane++) {
      if (((mask[group * GROUP + lane] ?? 0) & bit) !== 0) bytes[group] = (bytes[group] as number) & ~(1 << lane)
    }
  }
}
