import { contextOf } from '../../ecs/components/bitecs-internals.ts'
import type { Store } from '../../runtime/script/store.ts'
import type { Moment } from '../past/moments.ts'
import type { PastParts } from '../past/past-parts.ts'
import type { TracedTick } from '../past/shadow-game.ts'
import { columnOf, fieldValue } from '../past/world-columns.ts'
import { Trace } from '../trace/trace.ts'
import { type TraceRequest, WHOLE } from '../trace/trace-request.ts'
import type { Watch } from './breakpoint.ts'
import { findMatches, isTrue, writeNames } from './matches.ts'
import { TickView } from './tick-view.ts'

/** A write of a field that no script did: by the game, or by the runtime for a script, such as a spawn. */
export interface HostWrite {
  /** Which of the breakpoints it hits. */
  readonly watch: number
  /** Writes of the field by scripts in that tick before it; -1 if it came before the tick. */
  readonly after: number
  readonly entity: number
  readonly old: number
  readonly value: number
}

/** The hits of one tick. */
export interface TickHits {
  /** By breakpoint. */
  readonly counts: readonly number[]
  readonly host: readonly HostWrite[]
  readonly logs: readonly string[]
}

/** The hits in the part of the past after a moment. */
interface PartHits {
  /** The number of the input that it was looked at up to. */
  readonly end: number
  readonly ticks: ReadonlyMap<number, TickHits>
  /** The values of the fields of breakpoints as it begins and ends. */
  readonly first: readonly Values[] | undefined
  readonly last: readonly Values[]
}

/** The values of a field, by entity from `from` on. */
interface Values {
  readonly from: number
  readonly values: readonly number[]
}

/** Lines of a tick that are logged. */
const MAX_LOGS = 1000
/** Host writes of a tick for one breakpoint. */
const MAX_HOST_WRITES = 1000

const NONE: Values = { from: 0, values: [] }

/** How often breakpoints are hit in each tick. A part of the past runs again when it is first asked for. */
export class HitTable {
  readonly #watches: readonly Watch[]
  readonly #request: TraceRequest
  readonly #target: number
  readonly #parts = new WeakMap<Moment, PartHits>()

  constructor(watches: readonly Watch[]) {
    this.#watches = watches
    this.#request = requestOf(watches)
    const [only] = watches
    const hasFields = watches.some(({ condition, log }) => namesFields(condition) || log?.some(namesFields))
    this.#target = watches.length === 1 && !hasFields ? (only?.write?.entity ?? -1) : -1
  }

  /** Resolves with the hits in a tick, which is an input. */
  async at(past: PastParts, number: number, tick: number): Promise<TickHits> {
    const moment = past.moments.momentBefore(number)
    if (moment === undefined || this.#watches.length === 0) return { counts: this.#watches.map(() => 0), host: [], logs: [] }
    const part = await this.#part(past, moment)
    const hits = part.ticks.get(tick) ?? { counts: this.#watches.map(() => 0), host: [], logs: [] }
    const before = moment.at === number ? past.moments.all[past.moments.all.indexOf(moment) - 1] : undefined
    if (before === undefined || this.#watches.every(({ write }) => write === undefined)) return hits
    // The world was written to and not the runtime.
    const { last } = await this.#part(past, before)
    const host = this.#watches.flatMap((watch, index) => this.#changes(watch, index, last[index] ?? NONE, part.first?.[index] ?? NONE))
    return host.length === 0 ? hits : withHost(hits, host)
  }

  async #part(past: PastParts, moment: Moment): Promise<PartHits> {
    const { moments } = past
    const end = moments.next(moment)?.at ?? moments.end
    const known = this.#parts.get(moment)
    if (known?.end === end) return known
    const part = await this.#scan(past, moment, end, known)
    this.#parts.set(moment, part)
    return part
  }

  /** Runs a part of the past again, from where it was looked at before. */
  async #scan(past: PastParts, moment: Moment, end: number, known: PartHits | undefined): Promise<PartHits> {
    const watches = this.#watches
    const ticks = new Map<number, TickHits>(known?.ticks)
    let first = known?.first
    let last: readonly Values[] = known?.last ?? []
    const shadow = await past.goTo(moment, known?.end ?? moment.at)
    const { store } = shadow
    const read = (): readonly Values[] => watches.map((watch) => valuesOf(store, watch))
    const valueAtEnd = (field: string, entity: number): number | undefined => fieldValue(store, field, entity)
    let start: readonly Values[] = []
    const before = (): void => {
      start = read()
    }
    const after = (number: number, { raw, heard, untraced }: TracedTick): void => {
      const host = watches.flatMap((watch, index) =>
        first === undefined ? [] : this.#changes(watch, index, last[index] ?? NONE, start[index] ?? NONE),
      )
      first ??= start
      last = read()
      const view = new TickView(new Trace({ raw, untraced, ...heard, matches: true, valueAtEnd }))
      host.push(...watches.flatMap((watch, index) => this.#changesWithin(view, watch, index, start[index] ?? NONE, last[index] ?? NONE)))
      const matches = findMatches(view, watches)
      if (matches.length === 0 && host.length === 0) return
      const counts = watches.map(() => 0)
      for (const { watch } of matches) counts[watch] = (counts[watch] ?? 0) + 1
      const logs = matches.flatMap(({ log }) => (log === undefined ? [] : [log]))
      const shown = logs.length > MAX_LOGS ? [...logs.slice(0, MAX_LOGS), `… ${logs.length - MAX_LOGS} more`] : logs
      ticks.set((past.moments.inputAt(number)?.tick ?? 0) + 1, withHost({ counts, logs: shown, host: [] }, host))
    }
    await shadow.traceTicks(end, this.#request, { ...WHOLE, target: this.#target }, { before, after })
    return { end, ticks, first, last }
  }

  /** Returns the differences between the values of a field at the end of a tick and before the next one. */
  #changes({ write, condition }: Watch, watch: number, before: Values, now: Values): HostWrite[] {
    const changes: HostWrite[] = []
    if (write === undefined) return changes
    for (const [place, value] of now.values.entries()) {
      const [entity, old] = [now.from + place, before.values[place] ?? 0]
      if (Object.is(old, value) || changes.length === MAX_HOST_WRITES) continue
      if (
        isTrue(
          condition,
          writeNames({ old, value, entity }, () => undefined),
        )
      )
        changes.push({ watch, after: -1, entity, old, value })
    }
    return changes
  }

  /** Returns the changes in a tick of a field of one entity that were no writes of scripts. */
  #changesWithin(view: TickView, { write, condition }: Watch, watch: number, start: Values, end: Values): HostWrite[] {
    const changes: HostWrite[] = []
    const { entity, field } = write ?? {}
    if (entity === undefined) return changes
    let value = start.values[0] ?? 0
    let after = 0
    const note = (now: number): void => {
      if (Object.is(value, now)) return
      if (
        isTrue(
          condition,
          writeNames({ old: value, value: now, entity }, () => undefined),
        )
      )
        changes.push({ watch, after, entity, old: value, value: now })
    }
    for (let index = 0; index < view.length; index++) {
      const { kind } = view.reader.pointAt(index)
      if (kind !== 'write' && kind !== 'call') continue
      const event = view.reader.eventAt(index)
      if (event.kind !== 'write' || event.field !== field || event.entity !== entity) continue
      note(event.old)
      value = event.value
      after++
    }
    note(end.values[0] ?? 0)
    return changes
  }
}

/** Returns hits with those of host writes. */
function withHost(hits: TickHits, host: readonly HostWrite[]): TickHits {
  const counts = [...hits.counts]
  for (const { watch } of host) counts[watch] = (counts[watch] ?? 0) + 1
  return { ...hits, counts, host: [...host, ...hits.host] }
}

function valuesOf(store: Store, { write }: Watch): Values {
  if (write === undefined) return NONE
  const { field, entity } = write
  if (entity !== undefined) return { from: entity, values: [fieldValue(store, field, entity) ?? 0] }
  const { maxId } = contextOf(store.ecs.world).entityIndex
  const column = columnOf(store, field) ?? []
  return { from: 0, values: Array.from({ length: maxId + 1 }, (_, each) => column[each] ?? 0) }
}

function namesFields(part: Watch['condition'] | string): boolean {
  return typeof part === 'object' && part.fields.size > 0
}

/** Returns what a trace must record for breakpoints to be found, and no more. */
function requestOf(watches: readonly Watch[]): TraceRequest {
  const expressions = watches.flatMap(({ line, condition, log = [] }) => (line === undefined ? [] : [condition, ...log]))
  const read = watches.flatMap(({ condition, log = [] }) =>
    [condition, ...log].flatMap((each) => (typeof each === 'object' ? [...each.fields] : [])),
  )
  const writes = [...new Set([...watches.flatMap(({ write }) => (write === undefined ? [] : [write.field])), ...read])].sort()
  return {
    scripts: undefined,
    lines: watches.flatMap(({ line }) => (line === undefined ? [] : [line])),
    locals: expressions.some((each) => typeof each === 'object'),
    // Whose fields they are is told by the function that was entered.
    calls: expressions.some(namesFields),
    reads: false,
    writes: writes.length > 0 && writes,
  }
}
