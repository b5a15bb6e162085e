import type { SourceLocation } from '../../errors.ts'

/** Where an event happened. */
interface EventPlace {
  /** Its number among the events of the tick. */
  readonly index: number
  /** The name of the script. */
  readonly script: string
  /** The name of the function. */
  readonly function: string
  /** The place in the source; left out if it is unknown. */
  readonly place?: SourceLocation
}

/** The values of locals by name. An i64 is a bigint. */
export type LocalValues = Readonly<Record<string, number | bigint>>

/** A function begins. */
export interface EnterEvent extends EventPlace {
  /** What happened: a function begins. */
  readonly kind: 'enter'
  /** Frames below it. */
  readonly depth: number
  /** Units of fuel that are left, before what the function is charged at its start. */
  readonly fuel: number
  /** Its parameters. */
  readonly locals: LocalValues
}

/** A statement begins. */
export interface LineEvent extends EventPlace {
  /** What happened: a statement begins. */
  readonly kind: 'line'
  /** The locals of the function, parameters among them, before the statement. */
  readonly locals: LocalValues
}

/** A function that this one called has returned to it. */
export interface ReturnedEvent extends EventPlace {
  /** What happened: a function has returned to this one. */
  readonly kind: 'returned'
  /** Frames below this one. */
  readonly depth: number
  /** Units of fuel that are left. */
  readonly fuel: number
}

/** A field of an entity was written. */
export interface WriteEvent extends EventPlace {
  /** What happened: a field was written. */
  readonly kind: 'write'
  /** Such as `Health.points`. */
  readonly field: string
  /** The entity whose field it is. */
  readonly entity: number
  /** The value before. */
  readonly old: number
  /** The value after. */
  readonly value: number
}

/** A field of an entity was read. Recorded if it is asked for. */
export interface ReadEvent extends EventPlace {
  /** What happened: a field was read. */
  readonly kind: 'read'
  /** Such as `Health.points`. */
  readonly field: string
  /** The entity whose field it is. */
  readonly entity: number
  /** What it held. */
  readonly value: number
}

/** An import was called that is no code of the script: of the host, or of another module. */
export interface CallEvent extends EventPlace {
  /** What happened: an import was called. */
  readonly kind: 'call'
  /** Such as `ecs.add Dead`. */
  readonly import: string
  /** The numbers, or the values of a component, that it was given. */
  readonly args: readonly unknown[]
  /** What it returned; left out if it returned nothing, or threw. */
  readonly result?: unknown
  /** What it threw; left out if it returned. */
  readonly error?: unknown
}

/** Something that happened in a traced tick. */
export type TraceEvent = EnterEvent | LineEvent | ReturnedEvent | ReadEvent | WriteEvent | CallEvent

/** A function that is running, and where in it. */
export interface TraceFrame {
  /** The name of the script. */
  readonly script: string
  /** The name of the function. */
  readonly function: string
  /** Where in the function; left out if it is unknown. */
  readonly place?: SourceLocation
  /** The locals as the last statement began; the parameters alone before the first. */
  readonly locals: LocalValues
}

/** The game in the middle of a tick. */
export interface TraceMoment {
  /** What happens. */
  readonly event: TraceEvent
  /** The functions that run, the innermost first. */
  readonly stack: readonly TraceFrame[]
}
