import { ScriptError } from '../../errors.ts'
import type { LateAnswer } from '../../guest/guest.ts'
import type { HttpAnswer } from '../../host/services/http-requests.ts'
import type { ComponentChanges, ComponentValues } from './component-types.ts'
import type { JobDelivery, JobOptions } from './job.ts'
import type { LoadOptions, ReloadOptions } from './load-options.ts'

/**
 * An action of the host on a game: a tick, or a call between two ticks, by `kind`, which is the name of the method without
 * `Module`; or an `answer` that came from a worker, a `response` by HTTP, or a `jobInput` that came for a job. Calls of workers and jobs
 * are counted together from the start of the log. Scripts are identified by name, since ids differ between processes.
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
  | { readonly kind: 'unload' | 'pause' | 'resume'; readonly script: string }
  | { readonly kind: 'restore'; readonly snapshot: Uint8Array }
  | { readonly kind: 'configure'; readonly script: string; readonly config: unknown }
  | ({ readonly kind: 'response'; readonly script: string } & HttpAnswer)
  | ({ readonly kind: 'answer'; readonly script: string } & LateAnswer)
  | { readonly kind: 'job'; readonly script: string; readonly options: JobOptions }
  | ({ readonly kind: 'jobInput'; readonly job: number } & JobDelivery)
  | { readonly kind: 'cancelJob'; readonly job: number }

/** The WAT text of a script, or its binary if it has no text. */
export type ScriptContent = string | Uint8Array

/** Called with every input before it takes effect. If it throws, the input is refused. */
export type InputLog = (input: HostInput) => void

/** What the snapshots in a log leave out. */
export interface LogEncoding {
  readonly without?: 'unnamed'
}

/** A game whose input can be logged. */
export interface InputSource {
  /** The log of a recorder or a replay, if there is one. */
  inputLog: InputLog | undefined
  /** How a snapshot that is restored is encoded for the log. */
  encoding: LogEncoding
  /** Whether the log is of a replay: answers of workers come from the recording. */
  isReplayed: boolean
  /** The number of the first call of a worker, or job, after the log was opened. */
  firstCall: number
  /** The number of the next call of a worker, or job. */
  readonly nextCall: number
  /** Whether scripts are running. */
  readonly running: boolean
}

/**
 * Passes an input to the log, if there is one, before it takes effect. Actions of the host while scripts run are not logged:
 * the script that caused them causes them again in a replay.
 */
export function recordInput({ inputLog, running }: InputSource, input: () => HostInput): void {
  if (inputLog !== undefined && !running) inputLog(input())
}

/** Returns whether a replay is about to begin: it restores the game to the moment at which the recording began. */
export function isReplayBeginning({ inputLog, isReplayed }: InputSource): boolean {
  return isReplayed && inputLog === undefined
}

/** Throws `InvalidOptions` if an input log is open. */
export function checkNoInputLog({ inputLog }: InputSource): void {
  if (inputLog !== undefined)
    throw new ScriptError('InvalidOptions', 'the runtime is being recorded or replayed already: stop() or end() that first')
}

/** Opens an input log. Returns a function that closes it. Throws `InvalidOptions` if one is open already. */
export function openInputLog(source: InputSource, inputLog: InputLog, encoding: LogEncoding = {}): () => void {
  checkNoInputLog(source)
  source.inputLog = inputLog
  source.encoding = encoding
  source.firstCall = source.nextCall
  return () => {
    if (source.inputLog === inputLog) source.inputLog = undefined
  }
}
