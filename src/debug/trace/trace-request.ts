import type { SourceLocation } from '../../errors.ts'

/** A line of the source of a script. */
export interface TracedLine {
  readonly line: number
  /** The file of its places. @default any */
  readonly file?: string | undefined
  /** The name of the script. @default any */
  readonly script?: string | undefined
}

/** What a trace records, resolved. Traces of one request share their code. */
export interface TraceRequest {
  /** The names of the scripts; `undefined` for all. */
  readonly scripts: readonly string[] | undefined
  /** Whether statements are recorded, or on which lines alone. */
  readonly lines: boolean | readonly TracedLine[]
  readonly locals: boolean
  readonly calls: boolean
  /** Whether reads of fields are recorded. */
  readonly reads: boolean
  /** Whether writes are recorded, or of which fields alone. */
  readonly writes: boolean | string | readonly string[]
}

/** Returns whether writes of a field are recorded. */
export function isWriteTraced(writes: TraceRequest['writes'], field: string): boolean {
  return typeof writes === 'object' ? writes.includes(field) : writes === true || writes === field
}

/** Returns whether statements at a place are recorded. */
export function isLineTraced(lines: TraceRequest['lines'], script: string, place: SourceLocation | undefined): boolean {
  if (typeof lines === 'boolean') return lines
  return lines.some((line) => isAtLine(line, script, place))
}

/** Returns whether a place of a script is on a line. */
export function isAtLine({ line, file, script }: TracedLine, of: string, place: SourceLocation | undefined): boolean {
  return (
    place?.line === line &&
    (script === undefined || script === of) &&
    (file === undefined || file === place.file || place.file.endsWith(`/${file}`))
  )
}

/** Which records of a run are kept. */
export interface TraceWindow {
  /** The entity whose updates are recorded; -1 for all. */
  readonly entity: number
  /** The entity whose writes are recorded; -1 for all. */
  readonly target: number
  /** The number of the first record that is kept, and how many are. */
  readonly from: number
  readonly count: number
}

/** What a trace records with the default options. */
export const DEFAULT_REQUEST: TraceRequest = { scripts: undefined, lines: true, locals: true, calls: true, reads: false, writes: true }

/** Keeps all records. */
export const WHOLE: TraceWindow = { entity: -1, target: -1, from: 0, count: 0xffff_ffff }
