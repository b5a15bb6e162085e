import { PRICES } from '../../abi/prices.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import { Random } from '../../host/services/random.ts'
import { parseJson } from '../../json.ts'
import type { JobDelivery, JobInput } from '../api/job.ts'
import type { Generation, Running } from '../script/generation.ts'
import type { Script } from '../script/script.ts'
import { countItems, type ResolvedJobOptions } from './job-options.ts'
import { JobOutputs } from './job-outputs.ts'
import { type JobItem, JobSource, sizeOf } from './job-source.ts'

/** An item of the input that waits, or the rest of one. */
interface WaitingItem {
  readonly item: JobItem
  readonly bytes: number
}

/** What runs a job: an instance of its own, made when it begins. */
export interface JobInstance {
  readonly instance: GuestInstance
  readonly generation: Generation
  readonly running: Running
}

/** A job that has not ended. Its part in the game follows from its deliveries alone, so that a replay slices it in the same way. */
export interface JobState {
  readonly number: number
  readonly script: Script
  readonly options: ResolvedJobOptions
  readonly source: JobSource
  readonly outputs: JobOutputs
  readonly random: Random
  /** How many items the input has; `undefined` if it does not say. */
  readonly total: number | undefined
  readonly waiting: WaitingItem[]
  waitingBytes: number
  kind: 'json' | 'bytes' | undefined
  isOver: boolean
  error: JobDelivery['error']
  /** The sizes of the outputs that were not taken before this tick. */
  readonly untaken: number[]
  isStallLogged: boolean
  own: JobInstance | undefined
  /** Whether a call faulted, and left its instance in the middle of it. */
  hasFaulted: boolean
  /** The fuel left in this tick; below 0 if a call took fuel of later ticks. */
  fuel: number
  chunks: number
  items: number
  outcome: 'running' | 'succeeded' | 'failed'
  readonly settle: { readonly resolve: (result: unknown) => void; readonly reject: (error: unknown) => void }
  readonly result: Promise<unknown>
}

/** Items, and bytes of items, that wait for a job before its input is asked for more. */
export const MAX_WAITING_ITEMS = 4000
export const MAX_WAITING_BYTES: number = 1024 * 1024
/** Outputs, and bytes of outputs, that wait to be taken before the job does. */
export const MAX_OUTPUTS = 64
export const MAX_OUTPUT_BYTES: number = 1024 * 1024

/** Creates a job that has not begun. `stream` names its random numbers. */
export function createJob(
  parts: Pick<JobState, 'number' | 'script' | 'options'>,
  input: JobInput,
  { seed, stream }: { readonly seed: number; readonly stream: string },
): JobState {
  // A whole number of chunks, so that all but the last are full if the input keeps up.
  const maximum = parts.options.chunk * Math.max(2, Math.ceil(MAX_WAITING_ITEMS / parts.options.chunk))
  const isFull = (items: number, bytes: number): boolean =>
    job.waiting.length + items >= maximum || job.waitingBytes + bytes >= MAX_WAITING_BYTES
  let settle!: JobState['settle']
  const result = new Promise<unknown>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // A fault is reported by itself, whether or not anyone waits.
  result.catch(() => undefined)
  const job: JobState = {
    ...parts,
    source: new JobSource(input, parts.options.kind, isFull),
    outputs: new JobOutputs(),
    random: new Random(seed, stream),
    total: countItems(input),
    waiting: [],
    waitingBytes: 0,
    kind: parts.options.kind,
    isOver: false,
    error: null,
    untaken: [],
    isStallLogged: false,
    own: undefined,
    hasFaulted: false,
    fuel: 0,
    chunks: 0,
    items: 0,
    outcome: 'running',
    settle,
    result,
  }
  return job
}

/** Adds what came for a job. */
export function addDelivery(job: JobState, { items, isOver, error, taken }: JobDelivery): void {
  for (const item of items) {
    const bytes = sizeOf(item)
    job.kind ??= typeof item === 'string' ? 'json' : 'bytes'
    job.waiting.push({ item, bytes })
    job.waitingBytes += bytes
  }
  job.isOver ||= isOver
  job.error ??= error
  job.untaken.splice(0, taken)
}

/** Returns whether the job waits because too many of its outputs have not been taken. */
export function isStalled({ untaken }: JobState): boolean {
  return untaken.length >= MAX_OUTPUTS || untaken.reduce((sum, bytes) => sum + bytes, 0) >= MAX_OUTPUT_BYTES
}

/** The next input of `job_chunk`. */
export interface Chunk {
  readonly value: unknown
  /** How many items of the input it completes. */
  readonly items: number
  /** The units that it costs to make it: values are written as JSON one by one as they come, and read again. */
  readonly price: number
}

/** Takes the next chunk: a piece of at most `bytes` bytes, or values whose text is no longer, at least one. `undefined` if nothing waits. */
export function takeChunk(job: JobState, chunk: number, bytes: number): Chunk | undefined {
  const [first] = job.waiting
  if (first === undefined) return undefined
  return first.item instanceof Uint8Array ? takeBytes(job, first.item, bytes) : takeValues(job, chunk, bytes)
}

function takeBytes(job: JobState, item: Uint8Array, bytes: number): Chunk {
  const value = item.subarray(0, bytes)
  const rest = item.subarray(value.length)
  job.waitingBytes -= value.length
  if (rest.length > 0) job.waiting[0] = { item: rest, bytes: rest.length }
  else job.waiting.shift()
  return { value, items: rest.length > 0 ? 0 : 1, price: 0 }
}

function takeValues(job: JobState, chunk: number, bytes: number): Chunk {
  let count = 0
  let length = 0
  for (const { bytes: own } of job.waiting) {
    // The brackets of the list, and a comma after each value.
    if (count === chunk || (count > 0 && length + own + 2 > bytes)) break
    length += own + 1
    count++
  }
  const taken = job.waiting.splice(0, count)
  for (const { bytes: own } of taken) job.waitingBytes -= own
  return { value: parseJson(`[${taken.map(({ item }) => item).join()}]`), items: count, price: PRICES.jsonByte * length }
}
