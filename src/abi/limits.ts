import * as v from 'valibot'
import { wholeNumber } from '../options.ts'

/** What a script may use. All are whole numbers. */
export interface Limits {
  /**
   * Instructions per script and tick, and per `call`.
   * @default 50_000_000
   */
  readonly fuel: number
  /**
   * Pages of 64 KiB that a script's memory may have.
   * @default 256
   */
  readonly memoryPages: number
  /**
   * Elements that a script's table may have.
   * @default 10_000
   */
  readonly tableElements: number
  /**
   * Bytes of a script's source and of its module: more is `TooLarge`.
   * @default 4_194_304
   */
  readonly moduleBytes: number
  /**
   * Bytes of one JSON text, in or out: more is `InvalidJson`.
   * @default 1_048_576
   */
  readonly jsonBytes: number
  /**
   * Lines that a script may log in a tick: more are dropped and counted in its stats.
   * @default 100
   */
  readonly logsPerTick: number
  /**
   * Entities that a script may spawn in a tick: one more is a trap.
   * @default 10_000
   */
  readonly spawnsPerTick: number
}

/** The limits of a script that is loaded without its own. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  fuel: 50_000_000,
  memoryPages: 256,
  tableElements: 10_000,
  moduleBytes: 4 * 1024 * 1024,
  jsonBytes: 1024 * 1024,
  logsPerTick: 100,
  spawnsPerTick: 10_000,
})

/** The schema of limits that are given. */
export const limitsSchema: v.GenericSchema = v.strictObject(
  {
    fuel: v.optional(wholeNumber(1, 2 ** 30 - 1)),
    memoryPages: v.optional(wholeNumber(0, 65_536)),
    tableElements: v.optional(wholeNumber(0)),
    moduleBytes: v.optional(wholeNumber(1)),
    jsonBytes: v.optional(wholeNumber(1)),
    logsPerTick: v.optional(wholeNumber(0)),
    spawnsPerTick: v.optional(wholeNumber(0)),
  },
  'an object of limits',
)

/** The limits that are given, and `defaults` for the others. */
export function resolveLimits(defaults: Limits, given: Partial<Limits> = {}): Limits {
  const known = Object.entries(given).filter(([, value]) => value !== undefined)
  return Object.freeze({ ...defaults, ...Object.fromEntries(known) })
}
