import type { Job, JobDelivery, JobInput, JobOptions } from '../api/job.ts'
import type { Script } from './script.ts'

/** Why jobs end that are not over: what happened to their script, or to the game. */
export type JobEnd = 'unloaded' | 'reloaded' | 'faulted' | 'cancelled' | 'restored' | 'replayed' | 'disposed'

/** The jobs of a runtime that have not ended. */
export interface Jobs {
  /** Whether there is any. */
  readonly isBusy: boolean
  /** Starts a job, which runs from the next tick on. Throws `ExportNotFound`, `InvalidOptions`. */
  start(script: Script, input: JobInput, options: JobOptions): Job
  /** Takes what came for jobs since the last tick, for the tick that is about to begin, and records it. */
  receive(): void
  /** Passes on what came for a job, by its number. */
  deliver(number: number, delivery: JobDelivery): void
  /** Cancels a job, by its number. */
  cancel(number: number): void
  /** Ends the jobs of scripts that have faulted, and notes which jobs the tick runs. */
  beginTick(): void
  /** Runs each job on its fuel of this tick. */
  run(): void
  /** Ends the jobs of a script, or of all: their promises reject with `Disposed`. Returns how many there were. */
  end(why: JobEnd, script?: Script): number
  /** Resolves when no input that is read has an item to come. */
  settled(): Promise<void>
}

export const NO_JOBS = "it exports no 'job_chunk'"
