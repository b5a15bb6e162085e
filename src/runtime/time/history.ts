import { ScriptError } from '../../errors.ts'
import type { RestoreReport } from '../image/game.ts'
import { type PagedImage, packImage, pagesOf, unpackImage } from '../image/paged-image.ts'
import { imageIn, Snapshot } from '../image/snapshot.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import { storeOf } from '../script/store.ts'

export interface HistoryOptions {
  /** Seconds of the game that are kept. @default 10 */
  readonly seconds?: number
  /** Bytes that they may take. What is oldest goes first. @default 268_435_456 */
  readonly bytes?: number
}

interface Moment {
  readonly tick: number
  readonly time: number
  readonly image: PagedImage
}

const DEFAULT_SECONDS = 10
const DEFAULT_BYTES = 256 * 1024 * 1024

/**
 * The last seconds of a game, tick by tick: to step back, step forward, and go on from any moment, which makes another
 * future of it. Moments share the pages of 16 KiB in which nothing changed from one to the next.
 */
export class History {
  readonly #runtime: WasmScriptRuntime
  readonly #seconds: number
  readonly #mostBytes: number
  readonly #off: () => void
  readonly #moments: Moment[] = []
  /** How many moments hold a page. */
  readonly #holders = new Map<Uint8Array, number>()
  #bytes = 0
  /** The moment that the game is at. */
  #at = -1

  /** Records every tick of a runtime from now on. Throws `InvalidOptions`. */
  constructor(runtime: WasmScriptRuntime, options: HistoryOptions = {}) {
    const { seconds = DEFAULT_SECONDS, bytes = DEFAULT_BYTES, ...unknown } = options
    for (const name of Object.keys(unknown))
      throw new ScriptError('InvalidOptions', `History has no option '${name}'; it takes seconds and bytes`)
    for (const [name, value] of Object.entries({ seconds, bytes })) {
      if (typeof value !== 'number' || !(value > 0))
        throw new ScriptError('InvalidOptions', `${name} must be a number above 0, not ${String(value)}`)
    }
    storeOf(runtime)
    this.#runtime = runtime
    this.#seconds = seconds
    this.#mostBytes = bytes
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
    return this.#bytes
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
    this.#drop(0, this.#moments.length)
    this.#at = -1
  }

  /** Throws `Disposed`. */
  #momentAt(index: number): Moment {
    const moment = this.#moments[index]
    if (moment === undefined) throw new ScriptError('Disposed', 'the history has been disposed of')
    return moment
  }

  #record(): void {
    const image = imageIn(this.#runtime.snapshot())
    // What was the future of a moment that the game went back to is none any more.
    const future = this.#moments.findIndex(({ tick }) => tick >= image.tick)
    if (future >= 0) this.#drop(future, this.#moments.length - future)
    const paged = packImage(image, this.#moments.at(-1)?.image)
    this.#moments.push({ tick: image.tick, time: image.time, image: paged })
    for (const page of pagesOf(paged)) {
      const holders = this.#holders.get(page) ?? 0
      if (holders === 0) this.#bytes += page.length
      this.#holders.set(page, holders + 1)
    }
    while (this.#moments.length > 1 && (this.#bytes > this.#mostBytes || image.time - (this.#moments[0] as Moment).time > this.#seconds))
      this.#drop(0, 1)
    this.#at = this.#moments.length - 1
  }

  #go(index: number): RestoreReport {
    if (!Number.isInteger(index)) throw new ScriptError('InvalidOptions', 'ticks must be a whole number')
    this.#momentAt(0)
    this.#at = Math.max(0, Math.min(this.#moments.length - 1, index))
    const { image } = this.#momentAt(this.#at)
    return this.#runtime.restore(Snapshot.of(storeOf(this.#runtime), unpackImage(image)))
  }

  #drop(from: number, count: number): void {
    for (const { image } of this.#moments.splice(from, count)) {
      for (const page of pagesOf(image)) {
        const holders = (this.#holders.get(page) as number) - 1
        if (holders > 0) this.#holders.set(page, holders)
        else {
          this.#holders.delete(page)
          this.#bytes -= page.length
        }
      }
    }
  }
}
