import { ScriptError } from '../../errors.ts'
import type { ComponentChanges, ComponentValues } from './component-types.ts'
import type { LoadOptions, ReloadOptions } from './load-options.ts'

/** What the host did to a game between two ticks, or a tick. Scripts go by their names, which other processes know. */
export type HostInput =
  | { readonly kind: 'tick'; readonly dt: number }
  | { readonly kind: 'emit'; readonly name: string; readonly args: readonly (number | bigint)[] }
  | { readonly kind: 'spawn'; readonly components: ComponentValues }
  | { readonly kind: 'write'; readonly entity: number; readonly components: ComponentChanges }
  | { readonly kind: 'despawn'; readonly entity: number }
  | { readonly kind: 'attach' | 'detach'; readonly entity: number; readonly script: string }
  | { readonly kind: 'call'; readonly script: string; readonly name: string; readonly args: readonly (number | bigint)[] }
  | { readonly kind: 'callJson'; readonly script: string; readonly name: string; readonly arg?: unknown }
  | { readonly kind: 'callBytes'; readonly script: string; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'load'; readonly script: string; readonly content: ScriptContent; readonly options: LoadOptions }
  | { readonly kind: 'reload'; readonly script: string; readonly content: ScriptContent; readonly options: ReloadOptions }
  | { readonly kind: 'unload'; readonly script: string }
  | { readonly kind: 'restore'; readonly snapshot: Uint8Array }

/** The text of a script, or the binary of one that has none. */
export type ScriptContent = string | Uint8Array

/** Receives everything that the host is about to do. If it throws, it is not done. */
export type InputLog = (input: HostInput) => void

/** A game whose input can be logged. */
export interface InputSource {
  /** Who records, or replays, what the host does. */
  inputLog: InputLog | undefined
  /** Whether scripts are running. */
  readonly running: boolean
}

/**
 * Passes an input to the log, if there is one, before it is done. What the host does while scripts run is no input of its
 * own: a script made it do so, and will again.
 */
export function recordInput({ inputLog, running }: InputSource, input: () => HostInput): void {
  if (inputLog !== undefined && !running) inputLog(input())
}

/** Throws `InvalidOptions` if the input is logged already. */
export function checkNoInputLog({ inputLog }: InputSource): void {
  if (inputLog !== undefined)
    throw new ScriptError('InvalidOptions', 'the runtime is being recorded or replayed already: stop() or end() that first')
}

/** Opens an input log. Returns a function that closes it. Throws `InvalidOptions` if one is open already. */
export function openInputLog(source: InputSource, inputLog: InputLog): () => void {
  checkNoInputLog(source)
  source.inputLog = inputLog
  return () => {
    if (source.inputLog === inputLog) source.inputLog = undefined
  }
}
