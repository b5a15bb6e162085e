import type { LineCount, Trace } from '../../debug/index.ts'
import type { KeptPast } from './kept-past.ts'
import type { ScriptLine } from './line-counter.ts'
import { findHit, hitsIn } from './line-hits.ts'
import type { LineValues } from './line-values.ts'
import { indexOfSame } from './same-event.ts'
import type { DebugFilter, DebugPosition } from './viewed-events.ts'

/** What a cursor uses of its debugger. */
export interface CursorOptions {
  readonly past: KeptPast
  /** Returns the lines that breakpoints stand for. */
  readonly breakpoints: () => readonly ScriptLine[]
  /** Pauses the game. */
  readonly pause: () => void
  /** Called after every change. */
  readonly changed: () => void
}

/** Moves from event to event of the past: it has a tick run again, and says which of its events is looked at. */
export class DebugCursor {
  /** Which events of a tick are shown, from the next move on. */
  filter: DebugFilter = {}
  readonly #options: CursorOptions
  #position: DebugPosition | undefined
  #traced: { readonly trace: Trace; readonly filter: DebugFilter } | undefined
  #values: { readonly of: DebugPosition | undefined; readonly found: readonly LineValues[] } | undefined
  #counts: { readonly of: Trace | undefined; readonly found: readonly LineCount[] } | undefined
  #problem: string | undefined
  /** Increases with every move, so that one which was overtaken ends. */
  #turn = 0
  /** Moves that have not ended. */
  #moves = 0

  constructor(options: CursorOptions) {
    this.#options = options
  }

  get isBusy(): boolean {
    return this.#moves > 0
  }

  get position(): DebugPosition | undefined {
    return this.#position
  }

  /** What went wrong last; `undefined` after a move that succeeded. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** What the lines came to in the call at hand. */
  get values(): readonly LineValues[] {
    const { trace, index = -1 } = this.#position ?? {}
    if (trace === undefined || index < 0) return []
    if (this.#values?.of !== this.#position)
      this.#values = { of: this.#position, found: this.#options.past.opened?.lineValues(trace, index) ?? [] }
    return this.#values?.found ?? []
  }

  /** How often each line began in the tick at hand. */
  get lineCounts(): readonly LineCount[] {
    const { trace } = this.#position ?? {}
    if (this.#counts?.of !== trace) this.#counts = { of: trace, found: trace?.lineCounts ?? [] }
    return this.#counts?.found ?? []
  }

  /** Shows other events of the tick at hand. */
  async setFilter(filter: DebugFilter): Promise<void> {
    this.filter = filter
    const { tick, moment } = this.#position ?? {}
    if (tick === undefined) this.#options.changed()
    else await this.goTo(tick, (trace) => (moment === undefined ? trace.from : indexOfSame(trace, moment)))
  }

  /** Goes to an event of a tick, whose index `choose` returns; to the tick itself if it has no events. */
  async goTo(tick: number, choose: (trace: Trace) => number): Promise<void> {
    await this.#busy(async () => {
      const turn = ++this.#turn
      const { position } = this
      const isSame = position?.tick === tick && position.trace === this.#traced?.trace && this.#traced.filter === this.filter
      const trace = isSame ? position.trace : await this.#trace(tick)
      if (trace !== undefined && turn === this.#turn) this.#show(tick, trace, trace.length === 0 ? -1 : choose(trace))
    })
  }

  /** Moves by a number of events, over the ends of the tick into the one beside it. */
  async step(by: number): Promise<void> {
    const { ticks } = this.#options.past
    if (this.#position === undefined || ticks === undefined) return
    const { tick, trace, index } = this.#position
    const [first, last] = [trace.from, trace.from + trace.length - 1]
    const wanted = index + by
    if (index >= 0 && wanted >= first && wanted <= last) this.#show(tick, trace, wanted)
    else if (by < 0 && tick > ticks.first) await this.goTo(tick - 1, ({ from, length }) => from + length - 1)
    else if (by > 0 && tick < ticks.last) await this.goTo(tick + 1, ({ from }) => from)
    else if (index >= 0) this.#show(tick, trace, Math.max(first, Math.min(last, wanted)))
  }

  /** Goes to the nearest line with a breakpoint in a direction. Resolves with whether there is one. */
  async goToHit(direction: 'back' | 'forward'): Promise<boolean> {
    const isBack = direction === 'back'
    const here = this.#position
    const within = here === undefined ? [] : this.#hitsOf(here.trace).filter((each) => (isBack ? each < here.index : each > here.index))
    const next = isBack ? Math.max(...within) : Math.min(...within)
    if (here !== undefined && within.length > 0) {
      this.#show(here.tick, here.trace, next)
      return true
    }
    const from = here?.tick
    const turn = ++this.#turn
    return this.#busy(async () => {
      for (let tick = await this.#findHit(direction, from); tick !== undefined; tick = await this.#findHit(direction, tick)) {
        const trace = await this.#trace(tick)
        const hits = trace === undefined ? [] : this.#hitsOf(trace)
        const hit = isBack ? hits.at(-1) : hits[0]
        if (turn !== this.#turn) return true
        if (trace === undefined || hit === undefined) continue
        this.#options.past.opened?.marks.add(tick, 'hit')
        this.#show(tick, trace, hit)
        return true
      }
      return false
    })
  }

  /** Goes to the first line with a breakpoint that ran in a tick, which has just ended. */
  async stopAt(tick: number): Promise<void> {
    const { ticks, opened } = this.#options.past
    // While the first ticks after a reload are on probation, none is kept: the game goes on to one that can be shown.
    if (ticks === undefined || tick < ticks.first) return
    this.#options.pause()
    opened?.marks.add(tick, 'hit')
    const { script, entity } = this.filter
    // The line may have run for another script or entity than those that are looked at.
    const mayHide = entity !== undefined || (script !== undefined && this.#options.breakpoints().some((line) => line.script !== script))
    if (mayHide) this.filter = {}
    await this.goTo(tick, (trace) => this.#hitsOf(trace)[0] ?? trace.from)
  }

  /** Leaves the past. Moves that have not ended show nothing. */
  leave(): void {
    this.#turn++
    this.#position = undefined
    this.#problem = undefined
  }

  /** Notes what went wrong. */
  fail(error: unknown): void {
    this.#problem = error instanceof Error ? error.message : String(error)
    this.#options.changed()
  }

  async #trace(tick: number): Promise<Trace | undefined> {
    this.#options.pause()
    const filter = this.filter
    const { script, entity } = filter
    const { opened } = this.#options.past
    const trace = await opened?.past.trace(tick, { ...(script && { scripts: [script] }), ...(entity !== undefined && { entity }) })
    if (trace !== undefined) this.#traced = { trace, filter }
    return trace
  }

  #hitsOf(trace: Trace): readonly number[] {
    return hitsIn(trace, this.#options.breakpoints())
  }

  async #findHit(direction: 'back' | 'forward', from: number | undefined): Promise<number | undefined> {
    const { script } = this.filter
    const lines = this.#options.breakpoints().filter((line) => script === undefined || line.script === script)
    const { opened } = this.#options.past
    return opened && findHit(opened.past, lines, direction, from)
  }

  #show(tick: number, trace: Trace, index: number): void {
    this.#position = { tick, trace, index, moment: index < 0 ? undefined : trace.at(index) }
    this.#problem = undefined
    this.#options.changed()
  }

  async #busy<Result>(work: () => Promise<Result>): Promise<Result | false> {
    const { opened } = this.#options.past
    this.#moves++
    this.#options.changed()
    try {
      return await work()
    } catch (error) {
      // What it looked at is dropped.
      if (this.#options.past.opened !== opened) return false
      this.fail(error)
      return false
    } finally {
      this.#moves--
      this.#options.changed()
    }
  }
}
