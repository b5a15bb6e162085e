import { ScriptError } from '../../errors.ts'
import type { LateAnswer } from '../../guest/guest.ts'
import type { HttpAnswer } from '../../host/services/http-requests.ts'
import type { ComponentChanges, ComponentValues } from './component-types.ts'
import type { JobDelivery, JobOptions } from './job.ts'
import type { LoadOptions, ReloadOptions } from './load-options.ts'

/**
 * An action of the host on a game: a tick, or a call between two ticks, by `kind`, which is the name of the method without
 * `Module`; or an `answer` that came from a worker, a `response` by HTTP, or a `jobInput` that came for a job. Calls of workers and jobs
 * are counted together, and snapshots hold the count. Scripts are identified by name, since ids differ between processes. The snapshot of a
 * `restore` leaves out components and relations that `create` did not name.
 */
export type HostInput =
  | { readonly kind: 'tick'; readonly dt: number }
  | { readonly kind: 'emit'; readonly name: string; readonly args: readonly (number | bigint)[] }
  | { readonly kind: 'spawn'; readonly components: ComponentValues }
  | { readonly kind: 'write'; readonly entity: number; readonly components: ComponentChanges }
  | { readonly kind: 'despawn'; readonly entity: number }
  | {
      readonly kind: 'relate'
      readonly entity: number
      readonly relation: string
      readonly target: number
      readonly data: Readonly<Record<string, number>>
    }
  | { readonly kind: 'unrelate'; readonly entity: number; readonly relation: string; readonly target: number }
  | { readonly kind: 'attach' | 'detach'; readonly entity: number; readonly script: string }
  | { readonly kind: 'call'; readonly script: string; readonly name: string; readonly args: readonly (number | bigint)[] }
  | { readonly kind: 'callJson'; readonly script: string; readonly name: string; readonly arg?: unknown }
  | { readonly kind: 'callBytes'; readonly script: string; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'send'; readonly script: string; readonly topic: string; readonly data: unknown }
  | { readonly kind: 'request'; readonly script: string; readonly topic: string; readonly data: unknown; readonly ticks: number }
  | { readonly kind: 'load'; readonly script: string; readonly content: ScriptContent; readonly options: LoadOptions }
  | { readonly kind: 'reload'; readonly script: string; readonly content: ScriptContent; readonly options: ReloadOptions }
  | { readonly kind: 'unload' | 'pause' | 'resume' | 'revert'; readonly script: string }
  | { readonly kind: 'setClock'; readonly clock: { readonly tick: number; readonly time: number } }
  | { readonly kind: 'restore'; readonly snapshot: Uint8Array }
  | { readonly kind: 'configure'; readonly script: string; readonly config: unknown }
  | ({ readonly kind: 'response'; readonly script: string } & HttpAnswer)
  | ({ readonly kind: 'answer'; readonly script: string } & LateAnswer)
  | { readonly kind: 'job'; readonly script: string; readonly options: JobOptions }
  | ({ readonly kind: 'jobInput'; readonly job: number } & JobDelivery)
  | { readonly kind: 'cancelJob'; readonly job: number }

/** The WAT text of a script, or its binary if it has no text. */
export type ScriptContent = string | Uint8Array

/**
 * An input, and the number of ticks that were completed before it. A stream of them, in order, makes of a snapshot the same game in another
 * runtime: `InputPlayer` plays it, `encodeInputs` makes bytes of it.
 */
export type GameInput = HostInput & { readonly tick: number }

/** A game that has inputs. */
export interface InputSource {
  readonly emitter: { hears(name: 'input'): boolean; deliver(name: 'input', input: GameInput): void }
  readonly clock: { readonly tick: number }
  /** Throws for an input that is not the next one of what is being played. `undefined` if nothing is. */
  guard: ((input: HostInput) => void) | undefined
  /** Whether inputs are being played: the answers of workers are among them. */
  isReplayed: boolean
  /** Whether listeners are being called with an input that has not taken effect yet. */
  isAnnouncing: boolean
  /** Called with what the host does while scripts run, which is no input. `undefined` if nobody needs it. */
  nested: ((input: () => HostInput) => void) | undefined
  /** Whether scripts are running. */
  readonly running: boolean
  readonly isDisposed: boolean
}

/**
 * Calls the listeners with an input before it takes effect. Actions of the host while scripts run are no inputs: the script that caused them
 * causes them again when the inputs are played. Throws `HostError` for an input that a listener of another causes, and for one that is not
 * the next of those that are being played; `Disposed` if a listener disposed of the runtime.
 */
export function recordInput(source: InputSource, input: () => HostInput): void {
  if (source.running) {
    source.nested?.(input)
    return
  }
  if (source.isAnnouncing)
    throw new ScriptError('HostError', "a listener for 'input' must not change the game: do it in a listener for 'tick'")
  if (source.guard !== undefined || source.emitter.hears('input')) announce(source, input())
}

function announce(source: InputSource, input: HostInput): void {
  source.guard?.(input)
  // The host may change its arguments later.
  const kept: GameInput = { tick: source.clock.tick, ...(isOwn(input) ? input : structuredClone(input)) }
  source.isAnnouncing = true
  try {
    source.emitter.deliver('input', kept)
  } finally {
    source.isAnnouncing = false
  }
  // A listener may have disposed of it.
  checkOpen(source)
}

/** Throws `Disposed` after the runtime was disposed of. */
export function checkOpen({ isDisposed }: Pick<InputSource, 'isDisposed'>): void {
  if (isDisposed) throw new ScriptError('Disposed', 'the runtime has been disposed of')
}

/** Returns whether an input holds nothing that the host could change. */
function isOwn({ kind }: HostInput): boolean {
  return kind === 'tick' || kind === 'emit' || kind === 'attach' || kind === 'detach'
}

/** Returns whether inputs are about to be played: the game is restored to the moment at which they began. */
export function isReplayBeginning({ guard, isReplayed }: InputSource): boolean {
  return isReplayed && guard === undefined
}
