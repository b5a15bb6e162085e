import { checkOptions, invalidOption, wholeNumber } from '../../options.ts'
import { Turns } from '../../turns.ts'
import { type Past, withPast } from '../past/past.ts'
import type { TraceFrame, TraceMoment } from '../trace/trace-event.ts'
import { explainWrites } from './between-ticks.ts'
import type { Breakpoint } from './breakpoint.ts'
import type { PlacedBreakpoint } from './breakpoint-places.ts'
import { BreakpointStops } from './breakpoint-stops.ts'
import { readExpression, type Value } from './expression.ts'
import { type EntityFields, readEntity, readGlobals } from './game-moment.ts'
import { localsAt } from './matches.ts'
import { PastTicks } from './past-ticks.ts'
import { readSteppedSources, type SteppedSource } from './sources.ts'
import type { Direction, PlacedStop, Stop } from './stop.ts'
import type { TickStops } from './tick-stops.ts'
import type { TickView } from './tick-view.ts'

/** Options of `Stepper`. */
export interface StepperOptions {
  /** Called with each line that a breakpoint logs. @default they are dropped */
  readonly onLog?: (line: string, tick: number) => void
}

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
  readonly #ticks: PastTicks
  readonly #breakpoints: BreakpointStops
  #stop: PlacedStop
  readonly #turns = new Turns()

  /** Begins at the end of the past. */
  constructor(past: Past, { onLog = () => undefined }: StepperOptions = {}) {
    this.#past = past
    this.#onLog = onLog
    this.#ticks = new PastTicks(past)
    this.#breakpoints = new BreakpointStops(past, this.#ticks)
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
    return this.#turns.next(() => this.#breakpoints.replace(breakpoints))
  }

  /**
   * Returns the files of the scripts as they were last, with the lines on which statements begin.
   *
   * @throws {ScriptError} Disposed
   * @example
   * for (const { file, lines } of await stepper.sources()) console.log(file, lines)
   */
  sources(): Promise<readonly SteppedSource[]> {
    return this.#turns.next(() => withPast(this.#past, readSteppedSources))
  }

  /**
   * Goes to an event of a tick; without an index, to its first statement.
   *
   * @throws {ScriptError} InvalidOptions for a tick or an event that is not kept; Disposed
   * @example
   * await stepper.goTo(300)
   */
  goTo(tick: number, index?: number): Promise<Stop> {
    return this.#turns.next(async () => {
      if (index !== undefined) checkOptions(wholeNumber(-1), index, 'goTo')
      const view = await this.#ticks.viewOf(tick)
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
    return this.#turns.next(async () => {
      const isBack = direction === 'back'
      const from = this.#stop
      const here = (await this.#ticks.has(from.tick)) ? await this.#ticks.viewOf(from.tick) : undefined
      const depth = here?.depthAt(from.index) ?? 0
      const root = here?.rootAt(from.index) ?? -1
      const isWanted = (view: TickView, index: number): boolean => {
        if (kind === 'in') return true
        if (view !== here || view.rootAt(index) !== root) return !isBack || view.depthAt(index) <= 1
        return kind === 'over' ? view.depthAt(index) <= depth : view.depthAt(index) < depth
      }
      for await (const { tick } of this.#ticks.from(from.tick, direction)) {
        const view = await this.#ticks.viewOf(tick)
        const { stops, logs } = await this.#breakpoints.stopsIn(tick)
        const at = tick === from.tick ? from.at : isBack ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
        const target = statementFrom(view, isBack ? Math.ceil(at) - 1 : Math.floor(at) + 1, direction, (index) => isWanted(view, index))
        const stop = nextStop(stops, at, direction)
        const isFirst = stop !== undefined && (target === undefined || (isBack ? stop.at >= target : stop.at <= target))
        this.#log(logs, tick, at, isFirst ? stop.at : target, direction)
        if (isFirst) return this.#arrive(await explainWrites(this.#past, stop))
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
    return this.#turns.next(async () => {
      const isBack = direction === 'back'
      const from = this.#stop
      let turn = performance.now()
      for await (const kept of this.#ticks.from(from.tick, direction)) {
        if (signal?.aborted === true) return this.#arrive({ ...this.#stop, ...NOTHING, reason: 'pause' })
        const { tick } = kept
        const hits = await this.#breakpoints.hitsIn(kept)
        const at = tick === from.tick ? from.at : isBack ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
        if (tick === from.tick || (await this.#breakpoints.mayStop(kept, hits))) {
          const { stops, logs } = await this.#breakpoints.stopsIn(tick)
          const stop = nextStop(stops, at, direction)
          this.#log(logs, tick, at, stop?.at, direction)
          if (stop !== undefined) return this.#arrive(await explainWrites(this.#past, stop))
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
    return this.#turns.next(async () => {
      if (!(await this.#ticks.has(this.#stop.tick))) return []
      if (this.#stop.stack !== undefined) return this.#stop.stack
      const view = await this.#ticks.viewOf(this.#stop.tick)
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
    return this.#turns.next(async () => {
      const { tick, index } = this.#stop
      if (!(await this.#ticks.has(tick))) return undefined
      const view = await this.#ticks.viewOf(tick)
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
    return this.#turns.next(async () => {
      const { tick, index } = this.#stop
      const view = await this.#ticks.viewOf(tick)
      const of = entity ?? view.entityAt(index)
      if (of === undefined) return undefined
      const number = await this.#ticks.numberOf(tick)
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
    return this.#turns.next(async () => (await this.#ticks.viewOf(this.#stop.tick)).entityAt(this.#stop.index))
  }

  /**
   * Returns the mutable globals of a script, by name, as the tick began: what it wrote to them since is not recorded.
   *
   * @throws {ScriptError} InvalidOptions, Disposed
   * @example
   * const { score } = await stepper.globals('rules')
   */
  globals(script: string): Promise<Readonly<Record<string, number | bigint>>> {
    return this.#turns.next(async () => {
      const { tick, index } = this.#stop
      const view = await this.#ticks.viewOf(tick)
      const number = await this.#ticks.numberOf(tick)
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
    return this.#turns.next(async () => {
      const read = readExpression(expression)
      const { tick, index } = this.#stop
      const view = await this.#ticks.viewOf(tick)
      const locals = view.stackAt(index)[frame]?.locals ?? {}
      const { field } = localsAt(view, index)
      return read.evaluate({ field, local: (name): Value | undefined => (Object.hasOwn(locals, name) ? locals[name] : undefined) })
    })
  }

  /** Arrives at the last event of the past, or at the first one. */
  async #arriveAtEnd(direction: Direction): Promise<Stop> {
    const ticks = await this.#ticks.all()
    const tick = (direction === 'back' ? ticks[0] : ticks.at(-1))?.tick ?? this.#stop.tick
    if (direction === 'back') return this.#arrive(placed(tick, -1, 'start'))
    const length = (await this.#ticks.has(tick)) ? (await this.#ticks.viewOf(tick)).length : 0
    // After all that may have happened at the last event.
    return this.#arrive({ ...placed(tick, length - 1, 'end'), at: length - 0.25 })
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
}

const NOTHING = { breakpoints: [], writes: [] } as const

function placed(tick: number, index: number, reason: Stop['reason']): PlacedStop {
  return { tick, index, at: index, reason, ...NOTHING }
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
