import type { ScriptError, SourceLocation } from '../../errors.ts'
import { invalidOption } from '../../options.ts'
import type { TickReport } from '../../runtime/api/reports.ts'
import { RecordReader } from './record-reader.ts'
import { stackAt } from './stack.ts'
import type { RawTrace, Untraced } from './tick-tracer.ts'
import type { TraceEvent, TraceMoment, WriteEvent } from './trace-event.ts'
import type { DescribedPoint } from './trace-points.ts'
import { isAtLine } from './trace-request.ts'

/** What a trace is made of. */
export interface TraceParts {
  readonly raw: RawTrace
  readonly report: TickReport
  readonly matches: boolean
  readonly errors: readonly ScriptError[]
  readonly logs: readonly TraceLog[]
  readonly untraced: readonly Untraced[]
  /** Returns the value of a field at the end of the tick; `undefined` if there is no such field. */
  readonly valueAtEnd: (field: string, entity: number) => number | undefined
}

/** A line that a script logged. */
export interface TraceLog {
  /** The name of the script. */
  readonly script: string
  /** Its level: `debug`, `info`, `warn` or `error`. */
  readonly level: string
  /** The line. */
  readonly message: string
}

/** A place at which a statement begins, and how often it did. */
export interface LineCount extends SourceLocation {
  /** The name of the script. */
  readonly script: string
  /** How often. */
  readonly count: number
}

/** Returns the reader of the records of a trace. */
export let readerOf: (trace: Trace) => RecordReader

/**
 * What happened in a tick, one event after the other. `Past.trace` makes it.
 *
 * @example
 * const trace = await past.trace(300)
 * for (const event of trace.events) if (event.kind === 'write') console.log(event.field, event.old, event.value)
 */
export class Trace {
  static {
    readerOf = (trace) => trace.#reader
  }

  readonly #reader: RecordReader
  readonly #parts: TraceParts
  /** The writes of each field of each entity, in order. */
  #writes: ReadonlyMap<string, readonly WriteEvent[]> | undefined
  #events: readonly TraceEvent[] | undefined

  /** @internal */
  constructor(parts: TraceParts) {
    this.#parts = parts
    this.#reader = new RecordReader(parts.raw)
  }

  /** The number of the tick: that of its report. */
  get tick(): number {
    return this.#parts.report.tick
  }

  /** The report of the tick, as it ran again. */
  get report(): TickReport {
    return this.#parts.report
  }

  /**
   * Whether the game ran again as it did: the fuel and the faults of each tick, and the world at the next moment that the past keeps. `false` if
   * something changed the game that is no input of the runtime, such as a direct write to a column, an observer of the world, or a host function
   * that changes the world.
   */
  get matches(): boolean {
    return this.#parts.matches
  }

  /** The faults of the tick. */
  get errors(): readonly ScriptError[] {
    return this.#parts.errors
  }

  /** What the scripts logged. */
  get logs(): readonly TraceLog[] {
    return this.#parts.logs
  }

  /** The scripts of which nothing was recorded though it was asked for, and why. */
  get untraced(): readonly Untraced[] {
    return this.#parts.untraced
  }

  /** The number of events of the tick, those that were not kept among them. */
  get total(): number {
    return this.#parts.raw.total
  }

  /** The number of the first event that was kept. */
  get from(): number {
    return this.#parts.raw.from
  }

  /** The number of events that were kept. */
  get length(): number {
    return this.#reader.length
  }

  /** Bytes of the events that were kept. */
  get bytes(): number {
    return this.#parts.raw.records.byteLength
  }

  /** The events that were kept, in order. Made when first asked for: for many events, {@link at} takes less. */
  get events(): readonly TraceEvent[] {
    this.#events ??= Array.from({ length: this.length }, (_, record) => this.#reader.eventAt(record))
    return this.#events
  }

  /**
   * Returns an event alone, which takes less than {@link at}.
   *
   * @throws {ScriptError} InvalidOptions for an event that was not kept
   * @example
   * const { kind, place } = trace.event(12)
   */
  event(index: number): TraceEvent {
    return this.#reader.eventAt(this.#recordOf(index))
  }

  /** How often each line began, of the events that were kept. */
  get lineCounts(): readonly LineCount[] {
    const counts = new Map<DescribedPoint, number>()
    for (let record = 0; record < this.length; record++) {
      const point = this.#reader.pointAt(record)
      if (point.kind === 'line' && point.place !== undefined) counts.set(point, (counts.get(point) ?? 0) + 1)
    }
    return [...counts].map(([{ script, place }, count]) => ({ script, ...(place as SourceLocation), count }))
  }

  /**
   * Returns the numbers of the events at which a line of a script begins, in order. `file` is that of its places or the end of it, if it has several.
   *
   * @example
   * const [first] = trace.startsOf({ script: 'mover', line: 12 })
   */
  startsOf(wanted: { readonly script: string; readonly line: number; readonly file?: string }): readonly number[] {
    const indexes: number[] = []
    for (let record = 0; record < this.length; record++) {
      const { kind, place, script: own } = this.#reader.pointAt(record)
      if (kind === 'line' && isAtLine(wanted, own, place)) indexes.push(this.from + record)
    }
    return indexes
  }

  /**
   * Returns an event, and the functions that run as it happens. Without calls in the trace, there is one frame.
   *
   * @throws {ScriptError} InvalidOptions for an event that was not kept
   * @example
   * const { event, stack } = trace.at(12)
   */
  at(index: number): TraceMoment {
    const record = this.#recordOf(index)
    const event = this.#reader.eventAt(record)
    return { event, stack: stackAt(this.#reader, record) }
  }

  /**
   * Returns the value of a field of an entity as an event has happened, or for -1 as the tick began, as far as the recorded writes tell. `undefined` if
   * there is no such field.
   *
   * @throws {ScriptError} InvalidOptions for an event that was not kept
   * @example
   * trace.field(12, 'Health.points', player)
   */
  field(index: number, field: string, entity: number): number | undefined {
    if (index !== -1) this.#recordOf(index)
    this.#writes ??= this.#readWrites()
    const own = this.#writes.get(`${field} ${entity}`) ?? []
    const last = own.findLast((write) => write.index <= index)
    return last?.value ?? own[0]?.old ?? this.#parts.valueAtEnd(field, entity)
  }

  #readWrites(): ReadonlyMap<string, readonly WriteEvent[]> {
    const writes = new Map<string, WriteEvent[]>()
    for (let record = 0; record < this.length; record++) {
      const { kind } = this.#reader.pointAt(record)
      if (kind !== 'write' && kind !== 'call') continue
      const event = this.#reader.eventAt(record)
      if (event.kind !== 'write') continue
      const key = `${event.field} ${event.entity}`
      const own = writes.get(key)
      if (own === undefined) writes.set(key, [event])
      else own.push(event)
    }
    return writes
  }

  #recordOf(index: number): number {
    const record = index - this.from
    if (!Number.isInteger(record) || record < 0 || record >= this.length) {
      const kept = this.length === 0 ? 'none was kept' : `${this.from} to ${this.from + this.length - 1} were kept`
      invalidOption(`there is no event ${index}: of ${this.total}, ${kept}; trace the tick with another window`)
    }
    return record
  }
}
