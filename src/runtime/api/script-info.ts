import type { Limits } from '../../abi/limits.ts'
import type { ScriptError } from '../../errors.ts'
import type { GuestKind, ScriptLink } from '../../guest/module-description.ts'
import type { ScriptMetadata } from './metadata.ts'

declare const scriptId: unique symbol

/** Identifies a script of a runtime. Ids are never reused. */
export type ScriptId = number & { readonly [scriptId]: true }

/** The status of a script, in the order of its life. A fault changes `active` to `faulted`; a reload changes it back. */
export type ScriptStatus = 'loading' | 'validating' | 'initializing' | 'active' | 'faulted' | 'disposed'

/** What a script did in the last completed tick. */
export interface ScriptStats {
  /** Entities it ran on. */
  readonly entities: number
  /** Units of fuel it spent. */
  readonly fuel: number
  /** Milliseconds it took. */
  readonly ms: number
  /** Calls of its exports by the runtime. */
  readonly calls: number
  /** Log lines dropped because of `limits.logsPerTick`. */
  readonly logsDropped: number
  /** Messages that it sent and that were dropped: `limits.messages` waited for the script they were for. */
  readonly messagesDropped: number
}

/** A live, read-only view of a script. */
export interface ScriptInfo {
  /** The id of the script. */
  readonly id: ScriptId
  /** The name of the script, unique in its runtime. */
  readonly name: string
  /** The kind of module; `undefined` while the script is loading. */
  readonly guest: GuestKind | undefined
  /** How it reaches the fields of components, and why; `undefined` while the script is loading. */
  readonly link: ScriptLink | undefined
  /** The entity that holds the script's saved state, in its `ScriptState` component. */
  readonly entity: number
  /** 1 after loading, incremented by each reload. */
  readonly generation: number
  /** The status of the script. */
  readonly status: ScriptStatus
  /** The order of the script. Scripts with a lower order run first. */
  readonly order: number
  /** The limits of the script. */
  readonly limits: Limits
  /** The result of `get_metadata`; `undefined` if the script does not export it. */
  readonly metadata: ScriptMetadata | undefined
  /**
   * What is probably a mistake, though the script runs: an export whose name resembles one that the runtime calls, a config that
   * no export takes, and what the last reload warned of. A load logs its warnings, too.
   */
  readonly warnings: readonly string[]
  /** Ticks for which its generation is still on probation: a trap, or `runtime.revert`, takes code and world back. 0 if it is not. */
  readonly probation: number
  /** What the script did in the last completed tick. */
  readonly stats: ScriptStats
  /** The URL that the script was last loaded from; `undefined` if its source had none. */
  readonly url: URL | undefined
  /** The URLs that its code was last read from: `url`, and the modules that a manifest names. */
  readonly files: readonly URL[]
  /** The fault that stopped the script; `undefined` unless its status is `faulted`. */
  readonly fault: ScriptError | undefined
}

/**
 * The first argument of a host function.
 *
 * @example
 * const host = { game: { say: (context, pointer, length) => console.log(context.readString(pointer, length)) } }
 */
export interface HostContext {
  /** The script that called the function. */
  readonly script: ScriptInfo
  /** The bytes of that memory. Valid until the script runs again. @throws {ScriptError} MissingExport if it exports none */
  readonly bytes: Uint8Array
  /** Returns the UTF-8 string at an address of that memory. @throws {ScriptError} MissingExport, InvalidPointer */
  readString(pointer: number, length: number): string
  /** Returns the value of the JSON text at an address of that memory. @throws {ScriptError} MissingExport, InvalidPointer, InvalidJson */
  readJson(pointer: number, length: number): unknown
  /** Returns a copy of a block of an Extism plugin, by its offset. @throws {ScriptError} MissingExport in a script, InvalidPointer, HostError after the host function returned */
  read(offset: number | bigint): Uint8Array
  /** Returns the UTF-8 text of a block of an Extism plugin. @throws {ScriptError} MissingExport in a script, InvalidPointer, HostError after the host function returned */
  readText(offset: number | bigint): string
  /**
   * Passes bytes or text to an Extism plugin. Returns the offset of a block, which the host function returns; 0n for no bytes.
   * @throws {ScriptError} MissingExport in a script, OutOfMemory, HostError after the host function returned
   */
  store(data: Uint8Array | string): bigint
}
