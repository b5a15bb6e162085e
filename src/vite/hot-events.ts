import type { ErrorCode, ScriptError, SourceLocation } from '../index.ts'

/** Events between the development server and the page. */
export const EVENTS = {
  /** Server to page: a {@link ScriptChange}. */
  changed: 'bitscript:changed',
  /** Server to page: the file is gone. */
  removed: 'bitscript:removed',
  /** Page to server: a {@link Mistake} that only a runtime could find. */
  mistake: 'bitscript:mistake',
} as const

/** A script that was saved. */
export interface ScriptChange {
  /** Its module. */
  readonly id: string
  /** In Base64. */
  readonly bytes: string
  readonly text?: string
}

/** A mistake on its way from page to server. */
export interface Mistake {
  /** The module of the script that has it. */
  readonly id: string
  readonly code: ErrorCode
  readonly detail: string
  readonly script?: string
  readonly location?: SourceLocation
  readonly frame?: string
}

export function mistakeOf(id: string, { code, detail, script, location, frame }: ScriptError): Mistake {
  return { id, code, detail, ...(script !== undefined && { script }), ...(location && { location }), ...(frame !== undefined && { frame }) }
}
