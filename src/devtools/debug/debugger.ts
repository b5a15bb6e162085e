import type { FieldRead, FieldWriter, LineCount, ProfiledLine } from '../../debug/index.ts'
import type { WasmScriptRuntime } from '../../index.ts'
import { DebugCursor } from './debug-cursor.ts'
import { findEarlierWriters, findWriterOf } from './field-writers.ts'
import { GamePause } from './game-pause.ts'
import { KeptPast } from './kept-past.ts'
import type { ScriptLine } from './line-counter.ts'
import type { LineValues } from './line-values.ts'
import { indexOfWrite } from './same-event.ts'
import type { MarkKind } from './tick-marks.ts'
import type { DebugFilter, DebugPosition } from './viewed-events.ts'
import { WantedCounter } from './wanted-counter.ts'

/** Options of a {@link Debugger}. */
export interface DebuggerOptions {
  /** The controls of the game's time: it is paused while the past is looked at. @default none: the game goes on */
  readonly controls?: { paused: boolean }
  /** Seconds of game time to keep. @default 30 */
  readonly seconds?: number
  /** Bytes that the past may take. @default 134_217_728 */
  readonly bytes?: number
}

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
  readonly #listeners = new Set<() => void>()
  readonly #past: KeptPast
  readonly #pause: GamePause
  readonly #counter: WantedCounter
  readonly #cursor: DebugCursor
  #breakpoints: readonly ScriptLine[] = []
  #isHot = false
  #isDisposed = false

  /** Makes a debugger that is closed. */
  constructor(runtime: WasmScriptRuntime, options: DebuggerOptions = {}) {
    this.#past = new KeptPast(runtime, options)
    this.#pause = new GamePause(options.controls)
    const isWanted = (): boolean => this.#isHot || (this.isOpen && this.#breakpoints.length > 0)
    this.#counter = new WantedCounter(runtime, isWanted, {
      watched: () => (!this.isOpen || this.position !== undefined ? [] : this.#breakpoints),
      onHit: (tick) => void this.#cursor.stopAt(tick),
    })
    this.#cursor = new DebugCursor({
      past: this.#past,
      breakpoints: () => this.#counter.place(this.#breakpoints),
      pause: () => this.#pause.begin(),
      changed: () => this.#changed(),
    })
  }

  /** Whether it keeps the past of the game. */
  get isOpen(): boolean {
    return this.#past.opened !== undefined
  }

  /** Whether it runs a tick again, or looks for one. */
  get isBusy(): boolean {
    return this.#cursor.isBusy
  }

  /** The event that is looked at; `undefined` while the game is. */
  get position(): DebugPosition | undefined {
    return this.#cursor.position
  }

  /** Which events of a tick are shown. */
  get filter(): DebugFilter {
    return this.#cursor.filter
  }

  /** The breakpoints of all scripts. */
  get breakpoints(): readonly ScriptLine[] {
    return this.#breakpoints
  }

  /** What went wrong last; `undefined` after a move that succeeded. */
  get problem(): string | undefined {
    return this.#cursor.problem
  }

  /** The first and the last tick that can be looked at, and the bytes that they take; `undefined` if it is not open, or no tick is kept yet. */
  get kept(): { readonly first: number; readonly last: number; readonly bytes: number } | undefined {
    return this.#past.ticks
  }

  /** The ticks at which something happened while it was open. */
  get marks(): ReadonlyMap<number, ReadonlySet<MarkKind>> {
    return this.#past.marks
  }

  /** What the lines came to in the call at hand: the locals that changed, and the fields that were written. */
  get values(): readonly LineValues[] {
    return this.#cursor.values
  }

  /** How often each line began in the tick at hand. */
  get lineCounts(): readonly LineCount[] {
    return this.#cursor.lineCounts
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
   * Starts to keep the past. Rejects, and keeps nothing, if the game cannot be kept, or if it is profiled already and there are breakpoints.
   * Does nothing if it is open.
   *
   * @example
   * await debug.open()
   */
  async open(): Promise<void> {
    if (this.#isDisposed) return
    try {
      await this.#past.open(async () => {
        await this.#counter.update()
        this.#changed()
      })
    } catch (error) {
      // It was open until then.
      this.#changed()
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
    this.#cursor.filter = {}
    this.#past.close()
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
    void this.#counter.update().catch((error: unknown) => this.#cursor.fail(error))
    this.#changed()
  }

  /**
   * Shows other events of the tick at hand. It stays at the same event if that is one of them.
   *
   * @example
   * await debug.setFilter({ script: 'hunter', entity: 12 })
   */
  setFilter(filter: DebugFilter): Promise<void> {
    return this.#cursor.setFilter(filter)
  }

  /**
   * Looks at a tick, at an event of it.
   *
   * @param index the first event if it is left out
   * @example
   * await debug.goTo(300)
   */
  goTo(tick: number, index?: number): Promise<void> {
    return this.#cursor.goTo(tick, (trace) => Math.min(index ?? trace.from, trace.from + trace.length - 1))
  }

  /**
   * Looks at the event of a write that `writers` found, or at what comes after it.
   *
   * @example
   * const [last] = await debug.writers('Health.points', 12, 1)
   * if (last !== undefined) await debug.goToWrite(last, 'Health.points', 12)
   */
  goToWrite({ tick, by, place, value }: FieldWriter, field: string, entity: number): Promise<void> {
    this.#cursor.filter = by === 'host' ? {} : { script: by }
    return this.#cursor.goTo(tick, (trace) => indexOfWrite(trace, { field, entity, value, line: place?.line }))
  }

  /**
   * Moves by a number of events, over the ends of the tick into the one beside it.
   *
   * @example
   * await debug.step(-1) // the event before
   */
  step(by: number): Promise<void> {
    return this.#cursor.step(by)
  }

  /**
   * Goes to the last line with a breakpoint before the event at hand, or the next one after it. Resolves with whether there is one.
   *
   * @example
   * if (!(await debug.goToHit('back'))) console.log('the line never ran')
   */
  goToHit(direction: 'back' | 'forward'): Promise<boolean> {
    return this.#cursor.goToHit(direction)
  }

  /**
   * Returns to the game, which goes on if the debugger paused it.
   *
   * @example
   * debug.live()
   */
  live(): void {
    this.#cursor.leave()
    this.#pause.end()
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
    return (await this.#past.opened?.past.writers(field, entity, { count, ...(before !== undefined && { before }) })) ?? []
  }

  /**
   * Resolves with the latest writes before those that are known, which may be of the same tick as the last of them.
   *
   * @param known the latest writes of the field, from `writers` and from this
   * @example
   * const latest = await debug.writers('Health.points', 12, 3)
   * const earlier = await debug.earlierWriters('Health.points', 12, 3, latest)
   */
  earlierWriters(field: string, entity: number, count: number, known: readonly FieldWriter[]): Promise<readonly FieldWriter[]> {
    return findEarlierWriters((...of) => this.writers(...of), field, entity, count, known)
  }

  /**
   * Resolves with who wrote what was read in a tick; `undefined` if nobody did in the past that is kept.
   *
   * @example
   * const [last] = await debug.writers('Health.points', 12, 1)
   * const [read] = last?.reads ?? []
   * if (last !== undefined && read !== undefined) console.log(await debug.writerOf(read, last.tick))
   */
  writerOf({ field, entity, value }: FieldRead, tick: number): Promise<FieldWriter | undefined> {
    return findWriterOf((...of) => this.writers(...of), { field, entity, value }, tick)
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
