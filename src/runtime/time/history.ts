import * as v from 'valibot'
import { ScriptError } from '../../errors.ts'
import { checkOptions, positive } from '../../options.ts'
import { captureGame, type RestoreReport } from '../image/game.ts'
import type { GameImage } from '../image/game-image.ts'
import { PageStore } from '../image/page-store.ts'
import { Snapshot } from '../image/snapshot.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import { checkIdle, type Store, storeOf } from '../script/store.ts'

export interface HistoryOptions {
  /** Seconds of the game that are kept. @default 10 */
  readonly seconds?: number
  /** Bytes that they may take, at most 3 GiB. What is oldest goes first. @default 268_435_456 */
  readonly bytes?: number
}

const DEFAULT_SECONDS = 10
const DEFAULT_BYTES = 256 * 1024 * 1024
/** What one memory has room for, and some bytes for the pages of the next moment. */
const MAX_BYTES = 3 * 1024 * 1024 * 1024

const historyOptions = v.strictObject({ seconds: v.optional(positive), bytes: v.optional(positive) }, 'an object of options')

/**
 * The last seconds of a game, tick by tick: to step back, step forward, and go on from any moment, which makes another
 * future of it. Moments share the pages of 16 KiB in which nothing changed from one to the next.
 */
export class History {
  readonly #runtime: WasmScriptRuntime
  readonly #seconds: number
  readonly #maxBytes: number
  readonly #off: () => void
  readonly #store: Store
  #pages = new PageStore()
  /** Images that the store holds. */
  readonly #moments: GameImage[] = []
  /** The moment that the game is at. */
  #at = -1

  /** Records every tick of a runtime from now on. Throws `InvalidOptions`. */
  constructor(runtime: WasmScriptRuntime, options: HistoryOptions = {}) {
    checkOptions(historyOptions, options, 'History')
    const { seconds = DEFAULT_SECONDS, bytes = DEFAULT_BYTES } = options
    this.#store = storeOf(runtime)
    checkIdle(this.#store, 'new History')
    this.#runtime = runtime
    this.#seconds = seconds
    this.#maxBytes = Math.min(bytes, MAX_BYTES)
    this.#off = runtime.on('tick', () => this.#record())
    this.#record()
  }

  /** Ticks completed at the oldest moment that is kept. */
  get first(): number {
    return this.#momentAt(0).tick
  }

  /** Ticks completed at the latest moment that is kept. */
  get last(): number {
    return this.#momentAt(this.#moments.length - 1).tick
  }

  /** Ticks completed at the moment that the game is at. */
  get tick(): number {
    return this.#momentAt(this.#at).tick
  }

  /** Bytes that all moments take together. */
  get bytes(): number {
    return this.#pages.bytes
  }

  /** Goes back by so many ticks, or as far as is kept. Throws `InvalidOptions`, `HostError` while scripts are running. */
  back(ticks = 1): RestoreReport {
    return this.#go(this.#at - ticks)
  }

  /** Goes forward again, as far as the game went. Throws as `back` does. */
  forward(ticks = 1): RestoreReport {
    return this.#go(this.#at + ticks)
  }

  /** Goes to the moment after so many ticks, or the nearest that is kept. Throws as `back` does. */
  goTo(tick: number): RestoreReport {
    if (!Number.isInteger(tick)) throw new ScriptError('InvalidOptions', 'a tick must be a whole number')
    const behind = this.#moments.findIndex((moment) => moment.tick > tick)
    return this.#go((behind < 0 ? this.#moments.length : behind) - 1)
  }

  /** Stops recording and forgets everything. May be called again. */
  dispose(): void {
    this.#off()
    this.#moments.length = 0
    this.#pages = new PageStore()
    this.#at = -1
  }

  /** Throws `Disposed`. */
  #momentAt(index: number): GameImage {
    const moment = this.#moments[index]
    if (moment === undefined) throw new ScriptError('Disposed', 'the history has been disposed of')
    return moment
  }

  #record(): void {
    const { tick, time } = this.#store.clock
    // The moments that follow one to which the game went back are of a future that did not come.
    const future = this.#moments.findIndex((moment) => moment.tick >= tick)
    if (future >= 0) this.#drop(future, this.#moments.length - future)
    this.#moments.push(this.#pages.take((keeper) => captureGame(this.#store, keeper)))
    while (this.#moments.length > 1 && (this.bytes > this.#maxBytes || time - this.#momentAt(0).time > this.#seconds)) this.#drop(0, 1)
    this.#at = this.#moments.length - 1
  }

  #go(index: number): RestoreReport {
    if (!Number.isInteger(index)) throw new ScriptError('InvalidOptions', 'ticks must be a whole number')
    this.#momentAt(0)
    const before = this.#at
    this.#at = Math.max(0, Math.min(this.#moments.length - 1, index))
    try {
      return this.#runtime.restore(Snapshot.of(this.#store, this.#momentAt(this.#at)))
    } catch (error) {
      this.#at = before
      throw error
    }
  }

  #drop(from: number, count: number): void {
    for (const moment of this.#moments.splice(from, count)) this.#pages.release(moment)
  }
}
