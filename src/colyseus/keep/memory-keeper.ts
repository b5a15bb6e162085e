import * as v from 'valibot'
import { ScriptError } from '../../index.ts'
import { checkOptions, positive } from '../../options.ts'
import { claimLost, TickOrder } from './claim-rules.ts'
import type { ClaimState, Keeper, KeptAbout, KeptRoom, KeptSnapshot, KeptTick, RoomClaim } from './keeper.ts'

/** Options of {@link memoryKeeper}. */
export interface MemoryKeeperOptions {
  /** Seconds between two snapshots of a room. @default 10 */
  readonly snapshot?: number
}

const memoryKeeperOptions = v.strictObject({ snapshot: v.optional(positive) }, 'an object of options')

/** A room that is kept. */
interface Place {
  epoch: number
  snapshot: KeptSnapshot | undefined
  ticks: KeptTick[]
  holder: MemoryClaim | undefined
}

/**
 * Returns a keeper in the memory of this process: a room that was disposed of can be created again by its id. Give all rooms the same one.
 *
 * @throws {ScriptError} InvalidOptions
 * @example
 * const kept = memoryKeeper()
 * class Arena extends ScriptRoom {
 *   keep = kept
 * }
 */
export function memoryKeeper(options: MemoryKeeperOptions = {}): Keeper {
  checkOptions(memoryKeeperOptions, options, 'memoryKeeper')
  const places = new Map<string, Place>()
  return Object.freeze({
    snapshot: options.snapshot ?? 10,
    strict: false,
    async claim(roomId: string, _about: KeptAbout): Promise<RoomClaim> {
      const place = places.get(roomId) ?? { epoch: 0, snapshot: undefined, ticks: [], holder: undefined }
      if (place.holder !== undefined) throw new ScriptError('LoadFailed', `the room '${roomId}' runs already`)
      places.set(roomId, place)
      place.epoch++
      const claim = new MemoryClaim(roomId, place, () => places.delete(roomId))
      place.holder = claim
      return claim
    },
  })
}

class MemoryClaim implements RoomClaim {
  readonly roomId: string
  readonly epoch: number
  readonly kept: KeptRoom | undefined
  readonly wantsSnapshot = false
  readonly #order: TickOrder
  readonly #place: Place
  readonly #forget: () => void

  constructor(roomId: string, place: Place, forget: () => void) {
    const { epoch, snapshot, ticks } = place
    this.roomId = roomId
    this.epoch = epoch
    this.kept = snapshot && { snapshot, ticks: [...ticks] }
    this.#order = new TickOrder(this.kept)
    this.#place = place
    this.#forget = forget
  }

  get state(): ClaimState {
    return this.#place.holder === this ? 'held' : 'lost'
  }

  async append(tick: number, entry: Uint8Array): Promise<void> {
    this.#check()
    this.#order.append(tick)
    this.#place.ticks.push({ tick, entry: new Uint8Array(entry) })
  }

  async save(tick: number, bytes: Uint8Array): Promise<void> {
    this.#check()
    this.#order.save(tick)
    this.#place.snapshot = { tick, bytes: new Uint8Array(bytes) }
    this.#place.ticks = []
  }

  async release(): Promise<void> {
    if (this.state === 'held') this.#place.holder = undefined
  }

  async forget(): Promise<void> {
    if (this.state !== 'held') return
    await this.release()
    this.#forget()
  }

  /** Nobody else can claim a room of this process. */
  onLost(): () => void {
    return () => undefined
  }

  #check(): void {
    if (this.state === 'lost') throw claimLost(this.roomId)
  }
}
