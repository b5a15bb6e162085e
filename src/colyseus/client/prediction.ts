import { type Snapshot, setClock } from '../../index.ts'
import type { NetworkId } from '../sync/sync.ts'
import type { Cast, Replica } from './replica.ts'
import type { ServerState } from './server-state.ts'
import { TickRing } from './tick-ring.ts'

/** What a seat does in a tick: numbers by name. */
export type Input = Readonly<Record<string, number>>

/** What a frame of the server did to a prediction. */
export interface Reconciliation {
  /** The tick of the frame. */
  readonly tick: number
  /** The entities that were predicted wrong. */
  readonly corrected: readonly NetworkId[]
  /** The ticks that ran again. */
  readonly replayed: number
}

export interface PredictionOptions {
  readonly replica: Replica
  /** Seconds of a tick. */
  readonly dt: number
  /** How many ticks are kept. A frame that is older is taken as it is, without the inputs since. */
  readonly ticks: number
  /** Applies an input to the entity of a seat, as the server does. */
  readonly applyInput: (entity: number, input: Input) => void
}

/** A tick that was predicted. */
interface PredictedTick {
  readonly input: Input | undefined
  readonly cast: Cast
  /** What {@link Replica.capture} gave after the tick. */
  readonly values: Float64Array
  /** The game after the tick. Ticks that ran again have none: few of them are needed. */
  readonly snapshot: Snapshot | undefined
}

/**
 * A game that runs ahead of its server. It keeps a snapshot of each tick until the server's frame of that tick comes. If the frame
 * differs from what was predicted, by more than the rounding of its values, the game goes back to the frame, and the later inputs run again.
 */
export class Prediction {
  readonly #replica: Replica
  readonly #options: PredictionOptions
  readonly #ring: TickRing<PredictedTick>
  #tick = 0
  #confirmed = -1
  /** The time of a tick, as a server adds it up. */
  #clock = { tick: 0, time: 0 }

  constructor(options: PredictionOptions) {
    this.#replica = options.replica
    this.#options = options
    this.#ring = new TickRing(options.ticks)
  }

  /** The ticks that the game has completed. */
  get tick(): number {
    return this.#tick
  }

  /** The tick of the newest frame that was taken; -1 before the first. */
  get confirmed(): number {
    return this.#confirmed
  }

  /** How many ticks are kept. */
  get size(): number {
    return this.#ring.size
  }

  /** The input of a tick, until the frame of a later one has come. */
  inputOf(tick: number): Input | undefined {
    return this.#ring.get(tick)?.input
  }

  /** Runs the next tick. */
  step(input: Input | undefined): void {
    this.#run(input)
    this.#keep(input, true)
  }

  /**
   * Returns the value of a field between the tick before (0) and the tick that the game is at (1); `undefined` for an entity that is not
   * predicted.
   */
  valueBetween(id: NetworkId, index: number, part: number): number | undefined {
    const now = this.#valueAt(this.#tick, id, index)
    if (now === undefined) return undefined
    const before = this.#valueAt(this.#tick - 1, id, index) ?? now
    return before + (now - before) * part
  }

  /** Takes the newest frame of the server. */
  take(state: ServerState): Reconciliation {
    const { tick } = state
    const replica = this.#replica
    this.#confirmed = tick
    replica.removeStrays(tick)
    const predicted = this.#ring.get(tick)
    if (predicted === undefined || tick > this.#tick) {
      this.#adopt(state)
      return { tick, corrected: [], replayed: 0 }
    }
    const corrected = replica.differences(state, predicted.cast, predicted.values)
    // That an entity came or went is no mistake of the prediction, but the ticks that ran without it run again.
    const changes = replica.changes(state)
    if (corrected.length > 0 || changes?.isPredicted === true) return { tick, corrected, replayed: this.#correct(state) }
    replica.align(state, changes)
    replica.write(state, 'unpredicted')
    this.#ring.dropBefore(tick)
    return { tick, corrected, replayed: 0 }
  }

  /** Takes the frame as it is. */
  #adopt(state: ServerState): void {
    this.#ring.clear()
    this.#tick = state.tick
    this.#write(state)
    setClock(this.#replica.game.runtime, this.#clockOf(state.tick))
    this.#keep(undefined, true)
  }

  /** Goes back to the frame, and runs the later inputs again. Returns how many ticks those are. */
  #correct(state: ServerState): number {
    const { tick } = state
    const ring = this.#ring
    const target = this.#tick
    const input = ring.get(tick)?.input
    const base = ring.latest(tick, ({ snapshot }) => snapshot !== undefined)
    if (base !== undefined) {
      const [at, { snapshot, cast }] = base
      this.#replica.game.runtime.restore(snapshot as Snapshot)
      this.#replica.assume(cast)
      this.#tick = at
      while (this.#tick < tick) this.#run(ring.get(this.#tick + 1)?.input)
    }
    this.#tick = tick
    this.#write(state)
    this.#keep(input, true)
    ring.dropBefore(tick)
    while (this.#tick < target) {
      const next = ring.get(this.#tick + 1)?.input
      this.#run(next)
      this.#keep(next, false)
    }
    return target - tick
  }

  #write(state: ServerState): void {
    this.#replica.align(state)
    this.#replica.write(state, 'all')
  }

  #valueAt(tick: number, id: NetworkId, index: number): number | undefined {
    const kept = this.#ring.get(tick)
    return kept && this.#replica.captured(kept.cast, kept.values, id, index)
  }

  #clockOf(tick: number): { readonly tick: number; readonly time: number } {
    if (tick < this.#clock.tick) this.#clock = { tick: 0, time: 0 }
    for (; this.#clock.tick < tick; this.#clock.tick++) this.#clock.time += this.#options.dt
    return { ...this.#clock }
  }

  #run(input: Input | undefined): void {
    const { dt, applyInput } = this.#options
    const { ownEntity, game } = this.#replica
    if (input !== undefined && ownEntity !== undefined) applyInput(ownEntity, input)
    game.runtime.tick(dt)
    this.#tick++
    this.#replica.noteStrays(this.#tick)
  }

  #keep(input: Input | undefined, withSnapshot: boolean): void {
    const replica = this.#replica
    const snapshot = withSnapshot ? replica.game.runtime.snapshot() : undefined
    this.#ring.set(this.#tick, { input, cast: replica.cast, values: replica.capture(), snapshot })
  }
}
