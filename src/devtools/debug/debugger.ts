import type { FieldRead, FieldWriter, LineCount, ProfiledLine, Trace, TraceMoment } from '../../debug/index.ts'
import type { WasmScriptRuntime } from '../../index.ts'
import type { ScriptLine } from './line-counter.ts'
import { findHit, hitsIn } from './line-hits.ts'
import type { LineValues } from './line-values.ts'
import { type OpenedPast, openPast } from './opened-past.ts'
import { indexOfSame } from './same-event.ts'
import type { MarkKind } from './tick-marks.ts'
import { WantedCounter } from './wanted-counter.ts'

/** Which events of a tick are shown. */
export interface DebugFilter {
  /** The name of a script. @default all scripts */
  readonly script?: string
  /** Only what runs on this entity. @default everything that runs */
  readonly entity?: number
}

/** An event of the past that is looked at. */
export interface DebugPosition {
  /** The number of the tick, as its report has it. */
  readonly tick: number
  /** What the tick did as it ran again. */
  readonly trace: Trace
  /** The number of the event in the trace; -1 if the trace is empty. */
  readonly index: number
  /** The event, and the functions that run. `undefined` if the trace is empty. */
  readonly moment: TraceMoment | undefined
}

/** Options of a {@link Debugger}. */
export interface DebuggerOptions {
  /** The controls of the game's time: it is paused while the past is looked at. @default none: the game goes on */
  readonly controls?: { paused: boolean }
  /** Seconds of game time to keep. @default 30 */
  readonly seconds?: number
  /** Bytes that the past may take. @default 134_217_728 */
  readonly bytes?: number
}

/** Writes of one tick that are looked at to find the one that a read found. */
const MAX_WRITERS = 20

/**
 * Looks at the past of a game in a page: a tick, and an event of it. The inspector shows it and an editor follows it, if both have the same one.
 * Nothing is kept before it is opened.
 *
 * @example
 * const debug = new Debugger(runtime, { controls: loop })
 * mountInspector(runtime, { controls: loop, debugger: debug })
 * debug.on(() => editor.show(debug.position, debug.values))
 */
export class Debugger {
  readonly #runtime: WasmScriptRuntime
  readonly #options: DebuggerOptions
  readonly #listeners = new Set<() => void>()
  readonly #counter: WantedCounter
  #breakpoints: readonly ScriptLine[] = []
  #opening: Promise<OpenedPast> | undefined
  #opened: OpenedPast | undefined
  #position: DebugPosition | undefined
  #filter: DebugFilter = {}
  #traced: { readonly trace: Trace; readonly filter: DebugFilter } | undefined
  #values: { readonly of: DebugPosition | undefined; readonly found: readonly LineValues[] } | undefined
  #counts: { readonly of: Trace | undefined; readonly found: readonly LineCount[] } | undefined
  #problem: string | undefined
  /** Whether it paused the game. */
  #hasPaused = false
  /** Increases with every move, so that one which was overtaken ends. */
  #turn = 0
  /** Moves that have not ended. */
  #moves = 0
  #isHot = false
  #isDisposed = false

  /** Makes a debugger that is closed. */
  constructor(runtime: WasmScriptRuntime, options: DebuggerOptions = {}) {
    this.#runtime = runtime
    this.#options = options
    const isWanted = (): boolean => this.#isHot || (this.#opened !== undefined && this.#breakpoints.length > 0)
    this.#counter = new WantedCounter(runtime, isWanted, {
      watched: () => (this.#opened === undefined || this.#position !== undefined ? [] : this.#breakpoints),
      onHit: (tick) => void this.#stopAt(tick),
    })
  }

  /** Whether it keeps the past of the game. */
  get isOpen(): boolean {
    return this.#opened !== undefined
  }

  /** Whether it runs a tick again, or looks for one. */
  get isBusy(): boolean {
    return this.#moves > 0
  }

  /** The event that is looked at; `undefined` while the game is. */
  get position(): DebugPosition | undefined {
    return this.#position
  }

  /** Which events of a tick are shown. */
  get filter(): DebugFilter {
    return this.#filter
  }

  /** The breakpoints of all scripts. */
  get breakpoints(): readonly ScriptLine[] {
    return this.#breakpoints
  }

  /** What went wrong last; `undefined` after a move that succeeded. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** The first and the last tick that can be looked at, and the bytes that they take; `undefined` if it is not open, or no tick is kept yet. */
  get kept(): { readonly first: number; readonly last: number; readonly bytes: number } | undefined {
    const past = this.#opened?.past
    if (past === undefined || past.first > past.last) return undefined
    return { first: past.first, last: past.last, bytes: past.bytes }
  }

  /** The ticks at which something happened while it was open. */
  get marks(): ReadonlyMap<number, ReadonlySet<MarkKind>> {
    const first = this.#opened?.past.first
    if (first !== undefined) this.#opened?.marks.dropBefore(first)
    return this.#opened?.marks.all ?? new Map()
  }

  /** What the lines came to in the call at hand: the locals that changed, and the fields that were written. */
  get values(): readonly LineValues[] {
    const { trace, index = -1 } = this.#position ?? {}
    if (trace === undefined || index < 0) return []
    if (this.#values?.of !== this.#position) this.#values = { of: this.#position, found: this.#opened?.lineValues(trace, index) ?? [] }
    return this.#values?.found ?? []
  }

  /** How often each line began in the tick at hand. */
  get lineCounts(): readonly LineCount[] {
    const { trace } = this.#position ?? {}
    if (this.#counts?.of !== trace) this.#counts = { of: trace, found: trace?.lineCounts ?? [] }
    return this.#counts?.found ?? []
  }

  /**
   * Calls `listener` after every change. Returns a function that stops this.
   *
   * @example
   * const stop = debug.on(() => console.log(debug.position?.tick))
   */
  on(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /**
   * Starts to keep the past. Rejects if the game cannot be kept. Does nothing if it is open.
   *
   * @example
   * await debug.open()
   */
  async open(): Promise<void> {
    if (this.#isDisposed) return
    this.#opening ??= openPast(this.#runtime, this.#options)
    const opening = this.#opening
    try {
      const opened = await opening
      // It may have been closed meanwhile.
      if (this.#opening !== opening) opened.end()
      else if (this.#opened !== opened) {
        this.#opened = opened
        await this.#counter.update()
        this.#changed()
      }
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined
      throw error
    }
  }

  /**
   * Returns to the game, and drops the past. Breakpoints stay.
   *
   * @example
   * debug.close()
   */
  close(): void {
    this.live()
    const opened = this.#opened
    this.#opened = undefined
    this.#opening = undefined
    this.#filter = {}
    opened?.end()
    this.#counter.stopUnwanted()
    this.#changed()
  }

  /**
   * Closes it for good.
   *
   * @example
   * debug.dispose()
   */
  dispose(): void {
    this.#isDisposed = true
    this.#isHot = false
    this.close()
    this.#listeners.clear()
  }

  /** How often each line has run since {@link setHeat}; empty while that is off. */
  get heat(): readonly ProfiledLine[] {
    return this.#isHot ? this.#counter.lines : []
  }

  /**
   * Starts or stops to count how often lines run. It needs not be open. Rejects if the runtime is profiled already.
   *
   * @example
   * await debug.setHeat(true)
   * console.log(debug.heat)
   */
  async setHeat(isHot: boolean): Promise<void> {
    this.#isHot = isHot && !this.#isDisposed
    try {
      await this.#counter.update()
    } catch (error) {
      this.#isHot = false
      throw error
    }
  }

  /**
   * Replaces the breakpoints of a script. While it is open, the game pauses after a tick in which such a line ran,
   * if that tick is kept: none is before the probation of a reload has ended.
   *
   * @example
   * debug.setBreakpoints('hunter', [{ line: 24 }])
   */
  setBreakpoints(script: string, lines: readonly Omit<ScriptLine, 'script'>[]): void {
    const others = this.#breakpoints.filter((each) => each.script !== script)
    this.#breakpoints = [...others, ...lines.map((line) => ({ script, ...line }))]
    this.#counter.changed()
    void this.#counter.update().catch((error: unknown) => this.#fail(error))
    this.#changed()
  }

  /**
   * Shows other events of the tick at hand. It stays at the same event if that is one of them.
   *
   * @example
   * await debug.setFilter({ script: 'hunter', entity: 12 })
   */
  async setFilter(filter: DebugFilter): Promise<void> {
    this.#filter = filter
    const { tick, moment } = this.#position ?? {}
    if (tick === undefined) this.#changed()
    else await this.#goTo(tick, (trace) => (moment === undefined ? trace.from : indexOfSame(trace, moment)))
  }

  /**
   * Looks at a tick, at an event of it.
   *
   * @param index the first event if it is left out
   * @example
   * await debug.goTo(300)
   */
  async goTo(tick: number, index?: number): Promise<void> {
    await this.#goTo(tick, (trace) => Math.min(index ?? trace.from, trace.from + trace.length - 1))
  }

  /**
   * Looks at the event of a write that `writers` found, or at what comes after it.
   *
   * @example
   * const [last] = await debug.writers('Health.points', 12, 1)
   * if (last !== undefined) await debug.goToWrite(last, 'Health.points', 12)
   */
  async goToWrite({ tick, by, place, value }: FieldWriter, field: string, entity: number): Promise<void> {
    this.#filter = by === 'host' ? {} : { script: by }
    await this.#goTo(tick, (trace) => {
      for (let index = trace.from; index < trace.from + trace.length; index++) {
        const event = trace.event(index)
        if (event.kind !== 'write' || event.field !== field || event.entity !== entity || !Object.is(event.value, value)) continue
        if (place === undefined || event.place?.line === place.line) return index
      }
      return trace.from
    })
  }

  /**
   * Moves by a number of events, over the ends of the tick into the one beside it.
   *
   * @example
   * await debug.step(-1) // the event before
   */
  async step(by: number): Promise<void> {
    const { kept } = this
    if (this.#position === undefined || kept === undefined) return
    const { tick, trace, index } = this.#position
    const [first, last] = [trace.from, trace.from + trace.length - 1]
    const wanted = index + by
    if (index >= 0 && wanted >= first && wanted <= last) this.#show(tick, trace, wanted)
    else if (by < 0 && tick > kept.first) await this.#goTo(tick - 1, ({ from, length }) => from + length - 1)
    else if (by > 0 && tick < kept.last) await this.#goTo(tick + 1, ({ from }) => from)
    else if (index >= 0) this.#show(tick, trace, Math.max(first, Math.min(last, wanted)))
  }

  /**
   * Goes to the last line with a breakpoint before the event at hand, or the next one after it. Resolves with whether there is one.
   *
   * @example
   * if (!(await debug.goToHit('back'))) console.log('the line never ran')
   */
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
        this.#opened?.marks.add(tick, 'hit')
        this.#show(tick, trace, hit)
        return true
      }
      return false
    })
  }

  /**
   * Returns to the game, which goes on if the debugger paused it.
   *
   * @example
   * debug.live()
   */
  live(): void {
    this.#turn++
    this.#position = undefined
    this.#problem = undefined
    const { controls } = this.#options
    if (this.#hasPaused && controls !== undefined) controls.paused = false
    this.#hasPaused = false
    this.#counter.changed()
    this.#changed()
  }

  /**
   * Resolves with who wrote a field of an entity, the latest first: in ticks before one, or in all that are kept.
   *
   * @example
   * const writers = await debug.writers('Health.points', 12, 5)
   */
  async writers(field: string, entity: number, count: number, before?: number): Promise<readonly FieldWriter[]> {
    return (await this.#opened?.past.writers(field, entity, { count, ...(before !== undefined && { before }) })) ?? []
  }

  /**
   * Resolves with the latest writes before those that are known, which may be of the same tick as the last of them.
   *
   * @param known the latest writes of the field, from `writers` and from this
   * @example
   * const latest = await debug.writers('Health.points', 12, 3)
   * const earlier = await debug.earlierWriters('Health.points', 12, 3, latest)
   */
  async earlierWriters(field: string, entity: number, count: number, known: readonly FieldWriter[]): Promise<readonly FieldWriter[]> {
    const tick = known.at(-1)?.tick
    if (tick === undefined) return this.writers(field, entity, count)
    const inTick = known.filter((each) => each.tick === tick).length
    return (await this.writers(field, entity, inTick + count, tick + 1)).slice(inTick)
  }

  /**
   * Resolves with who wrote what was read in a tick; `undefined` if nobody did in the past that is kept.
   *
   * @example
   * const [last] = await debug.writers('Health.points', 12, 1)
   * const [read] = last?.reads ?? []
   * if (last !== undefined && read !== undefined) console.log(await debug.writerOf(read, last.tick))
   */
  async writerOf({ field, entity, value }: FieldRead, tick: number): Promise<FieldWriter | undefined> {
    // Of the same tick, the answer is a write that made the value what was read: what was written after the read is none, and neither is what changed nothing.
    const isAnswer = (writer: FieldWriter): boolean =>
      writer.tick < tick || (Object.is(writer.value, value) && !Object.is(writer.old, value))
    const [last] = await this.writers(field, entity, 1, tick + 1)
    if (last === undefined || isAnswer(last)) return last
    return (await this.writers(field, entity, MAX_WRITERS, tick + 1)).find(isAnswer)
  }

  /** Pauses the game, as a tick ends in which a line with a breakpoint ran. */
  async #stopAt(tick: number): Promise<void> {
    // While the first ticks after a reload are on probation, none is kept: the game goes on to one that can be shown.
    if (this.kept === undefined || tick < this.kept.first) return
    this.#pause()
    this.#opened?.marks.add(tick, 'hit')
    const { script, entity } = this.#filter
    // The line may have run for another script or entity than those that are looked at.
    const mayHide = entity !== undefined || (script !== undefined && this.#breakpoints.some((line) => line.script !== script))
    if (mayHide) this.#filter = {}
    await this.#goTo(tick, (trace) => this.#hitsOf(trace)[0] ?? trace.from)
  }

  async #goTo(tick: number, choose: (trace: Trace) => number): Promise<void> {
    await this.#busy(async () => {
      const turn = ++this.#turn
      const { position } = this
      const isSame = position?.tick === tick && position.trace === this.#traced?.trace && this.#traced.filter === this.#filter
      const trace = isSame ? position.trace : await this.#trace(tick)
      if (trace !== undefined && turn === this.#turn) this.#show(tick, trace, choose(trace))
    })
  }

  async #trace(tick: number): Promise<Trace | undefined> {
    this.#pause()
    const filter = this.#filter
    const { script, entity } = filter
    const trace = await this.#opened?.past.trace(tick, { ...(script && { scripts: [script] }), ...(entity !== undefined && { entity }) })
    if (trace !== undefined) this.#traced = { trace, filter }
    return trace
  }

  #pause(): void {
    const { controls } = this.#options
    if (controls === undefined || controls.paused) return
    controls.paused = true
    this.#hasPaused = true
  }

  #hitsOf(trace: Trace): readonly number[] {
    return hitsIn(trace, this.#counter.place(this.#breakpoints))
  }

  async #findHit(direction: 'back' | 'forward', from: number | undefined): Promise<number | undefined> {
    const { script } = this.#filter
    const lines = this.#counter.place(this.#breakpoints).filter((line) => script === undefined || line.script === script)
    return this.#opened && findHit(this.#opened.past, lines, direction, from)
  }

  #show(tick: number, trace: Trace, index: number): void {
    this.#position = { tick, trace, index, moment: index < 0 ? undefined : trace.at(index) }
    this.#problem = undefined
    this.#changed()
  }

  async #busy<Result>(work: () => Promise<Result>): Promise<Result | false> {
    const opened = this.#opened
    this.#moves++
    this.#changed()
    try {
      return await work()
    } catch (error) {
      // What it looked at is dropped.
      if (this.#opened !== opened) return false
      this.#fail(error)
      return false
    } finally {
      this.#moves--
      this.#changed()
    }
  }

  #fail(error: unknown): void {
    this.#problem = error instanceof Error ? error.message : String(error)
    this.#changed()
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
