import * as v from 'valibot'
import type { SourceLocation } from '../../errors.ts'
import { checkOptions, invalidOption, wholeNumber } from '../../options.ts'
import type { HostCaller } from '../../runtime/api/host-caller.ts'
import type { HostInput } from '../../runtime/api/input-log.ts'
import { RecordReader } from '../trace/record-reader.ts'
import { stackAt } from '../trace/stack.ts'
import type { TraceFrame, WriteEvent } from '../trace/trace-event.ts'
import { type TraceRequest, WHOLE } from '../trace/trace-request.ts'
import type { Moment } from './moments.ts'
import type { PastParts } from './past-parts.ts'
import { type FieldRead, readsBefore } from './reads.ts'
import type { ShadowGame, TracedTick } from './shadow-game.ts'
import { fieldValue } from './world-columns.ts'

/** A write of a field of an entity. */
export interface FieldWriter {
  /** The number of the tick in which it was written, or before which, if the host wrote it between two ticks. */
  readonly tick: number
  /** The name of the script that wrote it; `'host'` for the game, and for what a script had done, such as a spawn or the result of an actor. */
  readonly by: string
  /** What the host did: the kind of its input, such as `write` or `spawn`. Left out for a script, and if the host wrote to the column itself. */
  readonly input?: HostInput['kind']
  /**
   * Where the host called the runtime. Left out for a script, of a recording without such places, in a host function, and where the engine does not tell; and
   * after 32 calls since the last tick.
   */
  readonly caller?: HostCaller
  /** The name of the function; left out for the host. */
  readonly function?: string
  /** Where in it; left out if that is unknown. */
  readonly place?: SourceLocation
  /** The value before. */
  readonly old: number
  /** The value after. */
  readonly value: number
  /** The functions that ran, the innermost first. Empty for the host. */
  readonly stack: readonly TraceFrame[]
  /**
   * The fields that the function had read when it wrote, with what they held: what the value may come from. Those that were read last come first.
   * Empty for the host.
   */
  readonly reads: readonly FieldRead[]
}

/** Options of `Past.writers`. */
export interface WritersOptions {
  /** Looks for writes in ticks before this one. @default all that are kept */
  readonly before?: number
  /** The number of writes to find. @default 10 */
  readonly count?: number
}

const writersSchema = v.strictObject({ before: v.optional(wholeNumber(0)), count: v.optional(wholeNumber(1)) }, 'an object of options')

/** A write, and where to find it again. */
interface FoundWrite {
  readonly tick: number
  readonly old: number
  readonly value: number
  /** The number of the input within which it was written; left out for a write to the column itself. */
  readonly number?: number
  /** Which of the writes of the tick it is; left out if the value changed and no script wrote it in a tick. */
  readonly place?: number
}

/** Inputs in which scripts run. Each may write a field several times. */
const RUNS_SCRIPTS: ReadonlySet<HostInput['kind']> = new Set(['call', 'callJson', 'callBytes', 'load', 'reload', 'configure'])

/** Looks for the writes of a field of an entity, in one part of the past after the other, the latest first. */
export async function findWriters(
  past: PastParts,
  field: string,
  entity: number,
  options: WritersOptions,
): Promise<readonly FieldWriter[]> {
  checkOptions(writersSchema, options, 'writers')
  if (!past.hasField(field)) invalidOption(`there is no field '${field}'; give a component and a field, such as 'Health.points'`)
  checkOptions(wholeNumber(0), entity, 'writers')
  const { before = Number.POSITIVE_INFINITY, count = 10 } = options
  const { moments } = past
  const writers: FieldWriter[] = []
  // The game may run on meanwhile.
  /** What is after a part of the past: the present, or the part that was looked at before. */
  let after = { number: moments.end, tick: past.last + 1, value: past.valueOf(field, entity) }
  for (const moment of [...moments.all].reverse()) {
    const part = await writesIn(past, moment, after, { field, entity, before })
    const found = [...part.writes]
    // The world was written to and not the runtime.
    if (after.tick < before && !Object.is(part.end, after.value)) found.push({ tick: after.tick, old: part.end, value: after.value })
    after = { number: moment.at, tick: moment.image.tick + 1, value: part.start }
    for (const write of found.reverse()) {
      writers.push(...(await describeWrite(past, moment, write, field, entity)))
      if (writers.length >= count) return writers.slice(0, count)
    }
  }
  return writers
}

/** Runs a part of the past again, and returns the writes in it. */
async function writesIn(
  past: PastParts,
  moment: Moment,
  end: { readonly number: number; readonly tick: number },
  { field, entity, before }: { readonly field: string; readonly entity: number; readonly before: number },
): Promise<{ readonly writes: readonly FoundWrite[]; readonly start: number; readonly end: number }> {
  const { moments } = past
  const request: TraceRequest = { scripts: undefined, lines: false, locals: false, calls: false, reads: false, writes: field }
  const read = (shadow: ShadowGame): number => fieldValue(shadow.store, field, entity) ?? 0
  const writes: FoundWrite[] = []
  let value: number | undefined
  let start = 0
  /** Notes the value after an input. */
  const changed = (tick: number, now: number, input: { readonly number?: number }): void => {
    if (value === undefined) start = now
    else if (!Object.is(value, now)) writes.push({ tick, old: value, value: now, ...input })
    value = now
  }
  const tickOf = (number: number): number => (number === end.number ? end.tick : (moments.inputAt(number)?.tick ?? 0) + 1)
  let to = moment.at
  while (to < end.number && tickOf(to) < before) to++
  const shadow = await past.goTo(moment, moment.at)
  const note = (number: number): void => changed(tickOf(number), read(shadow), number > moment.at ? { number: number - 1 } : {})
  const after = (number: number, { raw }: TracedTick): void => {
    const tick = tickOf(number)
    for (const [place, event] of writesOf(new RecordReader(raw), entity).entries()) {
      changed(tick, event.old, { number })
      writes.push({ tick, old: event.old, value: event.value, number, place })
      value = event.value
    }
    changed(tick, read(shadow), { number })
  }
  await shadow.traceTicks(to, request, { ...WHOLE, target: entity }, { before: note, after })
  if (to === end.number && end.tick < before) note(to)
  return { writes, start, end: value ?? 0 }
}

/** Returns a write with the functions that ran, for which its input runs once more. An input with several writes gives all of them, the latest first. */
async function describeWrite(
  past: PastParts,
  moment: Moment,
  { tick, old, value, number, place }: FoundWrite,
  field: string,
  entity: number,
): Promise<readonly FieldWriter[]> {
  const kind = number === undefined ? undefined : past.moments.inputAt(number)?.kind
  const caller = number === undefined ? undefined : past.moments.callerAt(number)
  const byHost: FieldWriter = {
    tick,
    by: 'host',
    ...(kind !== undefined && kind !== 'tick' && { input: kind }),
    ...(caller !== undefined && { caller }),
    old,
    value,
    stack: [],
    reads: [],
  }
  if (number === undefined || kind === undefined || (place === undefined && !RUNS_SCRIPTS.has(kind))) return [byHost]
  const shadow = await past.goTo(moment, number)
  const tracer = await shadow.tracer({ scripts: undefined, lines: true, locals: true, calls: true, reads: true, writes: field })
  const window = { ...WHOLE, target: entity }
  const describe = (reader: RecordReader): readonly FieldWriter[] =>
    writesOf(reader, entity).map(({ index, script, place, ...write }) => {
      const stack = stackAt(reader, index)
      return {
        ...{
          tick,
          by: script,
          function: stack[0]?.function ?? write.function,
          ...(place && { place }),
          old: write.old,
          value: write.value,
        },
        ...{ stack, reads: readsBefore(reader, index) },
      }
    })
  if (kind === 'tick') {
    const own = describe(new RecordReader(shadow.trace(tracer, window).raw))[place ?? -1]
    return [own ?? byHost]
  }
  const raw = await shadow.traceInput(tracer, window)
  past.dropShadow()
  const all = describe(new RecordReader(raw))
  return all.length > 0 ? all.toReversed() : [byHost]
}

/** Returns the writes of an entity. */
function writesOf(reader: RecordReader, entity: number): readonly WriteEvent[] {
  const writes: WriteEvent[] = []
  for (let record = 0; record < reader.length; record++) {
    const { kind } = reader.pointAt(record)
    if (kind !== 'write' && kind !== 'call') continue
    const event = reader.eventAt(record)
    if (event.kind === 'write' && event.entity === entity) writes.push(event)
  }
  return writes
}
