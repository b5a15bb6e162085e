/** All keys are in one slot: each script below changes several at once. */
const PREFIX = '{bitscript}'

/** What is kept of a room: `epoch`, `owner`, `name`, `options`, `tries`, and of its snapshot `tick` and `snapshot`. */
export const roomKey = (roomId: string): string => `${PREFIX}:room:${roomId}`
/** The stream of the ticks of a room. An id is the epoch of the claim, then the tick: Redis refuses an id that is not above all before it. */
export const logKey = (roomId: string): string => `${PREFIX}:log:${roomId}`
/** Exists while a process is alive. */
export const aliveKey = (process: string): string => `${PREFIX}:alive:${process}`
/** The rooms of a process. */
export const roomsKey = (process: string): string => `${PREFIX}:rooms:${process}`
/** The processes that have rooms, or had. */
export const PROCESSES_KEY: string = `${PREFIX}:processes`
/** Rooms that were released. */
export const FREE_KEY: string = `${PREFIX}:free`
/** Carries the ids of rooms as they are released. */
export const FREE_CHANNEL: string = `${PREFIX}:free`

/**
 * Claims a room, if its epoch is still the expected one and its owner is not alive. The first entry of the epoch fences the owner before.
 *
 * KEYS: room, log, alive of the owner, rooms of the owner, rooms of the process, free. ARGV: epoch, process, room id, name, options.
 */
export const CLAIM = `
local epoch = redis.call('HGET', KEYS[1], 'epoch') or '0'
if epoch ~= ARGV[1] or redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
-- What Redis has of a room without a snapshot is of no use: it lost the rest.
if epoch == '0' then redis.call('DEL', KEYS[2]) end
local nextEpoch = string.format('%d', tonumber(epoch) + 1)
redis.call('HSET', KEYS[1], 'epoch', nextEpoch, 'owner', ARGV[2], 'name', ARGV[4], 'options', ARGV[5])
redis.call('HINCRBY', KEYS[1], 'tries', 1)
redis.call('XADD', KEYS[2], nextEpoch .. '-0', 'claim', ARGV[2])
redis.call('SREM', KEYS[4], ARGV[3])
redis.call('SREM', KEYS[6], ARGV[3])
redis.call('SADD', KEYS[5], ARGV[3])
return tonumber(nextEpoch)`

/**
 * Keeps a snapshot in the place of that before it and of the ticks up to it. Also after Redis lost all of its data.
 *
 * KEYS: room, log, rooms of the process. ARGV: epoch, process, room id, name, options, tick, snapshot.
 */
export const SAVE = `
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if epoch and epoch ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'owner', ARGV[2], 'name', ARGV[4], 'options', ARGV[5], 'tries', 0, 'tick', ARGV[6], 'snapshot', ARGV[7])
redis.call('XTRIM', KEYS[2], 'MINID', ARGV[1] .. '-' .. string.format('%d', tonumber(ARGV[6]) + 1))
redis.call('SADD', KEYS[3], ARGV[3])
return 1`

/** Lets others claim a room. KEYS: room, log, rooms of the process, free. ARGV: epoch, room id, channel. */
export const RELEASE = `
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
redis.call('SREM', KEYS[3], ARGV[2])
if redis.call('HEXISTS', KEYS[1], 'snapshot') == 0 and redis.call('HEXISTS', KEYS[1], 'tick') == 0 then
  redis.call('DEL', KEYS[1], KEYS[2])
  return 1
end
redis.call('HSET', KEYS[1], 'owner', '')
redis.call('SADD', KEYS[4], ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[2])
return 1`

/** Deletes a room. KEYS: room, log, rooms of the process. ARGV: epoch, room id. */
export const FORGET = `
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
redis.call('SREM', KEYS[3], ARGV[2])
redis.call('DEL', KEYS[1], KEYS[2])
return 1`

/** Forgets a process that has ended and has no rooms. KEYS: alive, rooms, processes. ARGV: process. */
export const BURY = `
if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('SCARD', KEYS[2]) > 0 then return 0 end
return redis.call('SREM', KEYS[3], ARGV[1])`
