import * as v from 'valibot'
import { wholeNumber } from '../options.ts'

/** What a script may use. Every limit is a whole number. */
export interface Limits {
  /**
   * Units of fuel that a script may spend in a tick, and in each `call`: at most 1,073,741,823, because compiled code counts
   * them in 32 bits. A unit is about one instruction. A script that spends more ends with `OutOfFuel`.
   * @default 50_000_000
   */
  readonly fuel: number
  /**
   * Pages of 64 KiB that the memories of one instance may have. A larger initial size is `TooLarge`; past the limit,
   * `memory.grow` returns -1.
   * @default 512
   */
  readonly memoryPages: number
  /**
   * Pages that all instances of a script may have together. Past the limit, `memory.grow` returns -1, and an instance that
   * finds no room is `OutOfMemory`.
   * @default 4096
   */
  readonly totalMemoryPages: number
  /**
   * Elements that a script's tables may have. A larger initial size is `TooLarge`; past the limit, `table.grow` returns -1.
   * @default 10_000
   */
  readonly tableElements: number
  /**
   * Bytes of a script's source, decompressed, and of the module assembled from it. More is `TooLarge`, and is not read.
   * @default 4_194_304
   */
  readonly moduleBytes: number
  /**
   * Milliseconds that reading a URL or a response may take. One that takes longer is `LoadFailed`.
   * @default 30_000
   */
  readonly loadMs: number
  /**
   * Bytes of one JSON text that passes between host and script. More is `InvalidJson`.
   * @default 1_048_576
   */
  readonly jsonBytes: number
  /**
   * Lines that a script may log in a tick. Further lines are dropped and counted in its stats.
   * @default 100
   */
  readonly logsPerTick: number
  /**
   * Entities that a script may spawn in a tick. The next spawn is a `Trap`.
   * @default 10_000
   */
  readonly spawnsPerTick: number
  /**
   * Messages that may wait for a script, with at most half of the bytes of `jsonBytes` together. Further ones are `QueueFull` to the host; those of
   * a script are dropped and counted in its stats.
   * @default 1_000
   */
  readonly messages: number
  /**
   * Bytes that a script may keep in its storage, keys and values together. Past the limit, `storage.set` returns -1.
   * @default 1_048_576
   */
  readonly storageBytes: number
}

/** The limits of a script that is loaded without limits of its own. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  fuel: 50_000_000,
  memoryPages: 512,
  totalMemoryPages: 4096,
  tableElements: 10_000,
  moduleBytes: 4 * 1024 * 1024,
  loadMs: 30_000,
  jsonBytes: 1024 * 1024,
  logsPerTick: 100,
  spawnsPerTick: 10_000,
  messages: 1000,
  storageBytes: 1024 * 1024,
})

/** The least and the greatest value of each limit. */
export const LIMIT_RANGES: Readonly<Record<keyof Limits, readonly [least: number, greatest: number]>> = {
  fuel: [1, 2 ** 30 - 1],
  memoryPages: [0, 65_536],
  totalMemoryPages: [0, Number.MAX_SAFE_INTEGER],
  tableElements: [0, Number.MAX_SAFE_INTEGER],
  moduleBytes: [1, Number.MAX_SAFE_INTEGER],
  // The longest time of a timer.
  loadMs: [1, 2 ** 31 - 1],
  jsonBytes: [1, Number.MAX_SAFE_INTEGER],
  logsPerTick: [0, Number.MAX_SAFE_INTEGER],
  spawnsPerTick: [0, Number.MAX_SAFE_INTEGER],
  messages: [0, Number.MAX_SAFE_INTEGER],
  storageBytes: [0, Number.MAX_SAFE_INTEGER],
}

/** The schema of limits that a user passes. */
export const limitsSchema: v.GenericSchema = v.strictObject(
  Object.fromEntries(Object.entries(LIMIT_RANGES).map(([name, range]) => [name, v.optional(wholeNumber(...range))])),
  'an object of limits',
)

/** Returns the given limits, with `defaults` for those left out. */
export function resolveLimits(defaults: Limits, given: Partial<Limits> = {}): Limits {
  const known = Object.entries(given).filter(([, value]) => value !== undefined)
  return Object.freeze({ ...defaults, ...Object.fromEntries(known) })
}
