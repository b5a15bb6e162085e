import * as v from 'valibot'
import { boolean, checkOptions, invalidOption, isRecord, positive } from '../../options.ts'
import type { Keeper } from './keeper.ts'
import type { RedisClient } from './redis-client.ts'
import { RedisProcess } from './redis-process.ts'

/** Options of {@link redisKeeper}. */
export interface RedisKeeperOptions {
  /**
   * Seconds between two snapshots of a room. Shorter: another process that takes the room over has fewer ticks to run again. Longer: less work for rooms
   * and for Redis.
   * @default 2
   */
  readonly snapshot?: number
  /**
   * Whether a tick is sent to clients only after Redis has it: a tick that a client saw is never lost, and each takes about a millisecond longer. Without it, a
   * process that is killed loses what it did not get out.
   * @default true
   */
  readonly strict?: boolean
  /**
   * Seconds for which a process may be silent before others take its rooms. Shorter: rooms of a process that was killed go on sooner. Longer: a process
   * whose event loop stands still for a while keeps its rooms. The same for all keepers of a client of Redis.
   * @default 1
   */
  readonly hold?: number
}

const redisKeeperOptions = v.strictObject(
  { snapshot: v.optional(positive), strict: v.optional(boolean), hold: v.optional(positive) },
  'an object of options',
)

const processes = new WeakMap<RedisClient, RedisProcess>()

/**
 * Returns a keeper in Redis 6.2 or later: each room has a snapshot, and a stream of the ticks since. Another process with the same Redis and a
 * `ScriptCluster` runs the rooms of a process that ends. Many rooms may call it with one client of `ioredis`, which is used to open others.
 *
 * @throws {ScriptError} InvalidOptions
 * @example
 * const redis = new Redis()
 * class Arena extends ScriptRoom {
 *   keep = redisKeeper(redis, { snapshot: 2, hold: 1 })
 * }
 */
export function redisKeeper(redis: RedisClient, options: RedisKeeperOptions = {}): Keeper {
  checkOptions(redisKeeperOptions, options, 'redisKeeper')
  const { snapshot = 2, strict = true, hold } = options
  const process = processOf(redis, hold)
  return Object.freeze({ snapshot, strict, claim: process.claim.bind(process) })
}

/** Returns what stands for this process in Redis. Throws `InvalidOptions` for what is no client of `ioredis`, or for another `hold` than before. */
export function processOf(redis: RedisClient, hold: number | undefined): RedisProcess {
  if (!isRecord(redis) || typeof redis.duplicate !== 'function')
    invalidOption('redisKeeper takes a client of ioredis, such as new Redis(): npm install ioredis@5')
  const process = processes.get(redis) ?? new RedisProcess(redis)
  processes.set(redis, process)
  if (hold !== undefined && !process.setHold(hold * 1000))
    invalidOption(`hold is ${process.hold / 1000} seconds for this client of Redis already, so it cannot be ${hold}`)
  return process
}
