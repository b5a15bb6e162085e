import type { ErrorCode, ScriptError, SourceLocation } from '../index.ts'

/** The events that the development server and the page send to each other. */
export const EVENTS = {
  /** Server to page: a {@link ScriptChange}. */
  changed: 'bitscript:changed',
  /** Server to page: the file was removed. */
  removed: 'bitscript:removed',
  /** Page to server: a {@link Mistake} that only a runtime could find. */
  mistake: 'bitscript:mistake',
  /** Page to server: the {@link Warnings} of a script that runs all the same. */
  warnings: 'bitscript:warnings',
} as const

/** The content of a saved script. */
export interface ScriptChange {
  /** The id of its Vite module. */
  readonly id: string
  /** The wasm binary in Base64. */
  readonly bytes: string
  readonly text?: string
}

/** The parts of a `ScriptError` that the page sends to the server. */
export interface Mistake {
  /** The id of the script's Vite module. */
  readonly id: string
  readonly code: ErrorCode
  readonly detail: string
  readonly script?: string
  readonly location?: SourceLocation
  readonly frame?: string
}

/** The warnings of a script that was loaded or reloaded. */
export interface Warnings {
  /** The id of the script's Vite module. */
  readonly id: string
  readonly script: string
  readonly warnings: readonly string[]
  /** Whether to show them in the page too, as after a save. */
  readonly inPage: boolean
}

export function mistakeOf(id: string, { code, detail, script, location, frame }: ScriptError): Mistake {
  return { id, code, detail, ...(script !== undefined && { script }), ...(location && { location }), ...(frame !== undefined && { frame }) }
}
