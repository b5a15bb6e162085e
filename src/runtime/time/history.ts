import * as v from 'valibot'
import { ScriptError } from '../../errors.ts'
import { checkOptions, positive } from '../../options.ts'
import type { RestoreReport } from '../api/reports.ts'
import { captureGame } from '../image/game.ts'
import type { GameImage } from '../image/game-image.ts'
import { snapshotOf } from '../image/game-snapshot.ts'
import { PageStore } from '../image/page-store.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import { checkIdle, type Store, storeOf } from '../script/store.ts'

/** Options of {@link History}. */
export interface HistoryOptions {
  /** Seconds of game time to keep. @default 10 */
  readonly seconds?: number
  /** Bytes that the moments may take, at most 3 GiB. The oldest moments are dropped first. @default 268_435_456 */
  readonly bytes?: number
}

const DEFAULT_SECONDS = 10
const DEFAULT_BYTES = 256 * 1024 * 1024
/** Less than the 4 GiB of a WebAssembly memory, so that the next moment fits before the oldest is dropped. */
const MAX_BYTES = 3 * 1024 * 1024 * 1024

const historyOptions = v.strictObject({ seconds: v.optional(positive), bytes: v.optional(positive) }, 'an object of options')

/**
 * Keeps the last seconds of a game, one moment for each tick. The game can go back, go forward, and continue from any moment,
 * which drops the later ones. Moments share the pages of 16 KiB that did not change between them.
 *
 * @example
 * const history = new History(runtime, { seconds: 30 })
 * runtime.tick(1 / 60)
 * history.back()
 */
export class History {
  readonly #runtime: WasmScriptRuntime
  readonly #seconds: number
  readonly #maxBytes: number
  readonly #off: () => void
  readonly #store: Store
  #pages = new PageStore()
  readonly #moments: GameImage[] = []
  /** The index of the moment that the game is at. */
  #at = -1

  /**
   * Starts to record every tick of a runtime. The present is the first moment.
   *
   * @throws {ScriptError} InvalidOptions, HostError while scripts are running
   */
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

  /** Ticks completed at the oldest moment. @throws {ScriptError} Disposed */
  get first(): number {
    return this.#momentAt(0).tick
  }

  /** Ticks completed at the latest moment. @throws {ScriptError} Disposed */
  get last(): number {
    return this.#momentAt(this.#moments.length - 1).tick
  }

  /** Ticks completed at the moment that the game is at. @throws {ScriptError} Disposed */
  get tick(): number {
    return this.#momentAt(this.#at).tick
  }

  /** Bytes that all moments take. */
  get bytes(): number {
    return this.#pages.bytes
  }

  /**
   * Goes back by a number of ticks, or to the oldest moment.
   *
   * @throws {ScriptError} InvalidOptions, Disposed, HostError while scripts are running
   * @example
   * const { tick } = history.back(60)
   */
  back(ticks = 1): RestoreReport {
    return this.#go(this.#at - ticks)
  }

  /**
   * Goes forward by a number of ticks, or to the latest moment.
   *
   * @throws {ScriptError} InvalidOptions, Disposed, HostError while scripts are running
   * @example
   * history.forward(60)
   */
  forward(ticks = 1): RestoreReport {
    return this.#go(this.#at + ticks)
  }

  /**
   * Goes to the moment at which that many ticks were completed, or to the nearest one.
   *
   * @throws {ScriptError} InvalidOptions, Disposed, HostError while scripts are running
   * @example
   * history.goTo(history.first)
   */
  goTo(tick: number): RestoreReport {
    if (!Number.isInteger(tick)) throw new ScriptError('InvalidOptions', 'a tick must be a whole number')
    const next = this.#moments.findIndex((moment) => moment.tick > tick)
    return this.#go((next < 0 ? this.#moments.length : next) - 1)
  }

  /**
   * Stops recording and drops all moments. Further calls do nothing.
   *
   * @example
   * history.dispose()
   */
  dispose(): void {
    this.#off()
    this.#moments.length = 0
    this.#pages = new PageStore()
    this.#at = -1
  }

  /** Returns a moment. Throws `Disposed` if there are none. */
  #momentAt(index: number): GameImage {
    const moment = this.#moments[index]
    if (moment === undefined) throw new ScriptError('Disposed', 'the history has been disposed of')
    return moment
  }

  #record(): void {
    const { tick, time } = this.#store.clock
    // The game went back and continued from an earlier moment: the later ones no longer follow from it.
    const later = this.#moments.findIndex((moment) => moment.tick >= tick)
    if (later >= 0) this.#drop(later, this.#moments.length - later)
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
      return this.#runtime.restore(snapshotOf(this.#store, this.#momentAt(this.#at)))
    } catch (error) {
      this.#at = before
      throw error
    }
  }

  #drop(from: number, count: number): void {
    for (const moment of this.#moments.splice(from, count)) this.#pages.release(moment)
  }
}
