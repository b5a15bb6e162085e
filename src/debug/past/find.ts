import * as v from 'valibot'
import { checkOptions, invalidOption, oneOf, wholeNumber } from '../../options.ts'
import { RecordReader } from '../trace/record-reader.ts'
import type { RawTrace } from '../trace/tick-tracer.ts'
import type { TraceEvent } from '../trace/trace-event.ts'
import type { DescribedPoint } from '../trace/trace-points.ts'
import { DEFAULT_REQUEST, isAtLine, type TraceRequest, WHOLE } from '../trace/trace-request.ts'
import type { Moment } from './moments.ts'
import type { PastParts } from './past-parts.ts'

/** An event of a tick. */
export interface FoundEvent {
  /** The number of the tick. */
  readonly tick: number
  /** The number of the event in a trace with the default options. */
  readonly index: number
}

/** What `Past.find` looks for. */
export interface Find {
  /** Statements that begin on a line. `script` is the name of one; `file` is that of its places, if it has several. */
  readonly lines?: { readonly line: number; readonly script?: string; readonly file?: string }
  /** Writes of a field. @default of every entity */
  readonly writes?: { readonly field: string; readonly entity?: number }
  /** Where to begin: before or after this tick, or this event. @default the end of the past, or with `forward` its start */
  readonly from?: number | FoundEvent
  /** @default 'back' */
  readonly direction?: 'back' | 'forward'
}

const tickSchema = wholeNumber(0)
const findSchema = v.strictObject(
  {
    lines: v.optional(v.strictObject({ line: wholeNumber(1), script: v.optional(v.string()), file: v.optional(v.string()) })),
    writes: v.optional(v.strictObject({ field: v.string(), entity: v.optional(wholeNumber(0)) })),
    from: v.optional(v.union([tickSchema, v.strictObject({ tick: tickSchema, index: wholeNumber(0) })], 'a tick or { tick, index }')),
    direction: v.optional(oneOf('back', 'forward')),
  },
  'an object of options',
)

/** Looks for an event, in one part of the past after the other. */
export async function findEvent(past: PastParts, what: Find): Promise<FoundEvent | undefined> {
  checkOptions(findSchema, what, 'find')
  const { lines, writes, direction = 'back' } = what
  if (lines === undefined && writes === undefined) invalidOption('find needs lines or writes to look for')
  if (writes !== undefined && !past.hasField(writes.field)) invalidOption(`there is no field '${writes.field}'`)
  const { moments, first, last } = past
  const isBack = direction === 'back'
  const given = what.from ?? (isBack ? last + 1 : first - 1)
  const from = typeof given === 'number' ? { tick: given, index: isBack ? -1 : Number.POSITIVE_INFINITY } : given
  const isBeyond = ({ tick, index }: FoundEvent): boolean => {
    if (tick !== from.tick) return isBack ? tick < from.tick : tick > from.tick
    return isBack ? index < from.index : index > from.index
  }
  const sparse = sparseRequest(what)
  const parts = isBack ? [...moments.all].reverse() : [...moments.all]
  for (const moment of parts) {
    const end = moments.next(moment)?.at ?? moments.end
    if (isBack ? moment.image.tick + 1 > from.tick : lastTick(past, end) < from.tick) continue
    const found = await findIn(past, moment, end, {
      sparse,
      isWanted: (event) => isWanted(what, event),
      mayBe: (point) => mayBe(what, point),
      isBeyond,
      isBack,
    })
    if (found !== undefined) return found
  }
  return undefined
}

/** Returns a request for what is looked for and nothing else: most ticks have none of it. */
function sparseRequest({ lines, writes }: Find): TraceRequest {
  return {
    scripts: writes === undefined && lines?.script !== undefined ? [lines.script] : undefined,
    ...{ lines: lines === undefined ? false : [lines], locals: false, calls: false, reads: false },
    writes: writes?.field ?? false,
  }
}

interface Looking {
  readonly sparse: TraceRequest
  readonly isWanted: (event: TraceEvent) => boolean
  readonly mayBe: (point: DescribedPoint) => boolean
  readonly isBeyond: (event: FoundEvent) => boolean
  readonly isBack: boolean
}

/** Returns the number of the last tick before an input. */
function lastTick({ moments }: PastParts, end: number): number {
  for (let number = end - 1; number >= 0; number--) {
    const input = moments.inputAt(number)
    if (input === undefined) return -1
    if (input.kind === 'tick') return input.tick + 1
  }
  return -1
}

/** Traces each tick of a part of the past for what is looked for, and those that have it once more for the number of the event. */
async function findIn(past: PastParts, moment: Moment, end: number, looking: Looking): Promise<FoundEvent | undefined> {
  const { isBeyond, isBack } = looking
  const { moments } = past
  const hits: { readonly number: number; readonly tick: number }[] = []
  for (let number = moment.at; number < end; number++) {
    const input = moments.inputAt(number)
    if (input?.kind !== 'tick') continue
    const tick = input.tick + 1
    // All of its events have the number of the tick.
    if (!isBeyond({ tick, index: isBack ? 0 : Number.MAX_SAFE_INTEGER })) continue
    const shadow = await past.pass(moment, number)
    const { raw } = shadow.trace(await shadow.tracer(looking.sparse), WHOLE)
    if (indexIn(raw, tick, { ...looking, isBeyond: () => true }) === undefined) continue
    hits.push({ number, tick })
    // Some events of the tick may not be beyond where it begins, but none of those in others.
    if (!isBack && isBeyond({ tick, index: 0 })) break
  }
  for (const { number, tick } of isBack ? hits.toReversed() : hits) {
    const shadow = await past.goTo(moment, number)
    const { raw } = shadow.trace(await shadow.tracer(DEFAULT_REQUEST), WHOLE)
    const index = indexIn(raw, tick, looking)
    if (index !== undefined) return { tick, index }
  }
  return undefined
}

/** Returns the last event of a trace that is looked for, or with `forward` the first. */
function indexIn(raw: RawTrace, tick: number, { isWanted, mayBe, isBeyond, isBack }: Looking): number | undefined {
  const reader = new RecordReader(raw)
  for (let step = 0; step < reader.length; step++) {
    const record = isBack ? reader.length - 1 - step : step
    if (!mayBe(reader.pointAt(record)) || !isBeyond({ tick, index: record })) continue
    if (isWanted(reader.eventAt(record))) return record
  }
  return undefined
}

/** Returns whether the events of a point can be looked for. */
function mayBe({ lines, writes }: Find, { kind, place, script, import: called }: DescribedPoint): boolean {
  if (kind === 'line' && lines !== undefined) {
    return isAtLine(lines, script, place)
  }
  return writes !== undefined && (kind === 'write' || kind === 'call') && called?.name === writes.field
}

function isWanted({ writes }: Find, event: TraceEvent): boolean {
  if (event.kind !== 'write') return event.kind === 'line'
  return writes !== undefined && event.field === writes.field && (writes.entity === undefined || writes.entity === event.entity)
}
