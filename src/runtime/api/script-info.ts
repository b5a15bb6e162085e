import type { ScriptError } from '../../errors.ts'
import type { ScriptMetadata } from './metadata.ts'

/** Names a script for as long as it is loaded. Never used again for another. */
export type ScriptId = number

/** A script passes through these in this order; a fault makes it `faulted`, a reload `active` again. */
export type ScriptStatus = 'loading' | 'validating' | 'initializing' | 'active' | 'faulted' | 'disposed'

/** What a script did in the last tick. */
export interface ScriptStats {
  /** Entities it was run on. */
  readonly entities: number
  /** Instructions it spent. */
  readonly fuel: number
  readonly ms: number
  /** Calls of its exports. */
  readonly calls: number
  /** Lines it logged beyond `limits.logsPerTick`. */
  readonly logsDropped: number
}

/** A view of a script that stays true as the script goes on. */
export interface ScriptInfo {
  readonly id: ScriptId
  readonly name: string
  /** The entity of the script itself, whose `ScriptState` holds its saved state. */
  readonly entity: number
  /** 1 at load, one more with each reload. */
  readonly generation: number
  readonly status: ScriptStatus
  /** Scripts of a lower order run first. */
  readonly order: number
  /** What its `get_metadata` returned. */
  readonly metadata: ScriptMetadata | undefined
  readonly stats: ScriptStats
  /** Where it was last loaded from, if that was a URL. */
  readonly url: URL | undefined
  /** Why it is `faulted`. */
  readonly fault: ScriptError | undefined
}

/** What a host function gets as its first argument. */
export interface HostContext {
  /** The script that called. */
  readonly script: ScriptInfo
  /** Its exported memory. Throws `MissingExport` if it has none. */
  readonly memory: WebAssembly.Memory
  /** A UTF-8 string in its memory. Throws `InvalidPointer`. */
  readString(pointer: number, length: number): string
  /** The value of a JSON text in its memory. Throws `InvalidPointer`, `InvalidJson`. */
  readJson(pointer: number, length: number): unknown
}
