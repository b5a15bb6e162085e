import type { Trace, TraceMoment } from '../../debug/index.ts'

/** Returns the index of an event in another trace of the same tick; that of the first event if it is not there. */
export function indexOfSame(trace: Trace, { event }: TraceMoment): number {
  const key = keyOf(event)
  for (let index = trace.from; index < trace.from + trace.length; index++) {
    const other = trace.event(index)
    if (other.kind === event.kind && other.place?.line === event.place?.line && keyOf(other) === key) return index
  }
  return trace.length === 0 ? -1 : trace.from
}

function keyOf({ index: _, ...event }: TraceMoment['event']): string {
  return JSON.stringify(event, textOf)
}

function textOf(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
