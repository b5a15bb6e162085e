import { ScriptError } from '../../errors.ts'
import type { LoadOptions, ReloadOptions } from './options.ts'

/** Values of components, by name and field; `{}` for a tag. */
export type ComponentValues = Readonly<Record<string, Readonly<Record<string, number>>>>

/** What becomes of components of an entity: values to write, `null` to take the component away. */
export type ComponentChanges = Readonly<Record<string, Readonly<Record<string, number>> | null>>

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
  | { readonly kind: 'load'; readonly script: string; readonly content: ScriptContent; readonly options: LoadOptions }
  | { readonly kind: 'reload'; readonly script: string; readonly content: ScriptContent; readonly options: ReloadOptions }
  | { readonly kind: 'unload'; readonly script: string }
  | { readonly kind: 'restore'; readonly snapshot: Uint8Array }

/** The text of a script, or the binary of one that has none. */
export type ScriptContent = string | Uint8Array

/** Told of everything that the host is about to do. May throw, and then it is not done. */
export type InputLog = (input: HostInput) => void

/** A game with a door. */
export interface InputSource {
  /** Who records, or replays, what the host does. */
  door: InputLog | undefined
  /** Whether scripts are running. */
  readonly running: boolean
}

/**
 * Everything that the host does to a game goes through here. What it does while scripts run is no input of its own: a
 * script made it do so, and will again.
 */
export function recordInput({ door, running }: InputSource, input: () => HostInput): void {
  if (door !== undefined && !running) door(input())
}

/** Throws `InvalidOptions` if somebody is at the door. */
export function checkNoInputLog({ door }: InputSource): void {
  if (door !== undefined)
    throw new ScriptError('InvalidOptions', 'the runtime is being recorded or replayed already: stop() or end() that first')
}

/** Puts somebody at the door. Gives what ends it. Throws `InvalidOptions` if somebody is there already. */
export function openInputLog(way: InputSource, door: InputLog): () => void {
  checkNoInputLog(way)
  way.door = door
  return () => {
    if (way.door === door) way.door = undefined
  }
}
