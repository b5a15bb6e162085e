/**
 * The words at the start of a trace, by their offset. All modules of a game that are traced share them, so that the records of nested calls
 * are in the order in which things happened.
 */
export const TRACE_WORD = {
  /** The address of the next record. */
  position: 0,
  /** Records so far, those that were not kept among them. */
  count: 4,
  /** The number of the first record that is kept, and how many are. */
  from: 8,
  length: 12,
  /** From this address on, no record is kept. */
  limit: 16,
  /** Frames below the code that runs. */
  depth: 20,
  /** The same where the host entered. */
  base: 24,
  /** The entity whose updates are recorded; -1 for all. */
  entity: 28,
  /** 1 while the code that runs leaves no records. */
  muted: 32,
  /** The point of the last call of an import. */
  site: 36,
  /** The entity whose writes are recorded; -1 for all. */
  target: 40,
} as const

/** The offset of the first record. */
export const TRACE_HEADER = 64

/** What a point records. */
export type PointKind = 'enter' | 'line' | 'returned' | 'read' | 'write' | 'call'

/** A local in a record. */
export interface PointLocal {
  readonly index: number
  readonly type: 'i32' | 'i64' | 'f32' | 'f64'
  /** Where in the record it is. */
  readonly offset: number
}

/** A place of a module at which running code leaves a record. The record begins with the number of the point. */
export interface TracePoint {
  readonly id: number
  readonly kind: PointKind
  readonly functionIndex: number
  /** The offset of the instruction in the module. */
  readonly at: number
  readonly locals: readonly PointLocal[]
  /** Where in the record the depth of the frame is; -1 if it is not recorded. */
  readonly depthAt: number
  /** Where in the record the units of fuel are that are left; -1 if they are not recorded. */
  readonly fuelAt: number
  /** Bytes of the record. A `call` leaves none: the host writes it. */
  readonly size: number
  /** The import that a `read`, a `write` or a `call` calls; -1 for a call by a reference. */
  readonly importIndex: number
}

/** Where a `write` has the entity, the value before and the value after, and a `read` the entity and the value. The last one follows the second. */
export const WRITE_ENTITY = 4
export const WRITE_OLD = 8
