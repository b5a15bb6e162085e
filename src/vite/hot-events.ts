import type { ErrorCode, ExtismManifest, Manifest, ScriptError, ScriptFrame, SourceLocation } from '../index.ts'

/** The events that the development server and a runtime, in a page or on a server, send to each other. */
export const EVENTS = {
  /** Server to runtime: a {@link ScriptChange}. */
  changed: 'bitscript:changed',
  /** Server to runtime: the file was removed. */
  removed: 'bitscript:removed',
  /** Runtime to server: a {@link Mistake} that only a runtime could find. */
  mistake: 'bitscript:mistake',
  /** Runtime to server: the {@link Warnings} of a script that runs all the same. */
  warnings: 'bitscript:warnings',
  /** Runtime to server: a {@link ScriptVersion} begins to receive changes. Those before it were sent too early. */
  opened: 'bitscript:opened',
  /** Runtime to server: a script that could not be loaded was saved, so the page has to start again. */
  restart: 'bitscript:restart',
} as const

/** The name of the symbol on `globalThis` for the connection within a process. */
export const LOCAL_HOT = 'bitscript:hot'

/** A version of a script's module. */
export interface ScriptVersion {
  /** The id of its Vite module. */
  readonly id: string
  /** Increases with each content that is sent. */
  readonly version: number
}

/** The content of a saved script. */
export interface ScriptChange extends ScriptVersion {
  /** The path of the file, as errors show it. */
  readonly file: string
  /** The wasm binary in Base64; empty for a manifest. */
  readonly bytes: string
  readonly text?: string
  /** The manifest of an Extism plugin, with its modules in it. */
  readonly manifest?: ExtismManifest
  /** The manifest of the mod that it belongs to. */
  readonly mod?: Manifest
}

/** The parts of a `ScriptError` that a runtime sends to the server. */
export interface Mistake {
  /** The id of the script's Vite module. */
  readonly id: string
  readonly code: ErrorCode
  readonly detail: string
  readonly script?: string
  readonly location?: SourceLocation
  readonly frame?: string
  readonly trace?: readonly ScriptFrame[]
  /** Whether it was found in a page, which then shows it. Otherwise every page shows it, as that of a worker. @default true */
  readonly isPage?: boolean
}

/** The warnings of a script that was loaded or reloaded. */
export interface Warnings {
  /** The id of the script's Vite module. */
  readonly id: string
  readonly script: string
  readonly warnings: readonly string[]
  /** Whether to show them in the page too, as after a save. */
  readonly inPage: boolean
  /** Whether they come from a page, as with {@link Mistake}. */
  readonly isPage: boolean
}

export function mistakeOf(id: string, { code, detail, script, location, frame, trace }: ScriptError): Mistake {
  return {
    ...{ id, code, detail },
    ...(script !== undefined && { script }),
    ...(location && { location }),
    ...(frame !== undefined && { frame }),
    ...(trace !== undefined && { trace }),
  }
}
