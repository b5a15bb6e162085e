import type { Trace, TraceMoment } from '../../debug/index.ts'

/** Returns the index of an event in another trace of the same tick, which is not empty; that of the first event if it is not there. */
export function indexOfSame(trace: Trace, { event }: TraceMoment): number {
  const key = keyOf(event)
  for (let index = trace.from; index < trace.from + trace.length; index++) {
    const other = trace.event(index)
    if (other.kind === event.kind && other.place?.line === event.place?.line && keyOf(other) === key) return index
  }
  return trace.from
}

/** A write of a field. */
export interface Write {
  readonly field: string
  readonly entity: number
  /** The value after. */
  readonly value: number
  /** The line that wrote it; `undefined` if that is unknown. */
  readonly line: number | undefined
}

/** Returns the index of the event of a write in a trace of its tick, which is not empty; that of the first event if it is not there. */
export function indexOfWrite(trace: Trace, { field, entity, value, line }: Write): number {
  for (let index = trace.from; index < trace.from + trace.length; index++) {
    const event = trace.event(index)
    if (event.kind !== 'write' || event.field !== field || event.entity !== entity || !Object.is(event.value, value)) continue
    if (line === undefined || event.place?.line === line) return index
  }
  return trace.from
}

function keyOf({ index: _, ...event }: TraceMoment['event']): string {
  return JSON.stringify(event, textOf)
}

function textOf(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
