import * as v from 'valibot'
import { copyJson } from '../../json.ts'
import { anything, checkOptions, invalidOption, oneOf, wholeNumber } from '../../options.ts'
import type { JobInput, JobOptions } from '../api/job.ts'

/** The options of a job, complete. */
export interface ResolvedJobOptions {
  readonly config: unknown
  readonly fuelPerTick: number
  readonly chunk: number
  readonly kind: 'json' | 'bytes' | undefined
}

const jobOptions = v.strictObject(
  {
    config: anything,
    fuelPerTick: v.optional(wholeNumber(1)),
    chunk: v.optional(wholeNumber(1)),
    kind: v.optional(oneOf('json', 'bytes')),
  },
  'an object of options',
)

/** The schema of options that a recording holds. */
export const jobOptionsSchema: v.GenericSchema<JobOptions> = jobOptions as v.GenericSchema<unknown> as v.GenericSchema<JobOptions>

/** The part of `limits.fuel` that a job has in a tick: what takes a frame's time at worst, where `limits.fuel` takes 0.3 seconds. */
const SHARE_OF_FUEL = 20

/** Returns the options, complete. Throws `InvalidOptions`. */
export function resolveJobOptions(options: JobOptions, fuel: number): ResolvedJobOptions {
  checkOptions(jobOptions, options, 'job')
  const { config = null, fuelPerTick = Math.ceil(fuel / SHARE_OF_FUEL), chunk = 1000, kind } = options
  if (fuelPerTick > fuel) invalidOption(`fuelPerTick must be at most ${fuel}, the limits.fuel of the script, not ${fuelPerTick}`)
  try {
    return { config: copyJson(config), fuelPerTick, chunk, kind }
  } catch (cause) {
    return invalidOption(`config must be a value that JSON can write: ${cause instanceof Error ? cause.message : cause}`)
  }
}

/** Throws `InvalidOptions` for what cannot be the input of a job. */
export function checkInput(input: JobInput): void {
  if (typeof input === 'string') invalidOption('the input of a job must be a list of items, such as [text], not a text')
  if (ArrayBuffer.isView(input))
    invalidOption('the input of a job must be a list of Uint8Arrays, such as [bytes], not a single array of bytes')
  const { [Symbol.asyncIterator]: asynchronous, [Symbol.iterator]: synchronous } = Object(input) as Partial<
    AsyncIterable<unknown> & Iterable<unknown>
  >
  if (typeof asynchronous !== 'function' && typeof synchronous !== 'function')
    invalidOption('the input of a job must be an iterable or an async iterable, such as an array or a stream')
}

/** Returns how many items an input has; `undefined` if it does not say. */
export function countItems(input: JobInput): number | undefined {
  const { length, size } = input as { readonly length?: unknown; readonly size?: unknown }
  return [length, size].find((each): each is number => Number.isSafeInteger(each))
}
