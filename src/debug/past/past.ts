import { ScriptError } from '../../errors.ts'
import { invalidOption } from '../../options.ts'
import type { TickReport } from '../../runtime/api/reports.ts'
import { exportGame } from '../../runtime/image/export-game.ts'
import type { GameImage } from '../../runtime/image/game-image.ts'
import { Snapshot } from '../../runtime/image/snapshot.ts'
import type { WasmScriptRuntime } from '../../runtime/runtime.ts'
import { checkIdle, type Store, storeOf } from '../../runtime/script/store.ts'
import { Turns } from '../../turns.ts'
import type { Untraced } from '../trace/tick-tracer.ts'
import { Trace } from '../trace/trace.ts'
import { type Find, type FoundEvent, findEvent } from './find.ts'
import { type Moment, Moments, type PastInput, type TickCheck } from './moments.ts'
import { type PastOptions, type ResolvedTrace, resolvePastOptions, resolveTraceOptions, type TraceOptions } from './past-options.ts'
import type { PastParts } from './past-parts.ts'
import { ShadowGame } from './shadow-game.ts'
import { columnsOf, fieldValue, hasField } from './world-columns.ts'
import { type FieldWriter, findWriters, type WritersOptions } from './writers.ts'

/**
 * Does work with what a past is made of, after all that was asked of it before. Rejects with `Disposed`.
 */
export let withPast: <Result>(past: Past, work: (parts: PastParts) => Promise<Result>) => Promise<Result>

/** What is known of how the part of the past after a moment runs again. */
interface Verdict {
  /** Whether something differed. */
  hasParted: boolean
  /** Whether the world was compared at the next moment. */
  isWhole: boolean
}

/**
 * Keeps the last seconds of a game so that any of their ticks can run again and be looked at: each statement, each local, each write. A tick runs
 * again in a second game with the same code, so what is traced changes nothing of the game, and no listener hears of it.
 *
 * @example
 * const past = new Past(runtime, { seconds: 30 })
 * for (let tick = 0; tick < 600; tick++) runtime.tick(1 / 60)
 * const trace = await past.trace(590, { scripts: ['mover'], entity: 12 })
 * for (const event of trace.events) console.log(event.place?.line, event.kind)
 */
export class Past {
  static {
    withPast = (past, work) => past.#inTurn(() => work(past.#pastOf()))
  }

  readonly #store: Store
  readonly #moments: Moments
  readonly #verdicts = new WeakMap<Moment, Verdict>()
  #shadow: ShadowGame | undefined
  /** Traces are made one after the other. */
  readonly #turns = new Turns()
  #isDisposed = false

  /**
   * Starts to keep the past of a runtime. Nothing is kept of a part in which a guest runs whose state cannot be saved.
   *
   * @throws {ScriptError} InvalidOptions; HostError while scripts are running
   */
  constructor(runtime: WasmScriptRuntime, options: PastOptions = {}) {
    const resolved = resolvePastOptions(options)
    this.#store = storeOf(runtime)
    checkIdle(this.#store, 'new Past')
    this.#moments = new Moments(runtime, this.#store, resolved)
  }

  /** The number of the first tick that can be traced; that of the next tick if none can. */
  get first(): number {
    const [moment] = this.#moments.all
    return (moment?.image.tick ?? this.#store.clock.tick) + 1
  }

  /** The number of the last tick that can be traced. */
  get last(): number {
    return this.#store.clock.tick
  }

  /** Bytes that all of it takes, roughly. */
  get bytes(): number {
    return this.#moments.bytes
  }

  /**
   * Runs a tick again and records what happens. `tick` is the number in its report. If the game was taken back and ran the tick twice, it is the
   * last one. Tracing the same or a nearby tick again is faster.
   *
   * @throws {ScriptError} InvalidOptions, also for a tick that is not kept; Disposed
   * @example
   * const trace = await past.trace(300, { lines: true, window: { from: 0, count: 1000 } })
   */
  trace(tick: number, options: TraceOptions = {}): Promise<Trace> {
    return this.#inTurn(async () => {
      const number = this.#numberOf(tick)
      const moment = this.#momentOf(number)
      return this.#traceAt(
        number,
        resolveTraceOptions(
          options,
          moment.scripts.map(({ name }) => name),
        ),
      )
    })
  }

  /**
   * Returns what the game did between a tick and the one before it, in order. `tick` is the number in its report.
   *
   * @throws {ScriptError} InvalidOptions for a tick that is not kept; Disposed
   * @example
   * for (const { input, caller } of past.inputs(300)) console.log(input.kind, caller?.line)
   */
  inputs(tick: number): readonly PastInput[] {
    this.#checkOpen()
    return this.#moments.inputsBefore(this.#numberOf(tick))
  }

  /**
   * Finds the last event before a tick, or the first one after it, of a statement or a write. The index is that in a trace with the default options.
   * Resolves with `undefined` if there is none.
   *
   * @throws {ScriptError} InvalidOptions, Disposed
   * @example
   * const found = await past.find({ writes: { field: 'Health.points', entity: 12 }, direction: 'back' })
   */
  find(what: Find): Promise<FoundEvent | undefined> {
    return this.#inTurn(() => findEvent(this.#pastOf(), what))
  }

  /**
   * Returns who wrote a field of an entity, the latest first.
   *
   * @throws {ScriptError} InvalidOptions, Disposed
   * @example
   * const [last] = await past.writers('Health.points', 12, { before: 300 })
   */
  writers(field: string, entity: number, options: WritersOptions = {}): Promise<readonly FieldWriter[]> {
    return this.#inTurn(() => findWriters(this.#pastOf(), field, entity, options))
  }

  /**
   * Resolves with the scripts of the last tick that cannot be traced, and why. What they write counts as written by `'host'`. There are none on an engine where a module can have
   * several memories, but for plugins in workers.
   *
   * @throws {ScriptError} InvalidOptions if no tick is kept, Disposed
   * @example
   * for (const { script, why } of await past.untraced()) console.warn(`${script} cannot be traced: ${why}`)
   */
  untraced(): Promise<readonly Untraced[]> {
    return this.#inTurn(async () => {
      const number = this.#numberOf(this.last)
      const shadow = await this.#goTo(this.#momentOf(number), number)
      return (await shadow.tracer(resolveTraceOptions({}, []).request)).untraced
    })
  }

  /**
   * Stops to keep the past, and drops all of it. Further calls do nothing.
   *
   * @example
   * past.dispose()
   */
  dispose(): void {
    if (this.#isDisposed) return
    this.#isDisposed = true
    this.#moments.dispose()
    void this.#turns.ended().then(() => this.#shadow?.dispose())
  }

  #pastOf(): PastParts {
    return {
      store: this.#store,
      moments: this.#moments,
      first: this.first,
      last: this.last,
      hasField: (field) => hasField(this.#store, field),
      valueOf: (field, entity) => fieldValue(this.#store, field, entity) ?? 0,
      momentOf: (number) => this.#momentOf(number),
      goTo: (moment, number) => this.#goTo(moment, number),
      pass: (moment, number) => this.#pass(moment, number),
      dropShadow: () => this.#dropShadow(),
    }
  }

  async #traceAt(number: number, { request, window }: ResolvedTrace): Promise<Trace> {
    const moment = this.#momentOf(number)
    await this.#verify(moment)
    const shadow = await this.#goTo(moment, number)
    const tracer = await shadow.tracer(request)
    const { raw, heard, untraced } = shadow.trace(tracer, window)
    this.#compare(moment, number, heard.report)
    const columns = columnsOf(shadow.store)
    return new Trace({
      ...{ raw, untraced, ...heard },
      matches: !this.#verdictOf(moment).hasParted && !shadow.hasParted,
      valueAtEnd: (field, entity) => columns.get(field)?.[entity],
    })
  }

  /** Runs the part of the past after a moment again, once, and compares the world at the next moment. */
  async #verify(moment: Moment): Promise<void> {
    const verdict = this.#verdictOf(moment)
    const next = this.#moments.next(moment)
    if (verdict.isWhole || next === undefined) return
    const shadow = await this.#goTo(moment, next.at)
    verdict.isWhole = true
    if (shadow.hash !== next.hash || shadow.hasParted) verdict.hasParted = true
  }

  /** Resolves with the shadow before an input, as it comes to be from a moment. */
  async #pass(moment: Moment, number: number): Promise<ShadowGame> {
    let shadow = this.#shadow
    if (shadow?.resume(moment, number) !== true) {
      const bytes = exportGame(this.#store, withoutState(moment.image), 'unnamed')
      if (shadow?.hasScripts(moment) !== true) {
        this.#dropShadow()
        shadow = await ShadowGame.create(this.#store, this.#moments, moment.scripts)
        this.#shadow = shadow
      }
      shadow.begin(moment, (runtime) => runtime.restore(Snapshot.fromBytes(bytes)))
      shadow.keepCheckpoint()
    }
    await shadow.playTo(number, (played, report) => report !== undefined && this.#compare(moment, played, report))
    return shadow
  }

  /** The same, and keeps it there: going to it again, or to what comes after it, is faster. */
  async #goTo(moment: Moment, number: number): Promise<ShadowGame> {
    const shadow = await this.#pass(moment, number)
    shadow.keepCheckpoint()
    return shadow
  }

  #dropShadow(): void {
    this.#shadow?.dispose()
    this.#shadow = undefined
  }

  #compare(moment: Moment, number: number, report: TickReport): void {
    const verdict = this.#verdictOf(moment)
    const check = this.#moments.checkAt(number)
    if (check !== undefined && !isSame(check, report)) verdict.hasParted = true
  }

  #verdictOf(moment: Moment): Verdict {
    const verdict = this.#verdicts.get(moment) ?? { hasParted: false, isWhole: false }
    this.#verdicts.set(moment, verdict)
    return verdict
  }

  #numberOf(tick: number): number {
    const number = this.#moments.findTick(tick - 1)
    if (number < 0) {
      const { first, last } = this
      invalidOption(`tick ${tick} is not kept; ${first > last ? 'none is' : `those from ${first} to ${last} are`}`)
    }
    return number
  }

  #momentOf(number: number): Moment {
    const moment = this.#moments.momentBefore(number)
    return moment ?? invalidOption('that part of the past is not kept any more')
  }

  #checkOpen(): void {
    if (this.#isDisposed) throw new ScriptError('Disposed', 'the past has been disposed of')
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#turns.next(() => {
      this.#checkOpen()
      return work()
    })
  }
}

/** Returns an image without what it takes code of the game to read. */
function withoutState(image: GameImage): GameImage {
  return { ...image, scripts: image.scripts.map((script) => ({ ...script, own: { ...script.own, instance: undefined } })) }
}

function isSame(check: TickCheck, report: TickReport): boolean {
  return check.fuel === report.fuel && check.entities === report.entities && check.faults === report.faults
}
