import type { ScriptError } from '../../errors.ts'
import type { GuestKind } from '../../guest/guest.ts'
import type { ScriptMetadata } from './metadata.ts'

declare const scriptId: unique symbol

/** Names a script of a runtime. A number of a type of its own, never used again for another script. */
export type ScriptId = number & { readonly [scriptId]: true }

/** A script passes through these in this order; a fault makes it `faulted`, a reload `active` again. */
export type ScriptStatus = 'loading' | 'validating' | 'initializing' | 'active' | 'faulted' | 'disposed'

/** What a script did in the last tick. */
export interface ScriptStats {
  /** Entities it was run on. */
  readonly entities: number
  /** Units of fuel it spent. */
  readonly fuel: number
  /** Milliseconds it took. */
  readonly ms: number
  /** Calls of its exports. */
  readonly calls: number
  /** Lines it logged beyond `limits.logsPerTick`. */
  readonly logsDropped: number
}

/** A view of a script that stays true as the script goes on. */
export interface ScriptInfo {
  /** The id of the script. */
  readonly id: ScriptId
  /** Its name, which no other script of the runtime has. */
  readonly name: string
  /** The kind of module it is; `undefined` while it is loading. */
  readonly guest: GuestKind | undefined
  /** The entity of the script itself, whose `ScriptState` holds its saved state. */
  readonly entity: number
  /** 1 at load, one more with each reload. */
  readonly generation: number
  /** What it is doing. */
  readonly status: ScriptStatus
  /** Scripts of a lower order run first. */
  readonly order: number
  /** What its `get_metadata` returned; `undefined` without such an export. */
  readonly metadata: ScriptMetadata | undefined
  /** What it did in the last tick. */
  readonly stats: ScriptStats
  /** Where it was last loaded from, if that was a URL. */
  readonly url: URL | undefined
  /** Why it is `faulted`; `undefined` if it is not. */
  readonly fault: ScriptError | undefined
}

/** What a host function gets as its first argument. */
export interface HostContext {
  /** The script that called. */
  readonly script: ScriptInfo
  /** The memory that the script exports. @throws {ScriptError} MissingExport if it exports none */
  readonly memory: WebAssembly.Memory
  /** The bytes of that memory, until the script runs again. @throws {ScriptError} MissingExport if it exports none */
  readonly bytes: Uint8Array
  /** Reads a UTF-8 string in its memory. @throws {ScriptError} InvalidPointer */
  readString(pointer: number, length: number): string
  /** Reads the value of a JSON text in its memory. @throws {ScriptError} InvalidPointer, InvalidJson */
  readJson(pointer: number, length: number): unknown
}
