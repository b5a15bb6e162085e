import * as v from 'valibot'
import { boolean, checkOptions, invalidOption, positive, wholeNumber } from '../../options.ts'
import type { TraceRequest, TraceWindow } from '../trace/trace-request.ts'

/** Options of `Past`. */
export interface PastOptions {
  /** Seconds of game time to keep. @default 30 */
  readonly seconds?: number
  /** Ticks between two moments that are kept whole. More of them make tracing faster, and take more bytes and time. @default 60 */
  readonly keyframeEvery?: number
  /** Bytes that all of it may take. The oldest is dropped first. @default 268_435_456 */
  readonly bytes?: number
  /**
   * Whether the results of host functions are kept. A traced tick gets them again, and what a function did through the runtime is done again.
   * `false` calls the functions again: only for functions that change nothing and give the same for the same arguments.
   * @default true
   */
  readonly hostResults?: boolean
}

const pastOptions = v.strictObject(
  {
    seconds: v.optional(positive),
    keyframeEvery: v.optional(wholeNumber(1)),
    bytes: v.optional(positive),
    hostResults: v.optional(boolean),
  },
  'an object of options',
)

/** Returns the options, complete. Throws `InvalidOptions`. */
export function resolvePastOptions(options: PastOptions): Required<PastOptions> {
  checkOptions(pastOptions, options, 'Past')
  const { seconds = 30, keyframeEvery = 60, bytes = 256 * 1024 * 1024, hostResults = true } = options
  return { seconds, keyframeEvery, bytes, hostResults }
}

/** Options of `Past.trace`: what is recorded. */
export interface TraceOptions {
  /** The names of the scripts. @default all */
  readonly scripts?: readonly string[]
  /** Records only what runs on this entity: `update`, `on_attach`, `on_detach` and hooks. @default everything that runs */
  readonly entity?: number
  /** Whether each statement is recorded. @default true */
  readonly lines?: boolean
  /** Whether the values of locals are recorded with statements and calls. @default true */
  readonly locals?: boolean
  /** Whether calls of functions and imports are recorded. @default true */
  readonly calls?: boolean
  /** Whether reads of fields are recorded. @default false */
  readonly reads?: boolean
  /** Whether writes of fields are recorded, or those of which field, such as `Health.points`. @default true */
  readonly writes?: boolean | string
  /** The number of the first event that is kept, and how many are. @default all, as far as 64 MiB hold them */
  readonly window?: { readonly from: number; readonly count: number }
}

const MAX_COUNT = 0xffff_ffff
const traceOptions = v.strictObject(
  {
    scripts: v.optional(v.pipe(v.array(v.string()), v.readonly())),
    entity: v.optional(wholeNumber(0, MAX_COUNT)),
    lines: v.optional(boolean),
    locals: v.optional(boolean),
    calls: v.optional(boolean),
    reads: v.optional(boolean),
    writes: v.optional(v.union([v.boolean(), v.string()], "true, false, or a field such as 'Health.points'")),
    window: v.optional(v.strictObject({ from: wholeNumber(0, MAX_COUNT), count: wholeNumber(0, MAX_COUNT) }, 'an object { from, count }')),
  },
  'an object of options',
)

/** What a trace records, and which records are kept. */
export interface ResolvedTrace {
  readonly request: TraceRequest
  readonly window: TraceWindow
}

/** Returns the options, complete. Throws `InvalidOptions`, also for the name of no script. */
export function resolveTraceOptions(options: TraceOptions, names: readonly string[]): ResolvedTrace {
  checkOptions(traceOptions, options, 'trace')
  const { scripts, entity = -1, lines = true, locals = true, calls = true, reads = false, writes = true } = options
  const { window = { from: 0, count: MAX_COUNT } } = options
  for (const name of scripts ?? [])
    if (!names.includes(name)) invalidOption(`there was no script '${name}'; there were ${names.join(', ')}`)
  return { request: { scripts, lines, locals, calls, reads, writes }, window: { entity, target: -1, ...window } }
}
