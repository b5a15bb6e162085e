import { checkOptions, invalidOption, wholeNumber } from '../../options.ts'
import { type Past, withPast } from '../past/past.ts'
import type { PastParts } from '../past/past-parts.ts'
import type { TraceFrame, TraceMoment } from '../trace/trace-event.ts'
import { type Breakpoint, readBreakpoint, type Watch } from './breakpoint.ts'
import { type PlacedBreakpoint, placeBreakpoints } from './breakpoint-places.ts'
import { readExpression, type Value } from './expression.ts'
import { type EntityFields, readEntity, readGlobals } from './game-moment.ts'
import { HitTable, type TickHits } from './hit-table.ts'
import { localsAt } from './matches.ts'
import { readSteppedSources, type SteppedSource } from './sources.ts'
import type { Direction, PlacedStop, Stop, StopWrite } from './stop.ts'
import { findStops, type TickStops } from './tick-stops.ts'
import { TickView } from './tick-view.ts'

/** Options of `Stepper`. */
export interface StepperOptions {
  /** Called with each line that a breakpoint logs. @default they are dropped */
  readonly onLog?: (line: string, tick: number) => void
}

/** A tick of the past, and which input it is. */
interface KeptTick {
  readonly tick: number
  readonly number: number
}

/** Traced ticks that are kept. */
const MAX_VIEWS = 3
/** Writes between two ticks of which it is found out who did them, and how many may have been done there. */
const MAX_EXPLAINED = 4
const MAX_WRITERS = 8
/** Milliseconds of looking between two turns of the event loop. */
const TURN = 30

/**
 * A place in the past of a game, which one moves both ways: by statements, to breakpoints, writes and faults. The game runs on meanwhile: ticks run
 * again in a second game.
 *
 * @example
 * const stepper = new Stepper(past)
 * await stepper.setBreakpoints([{ field: 'Health.points', entity: 12, condition: 'value < 0' }])
 * const stop = await stepper.continue('back')
 * if (stop.reason === 'write') console.log(stop.tick, stop.writes, await stepper.stack())
 */
export class Stepper {
  readonly #past: Past
  readonly #onLog: (line: string, tick: number) => void
  readonly #views = new Map<number, { readonly view: TickView; stops: TickStops | undefined }>()
  #watches: readonly Watch[] = []
  /** The place of each watch in the list of breakpoints, and that of faults. */
  #ids: readonly number[] = []
  #faults: number | undefined
  #hits = new HitTable([])
  #stop: PlacedStop
  #last: Promise<unknown> = Promise.resolve()

  /** Begins at the end of the past. */
  constructor(past: Past, { onLog = () => undefined }: StepperOptions = {}) {
    this.#past = past
    this.#onLog = onLog
    const tick = Math.max(past.first, past.last)
    this.#stop = placed(tick, Number.POSITIVE_INFINITY, 'end')
  }

  /** Where it is, and why it stopped there. */
  get stop(): Stop {
    const { at: _, stack: __, ...stop } = this.#stop
    return stop
  }

  /**
   * Replaces all breakpoints. Resolves with where each one is: a line without a statement becomes the next one with one.
   *
   * @throws {ScriptError} InvalidOptions, Disposed
   * @example
   * const [{ line }] = await stepper.setBreakpoints([{ script: 'mover', line: 7, condition: 'eid == 12' }])
   */
  setBreakpoints(breakpoints: readonly Breakpoint[]): Promise<readonly PlacedBreakpoint[]> {
    return this.#inTurn(async () => {
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
      for (const known of this.#views.values()) known.stops = undefined
      return places
    })
  }

  /**
   * Returns the files of the scripts as they were last, with the lines on which statements begin.
   *
   * @throws {ScriptError} Disposed
   * @example
   * for (const { file, lines } of await stepper.sources()) console.log(file, lines)
   */
  sources(): Promise<readonly SteppedSource[]> {
    return this.#inTurn(() => withPast(this.#past, readSteppedSources))
  }

  /**
   * Goes to an event of a tick; without an index, to its first statement.
   *
   * @throws {ScriptError} InvalidOptions for a tick or an event that is not kept; Disposed
   * @example
   * await stepper.goTo(300)
   */
  goTo(tick: number, index?: number): Promise<Stop> {
    return this.#inTurn(async () => {
      if (index !== undefined) checkOptions(wholeNumber(-1), index, 'goTo')
      const { view } = await this.#viewOf(tick)
      if (index !== undefined && index >= view.length) invalidOption(`there is no event ${index} in tick ${tick}: it has ${view.length}`)
      return this.#arrive(placed(tick, index ?? statementFrom(view, 0, 'forward') ?? -1, 'goto'))
    })
  }

  /**
   * Goes to the next statement, or with `back` to the last one: `in` also to that of a function that is called, `over` to one of the same function or of
   * the one that called it, `out` to one of the function that called it. Stops at a breakpoint on the way. After the last statement of a run,
   * it goes to that of the next run, or of the next tick.
   *
   * @throws {ScriptError} InvalidOptions, Disposed
   * @example
   * await stepper.step('over', 'back')
   */
  step(kind: 'in' | 'over' | 'out', direction: Direction = 'forward'): Promise<Stop> {
    return this.#inTurn(async () => {
      const isBack = direction === 'back'
      const from = this.#stop
      const here = (await this.#hasTick(from.tick)) ? (await this.#viewOf(from.tick)).view : undefined
      const depth = here?.depthAt(from.index) ?? 0
      const root = here?.rootAt(from.index) ?? -1
      const isWanted = (view: TickView, index: number): boolean => {
        if (kind === 'in') return true
        if (view !== here || view.rootAt(index) !== root) return !isBack || view.depthAt(index) <= 1
        return kind === 'over' ? view.depthAt(index) <= depth : view.depthAt(index) < depth
      }
      for await (const { tick } of this.#ticksFrom(from, direction)) {
        const { view } = await this.#viewOf(tick)
        const { stops, logs } = await this.#stopsOf(tick)
        const at = tick === from.tick ? from.at : isBack ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
        const target = statementFrom(view, isBack ? Math.ceil(at) - 1 : Math.floor(at) + 1, direction, (index) => isWanted(view, index))
        const stop = nextStop(stops, at, direction)
        const isFirst = stop !== undefined && (target === undefined || (isBack ? stop.at >= target : stop.at <= target))
        this.#log(logs, tick, at, isFirst ? stop.at : target, direction)
        if (isFirst) return this.#arrive(await this.#explain(stop))
        if (target !== undefined) return this.#arrive(placed(tick, target, 'step'))
      }
      return this.#arriveAtEnd(direction)
    })
  }

  /**
   * Goes to the next breakpoint, or with `back` to the last one; to the end, or the start, of the past if there is none.
   *
   * @throws {ScriptError} InvalidOptions, Disposed
   * @example
   * await stepper.continue('back')
   */
  continue(direction: Direction = 'forward', signal?: AbortSignal): Promise<Stop> {
    return this.#inTurn(async () => {
      const isBack = direction === 'back'
      const from = this.#stop
      let turn = performance.now()
      for await (const { tick, number } of this.#ticksFrom(from, direction)) {
        if (signal?.aborted === true) return this.#arrive({ ...this.#stop, ...NOTHING, reason: 'pause' })
        const hits = await withPast(this.#past, (parts) => this.#hits.at(parts, number, tick))
        const at = tick === from.tick ? from.at : isBack ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
        if (tick === from.tick || (await this.#mayStop(number, hits))) {
          const { stops, logs } = await this.#stopsOf(tick)
          const stop = nextStop(stops, at, direction)
          this.#log(logs, tick, at, stop?.at, direction)
          if (stop !== undefined) return this.#arrive(await this.#explain(stop))
        } else {
          for (const line of isBack ? [...hits.logs].reverse() : hits.logs) this.#onLog(line, tick)
        }
        if (performance.now() - turn < TURN) continue
        await new Promise((resolve) => setTimeout(resolve))
        turn = performance.now()
      }
      return this.#arriveAtEnd(direction)
    })
  }

  /**
   * Returns the functions that run here, the innermost first. Empty as a tick begins, unless a script wrote there in a call or a reload.
   *
   * @throws {ScriptError} InvalidOptions, Disposed
   * @example
   * const [frame] = await stepper.stack()
   */
  stack(): Promise<readonly TraceFrame[]> {
    return this.#inTurn(async () => {
      if (!(await this.#hasTick(this.#stop.tick))) return []
      if (this.#stop.stack !== undefined) return this.#stop.stack
      const { view } = await this.#viewOf(this.#stop.tick)
      const [top, ...others] = view.stackAt(this.#stop.index)
      const location = this.#stop.error?.location
      // A trap happens within a statement.
      return top === undefined ? [] : [location === undefined ? top : { ...top, place: location }, ...others]
    })
  }

  /**
   * Returns the event here and the functions that run; `undefined` as a tick begins.
   *
   * @throws {ScriptError} InvalidOptions, Disposed
   * @example
   * const moment = await stepper.moment()
   */
  moment(): Promise<TraceMoment | undefined> {
    return this.#inTurn(async () => {
      const { tick, index } = this.#stop
      if (!(await this.#hasTick(tick))) return undefined
      const { view } = await this.#viewOf(tick)
      return index < 0 || index >= view.length ? undefined : view.trace.at(index)
    })
  }

  /**
   * Returns the components of an entity here, by name, with the values of their fields: those that it had as the tick began or ended. Without an entity, of
   * the one that the script runs on. `undefined` if there is none.
   *
   * @throws {ScriptError} InvalidOptions, Disposed
   * @example
   * const { Health } = await stepper.components(12)
   */
  components(entity?: number): Promise<EntityFields | undefined> {
    return this.#inTurn(async () => {
      const { tick, index } = this.#stop
      const { view } = await this.#viewOf(tick)
      const of = entity ?? view.entityAt(index)
      if (of === undefined) return undefined
      const number = await this.#numberOf(tick)
      return withPast(this.#past, (parts) => readEntity(parts, number, view, index, of))
    })
  }

  /**
   * Returns the entity that the script runs on here; `undefined` if it runs on none.
   *
   * @throws {ScriptError} InvalidOptions, Disposed
   * @example
   * const entity = await stepper.entity()
   */
  entity(): Promise<number | undefined> {
    return this.#inTurn(async () => (await this.#viewOf(this.#stop.tick)).view.entityAt(this.#stop.index))
  }

  /**
   * Returns the mutable globals of a script, by name, as the tick began: what it wrote to them since is not recorded.
   *
   * @throws {ScriptError} InvalidOptions, Disposed
   * @example
   * const { score } = await stepper.globals('rules')
   */
  globals(script: string): Promise<Readonly<Record<string, number | bigint>>> {
    return this.#inTurn(async () => {
      const { tick, index } = this.#stop
      const { view } = await this.#viewOf(tick)
      const number = await this.#numberOf(tick)
      return withPast(this.#past, (parts) => readGlobals(parts, number, script, view.entityAt(index)))
    })
  }

  /**
   * Evaluates an expression here: numbers, locals of a function that runs (the innermost, or the one at `frame`), `Field.name` of the entity that the script
   * runs on, `Field.name[entity]`, and operators.
   *
   * @throws {ScriptError} InvalidOptions, Disposed
   * @example
   * await stepper.evaluate('Health.points[12] - damage')
   */
  evaluate(expression: string, frame = 0): Promise<number | bigint> {
    return this.#inTurn(async () => {
      const read = readExpression(expression)
      const { tick, index } = this.#stop
      const { view } = await this.#viewOf(tick)
      const locals = view.stackAt(index)[frame]?.locals ?? {}
      const { field } = localsAt(view, index)
      return read.evaluate({ field, local: (name): Value | undefined => (Object.hasOwn(locals, name) ? locals[name] : undefined) })
    })
  }

  /** Arrives at the last event of the past, or at the first one. */
  async #arriveAtEnd(direction: Direction): Promise<Stop> {
    const ticks = await this.#ticks()
    const tick = (direction === 'back' ? ticks[0] : ticks.at(-1))?.tick ?? this.#stop.tick
    if (direction === 'back') return this.#arrive(placed(tick, -1, 'start'))
    const length = (await this.#hasTick(tick)) ? (await this.#viewOf(tick)).view.length : 0
    // After all that may have happened at the last event.
    return this.#arrive({ ...placed(tick, length - 1, 'end'), at: length - 0.25 })
  }

  /** Finds out what the host did, or which script wrote in a call or a reload, at a write between two ticks. */
  async #explain(stop: PlacedStop): Promise<PlacedStop> {
    if (stop.index !== -1 || stop.writes.length === 0) return stop
    let stack: readonly TraceFrame[] | undefined
    const writes: StopWrite[] = []
    for (const write of stop.writes) {
      const { field, entity, old, value } = write
      const found =
        writes.length < MAX_EXPLAINED ? await this.#past.writers(field, entity, { before: stop.tick + 1, count: MAX_WRITERS }) : []
      const own = found.filter(({ tick, stack: [frame], input }) => tick === stop.tick && (frame !== undefined || input !== undefined))
      const same =
        own.find((each) => Object.is(each.value, value) && Object.is(each.old, old)) ?? own.find((each) => Object.is(each.value, value))
      const { by = write.by, input } = same ?? {}
      writes.push({ ...write, by, ...(input !== undefined && { input }) })
      if (same !== undefined && same.stack.length > 0) stack ??= same.stack
    }
    return { ...stop, writes, ...(stack && { stack }) }
  }

  #arrive(stop: PlacedStop): Stop {
    this.#stop = stop
    return this.stop
  }

  /** Logs what was passed on the way. */
  #log(logs: TickStops['logs'], tick: number, from: number, to: number | undefined, direction: Direction): void {
    const isBack = direction === 'back'
    const passed = logs.filter(({ at }) => (isBack ? at < from && at >= (to ?? -1) : at > from && at <= (to ?? at)))
    for (const { text } of isBack ? passed.reverse() : passed) this.#onLog(text, tick)
  }

  /** Returns whether a tick may have a stop, from its hits. */
  async #mayStop(number: number, { counts }: TickHits): Promise<boolean> {
    if (this.#faults !== undefined) {
      const faults = await withPast(this.#past, async ({ moments }) => moments.checkAt(number)?.faults ?? 0)
      if (faults > 0) return true
    }
    return counts.some(
      (count, watch) => count > 0 && (this.#watches[watch]?.log === undefined || this.#watches[watch]?.isHit !== undefined),
    )
  }

  async #stopsOf(tick: number): Promise<TickStops> {
    const known = await this.#viewOf(tick)
    if (known.stops !== undefined) return known.stops
    const ticks = await this.#ticks()
    const number = await this.#numberOf(tick)
    const hasCounts = this.#watches.some(({ isHit }) => isHit !== undefined)
    const hits = await withPast(this.#past, (parts) => this.#hits.at(parts, number, tick))
    const before = this.#watches.map(() => 0)
    for (const each of hasCounts ? ticks : []) {
      if (each.tick >= tick) break
      const { counts } = await withPast(this.#past, (parts) => this.#hits.at(parts, each.number, each.tick))
      for (const [watch, count] of counts.entries()) before[watch] = (before[watch] ?? 0) + count
    }
    known.stops = findStops(known.view, this.#watches, this.#ids, hits, before, this.#faults)
    return known.stops
  }

  async #viewOf(tick: number): Promise<{ readonly view: TickView; stops: TickStops | undefined }> {
    const known = this.#views.get(tick)
    if (known !== undefined) {
      this.#views.delete(tick)
      this.#views.set(tick, known)
      return known
    }
    const made = { view: new TickView(await this.#past.trace(tick)), stops: undefined }
    for (const oldest of this.#views.keys()) {
      if (this.#views.size < MAX_VIEWS) break
      this.#views.delete(oldest)
    }
    this.#views.set(tick, made)
    return made
  }

  async #numberOf(tick: number): Promise<number> {
    return (await this.#ticks()).find((each) => each.tick === tick)?.number ?? invalidOption(`tick ${tick} is not kept`)
  }

  async #hasTick(tick: number): Promise<boolean> {
    return (await this.#ticks()).some((each) => each.tick === tick)
  }

  /** The ticks that are kept, in order. Of one that was played twice, the last. */
  #ticks(): Promise<readonly KeptTick[]> {
    return withPast(this.#past, async (parts) => ticksOf(parts))
  }

  /** Goes through the ticks from a place on. */
  async *#ticksFrom({ tick: from }: PlacedStop, direction: Direction): AsyncGenerator<KeptTick> {
    const ticks = await this.#ticks()
    const isBack = direction === 'back'
    for (const each of isBack ? [...ticks].reverse() : ticks) if (isBack ? each.tick <= from : each.tick >= from) yield each
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined)
    return turn
  }
}

const NOTHING = { breakpoints: [], writes: [] } as const

function placed(tick: number, index: number, reason: Stop['reason']): PlacedStop {
  return { tick, index, at: index, reason, ...NOTHING }
}

function ticksOf({ moments }: PastParts): readonly KeptTick[] {
  const ticks = new Map<number, number>()
  for (let number = moments.all[0]?.at ?? moments.end; number < moments.end; number++) {
    const input = moments.inputAt(number)
    if (input?.kind === 'tick') ticks.set(input.tick + 1, number)
  }
  return [...ticks].map(([tick, number]) => ({ tick, number })).sort((one, other) => one.tick - other.tick)
}

/** Returns the first stop beyond a place. */
function nextStop(stops: readonly PlacedStop[], from: number, direction: Direction): PlacedStop | undefined {
  return direction === 'back' ? stops.findLast(({ at }) => at < from) : stops.find(({ at }) => at > from)
}

/** Returns the first statement from an event on that is wanted. */
function statementFrom(
  view: TickView,
  from: number,
  direction: Direction,
  isWanted: (index: number) => boolean = () => true,
): number | undefined {
  const by = direction === 'back' ? -1 : 1
  for (let index = Math.max(-1, Math.min(from, view.length)); index >= 0 || by > 0; index += by) {
    if (index >= view.length && by > 0) return undefined
    if (index >= 0 && index < view.length && view.isStatement(index) && isWanted(index)) return index
  }
  return undefined
}
