import { type Past, withPast } from '../past/past.ts'
import { type Breakpoint, readBreakpoint, type Watch } from './breakpoint.ts'
import { type PlacedBreakpoint, placeBreakpoints } from './breakpoint-places.ts'
import { HitTable, type TickHits } from './hit-table.ts'
import type { PastTicks, TickInput } from './past-ticks.ts'
import { findStops, type TickStops } from './tick-stops.ts'
import type { TickView } from './tick-view.ts'

/** A list of breakpoints, and where they stop in the ticks of a past. */
export class BreakpointStops {
  readonly #past: Past
  readonly #ticks: PastTicks
  #watches: readonly Watch[] = []
  /** The place of each watch in the list of breakpoints, and that of faults. */
  #ids: readonly number[] = []
  #faults: number | undefined
  #hits = new HitTable([])
  #stops = new WeakMap<TickView, TickStops>()

  constructor(past: Past, ticks: PastTicks) {
    this.#past = past
    this.#ticks = ticks
  }

  /** Replaces all breakpoints. Resolves with where each one is. */
  async replace(breakpoints: readonly Breakpoint[]): Promise<readonly PlacedBreakpoint[]> {
    const places = await withPast(this.#past, (parts) => placeBreakpoints(parts, breakpoints))
    const watches: Watch[] = []
    const ids: number[] = []
    let faults: number | undefined
    await withPast(this.#past, async (parts) => {
      for (const [id, breakpoint] of breakpoints.entries()) {
        const place = places[id]
        if (place?.isPlaced !== true) continue
        const watch = readBreakpoint(parts, 'line' in breakpoint ? { ...breakpoint, line: place.line ?? breakpoint.line } : breakpoint)
        if (watch === 'faults') faults = id
        else ids.push(id) && watches.push(watch)
      }
    })
    this.#watches = watches
    this.#ids = ids
    this.#faults = faults
    this.#hits = new HitTable(watches)
    this.#stops = new WeakMap()
    return places
  }

  /** Resolves with what was hit in a tick, which is found for many ticks at once. */
  hitsIn({ number, tick }: TickInput): Promise<TickHits> {
    return withPast(this.#past, (parts) => this.#hits.at(parts, number, tick))
  }

  /** Resolves with whether a tick may have a stop, from its hits. */
  async mayStop({ number }: TickInput, { counts }: TickHits): Promise<boolean> {
    if (this.#faults !== undefined) {
      const faults = await withPast(this.#past, async ({ moments }) => moments.checkAt(number)?.faults ?? 0)
      if (faults > 0) return true
    }
    return counts.some(
      (count, watch) => count > 0 && (this.#watches[watch]?.log === undefined || this.#watches[watch]?.isHit !== undefined),
    )
  }

  /** Resolves with where one stops in a tick, for which it is traced. */
  async stopsIn(tick: number): Promise<TickStops> {
    const view = await this.#ticks.viewOf(tick)
    const known = this.#stops.get(view)
    if (known !== undefined) return known
    const hits = await this.hitsIn({ number: await this.#ticks.numberOf(tick), tick })
    const stops = findStops(view, this.#watches, this.#ids, hits, await this.#countBefore(tick), this.#faults)
    this.#stops.set(view, stops)
    return stops
  }

  /** Returns how often each breakpoint was hit before a tick, if one of them counts. */
  async #countBefore(tick: number): Promise<readonly number[]> {
    const before = this.#watches.map(() => 0)
    if (this.#watches.every(({ isHit }) => isHit === undefined)) return before
    for (const each of await this.#ticks.all()) {
      if (each.tick >= tick) break
      const { counts } = await this.hitsIn(each)
      for (const [watch, count] of counts.entries()) before[watch] = (before[watch] ?? 0) + count
    }
    return before
  }
}
