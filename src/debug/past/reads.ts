import type { SourceLocation } from '../../errors.ts'
import type { RecordReader } from '../trace/record-reader.ts'

/** A field that was read. */
export interface FieldRead {
  /** Such as `Health.points`. */
  readonly field: string
  /** The entity whose field it is. */
  readonly entity: number
  /** What it held. */
  readonly value: number
  /** Where it was read; left out if that is unknown. */
  readonly place?: SourceLocation
}

/** Reads that are kept of a call. */
const MAX_READS = 12

/** Returns what the function that a record is of had read since it began, each field of an entity once, the last first. */
export function readsBefore(reader: RecordReader, record: number): readonly FieldRead[] {
  const reads = new Map<string, FieldRead>()
  /** The depth of the function, once a record tells it. */
  let depth: number | undefined
  for (let each = record - 1; each >= 0 && reads.size < MAX_READS; each--) {
    const { kind } = reader.pointAt(each)
    const own = reader.depthAt(each)
    // The function has called no other since this record, or has it back.
    if (own >= 0) depth ??= own
    if (kind === 'enter' && own <= (depth ?? own)) break
    if (kind !== 'read' && kind !== 'call') continue
    const event = reader.eventAt(each)
    if (event.kind !== 'read') continue
    const { field, entity, value, place } = event
    const key = `${field} ${entity}`
    if (!reads.has(key)) reads.set(key, { field, entity, value, ...(place && { place }) })
  }
  return [...reads.values()]
}
