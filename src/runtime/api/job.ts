import type { ErrorCode } from '../../errors.ts'

/** The input of a job: items that it is passed in order. It is read no faster than the job takes it. */
export type JobInput<Item = unknown> = Iterable<Item> | AsyncIterable<Item>

/** What a job gives for an input of such items: bytes for `Uint8Array`, values of JSON for all else. */
export type JobOutput<Item> = Item extends Uint8Array ? Uint8Array : unknown

/** Options of `runtime.job`. */
export interface JobOptions {
  /** The value that `job_init` gets as JSON. @default null */
  readonly config?: unknown
  /**
   * Units of fuel that the job may spend in a tick, beside the fuel of its script: at most the script's `limits.fuel`. A call of the job
   * that needs more ends it with `OutOfFuel`.
   * @default a twentieth of the script's limits.fuel: 2,500,000
   */
  readonly fuelPerTick?: number
  /** Items of JSON that `job_chunk` is passed at most. Bytes are passed as they come. @default 1_000 */
  readonly chunk?: number
  /** Whether the items are bytes or values of JSON. @default what the first item is; `'json'` for an input without items */
  readonly kind?: 'json' | 'bytes'
}

/** How far a job is. */
export interface JobProgress {
  /** Calls of `job_chunk` that have returned. */
  readonly chunks: number
  /** Items of the input that were passed. */
  readonly items: number
  /** The part of the input that was passed, from 0 to 1; left out if the input has no `length` and no `size`. */
  readonly fraction?: number
}

/**
 * Work on data that is too big for a tick: see `runtime.job`. Iterate it for what `job_chunk` returns. It waits while outputs are not
 * taken, and ends if the loop is left.
 */
export interface Job<Output = unknown> extends AsyncIterable<Output> {
  /** The name of its script. */
  readonly script: string
  /** How far it is. */
  readonly progress: JobProgress
  /** Whether it has ended, successfully or not. */
  readonly done: boolean
  /**
   * Resolves with what `job_finish` returned; `undefined` if it returns nothing. Rejects with the error that ended the job: `Disposed` if
   * it was cancelled, if its script faulted or was reloaded or unloaded, if the game was restored, or the runtime disposed of. Nobody
   * has to handle it.
   */
  readonly result: Promise<Output | undefined>
  /** Ends the job, and calls its `job_cleanup`. Does nothing if it has ended. */
  cancel(): void
}

/** What the input of a job gave, and what was taken of its outputs, since the tick before. */
export interface JobDelivery {
  /** Items of the input: bytes, or values as JSON text. */
  readonly items: readonly (Uint8Array | string)[]
  /** Whether the input has no more items. */
  readonly isOver: boolean
  /** The code and the detail of the error with which the input failed; `null` if it did not. */
  readonly error: readonly [code: ErrorCode, detail: string] | null
  /** How many outputs were taken. */
  readonly taken: number
}
