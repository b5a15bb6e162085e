import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { ScriptError } from '../../index.ts'
import { anything, checkOptions, invalidOption, positive, wholeNumber } from '../../options.ts'
import type { RedisClient } from '../keep/redis-client.ts'
import { processOf } from '../keep/redis-keeper.ts'
import { takeOverRooms } from '../keep/take-over.ts'
import { watchRooms } from '../room/live-rooms.ts'
import { type Channel, MemoryHub } from './channel.ts'
import { isOpen, revive } from './match-maker.ts'
import { Publications } from './publications.ts'
import { publishScript } from './publish.ts'
import type { PublishReport } from './publish-report.ts'
import { openRedisChannel } from './redis-channel.ts'

/** Options of {@link ScriptCluster}. */
export interface ScriptClusterOptions {
  /**
   * The client of `ioredis` that rooms keep with: its processes are the cluster, and run the rooms of those that end.
   * @default none: the cluster is this process
   */
  readonly redis?: RedisClient
}

/** Options of `ScriptCluster.publish`. */
export interface PublishOptions {
  /** The ticks from now after which a room reloads the script: enough for all processes to have its code by then. @default 10 */
  readonly inTicks?: number
  /** Seconds in which all rooms must have run the new code for the 60 ticks of its probation. @default 30 */
  readonly within?: number
}

const clusterOptions = v.strictObject({ redis: v.optional(anything) }, 'an object of options')
const publishOptions = v.strictObject(
  { inTicks: v.optional(wholeNumber(0, 100_000)), within: v.optional(positive) },
  'an object of options',
)

/**
 * The processes that share a Redis, or this process alone. It publishes scripts in all rooms, and runs rooms of processes that end: make one in each
 * process, once the rooms are defined.
 *
 * @example
 * const server = new Server({ transport: new WebSocketTransport() })
 * server.define('arena', Arena)
 * const cluster = new ScriptCluster(server, { redis })
 * await server.listen(2567)
 */
export class ScriptCluster {
  readonly #opening: Promise<OpenCluster>
  readonly #stopWatching: () => void

  /**
   * Starts at once. `server` is the server whose rooms it takes care of.
   *
   * @throws {ScriptError} InvalidOptions
   */
  constructor(server: object, options: ScriptClusterOptions = {}) {
    checkOptions(clusterOptions, options, 'ScriptCluster')
    if (typeof server !== 'object' || server === null) invalidOption('ScriptCluster takes the server of the rooms, then its options')
    this.#opening = openCluster(options.redis)
    // A room or a publication that waits for it gets the error.
    this.#opening.catch(() => undefined)
    this.#stopWatching = watchRooms({
      enter: async (room) => (await this.#opening).publications.enter(room),
      leave: (room) => void this.#opening.then(({ publications }) => publications.leave(room)).catch(() => undefined),
    })
  }

  /**
   * Publishes a script: every room of every process that has a script with this name reloads it after the same number of ticks, on probation. If it
   * cannot be loaded in one room, or traps there in the next 60 ticks, all rooms go back to the code and the world from before. Rooms that begin
   * later run the new code, as long as their game defines the script as it does now. Resolves when all rooms have answered.
   *
   * @throws {ScriptError} InvalidOptions; LoadFailed while another script is being published; EngineUnavailable if Redis cannot be reached
   * @example
   * const { state, veto, rooms } = await cluster.publish('gun', await readFile('gun.wasm'), { inTicks: 10 })
   * console.log(state, veto?.message, rooms.length)
   */
  async publish(name: string, bytes: Uint8Array | string, options: PublishOptions = {}): Promise<PublishReport> {
    checkOptions(publishOptions, options, 'publish')
    const { inTicks = 10, within = 30 } = options
    if (typeof name !== 'string' || name === '') invalidOption('publish takes the name of a script, then its code')
    const isText = typeof bytes === 'string'
    if (!isText && !(bytes instanceof Uint8Array)) invalidOption(`publish takes the code of '${name}' as bytes or as WAT text`)
    const code = isText ? new TextEncoder().encode(bytes) : new Uint8Array(bytes)
    const { channel } = await this.#opening
    return publishScript(channel, { script: name, bytes: code, inTicks, withinMs: within * 1000 })
  }

  /** Leaves the cluster. Rooms of this process run on. */
  async dispose(): Promise<void> {
    this.#stopWatching()
    const cluster = await this.#opening.catch(() => undefined)
    await cluster?.close()
  }
}

interface OpenCluster {
  readonly channel: Channel
  readonly publications: Publications
  readonly close: () => Promise<void>
}

async function openCluster(redis: RedisClient | undefined): Promise<OpenCluster> {
  if (redis === undefined) {
    const channel = new MemoryHub().join(randomBytes(4).toString('hex'))
    return withPublications(channel, () => undefined)
  }
  const process = processOf(redis, undefined)
  const channel = await openRedisChannel(process)
  const stop = await takeOverRooms(process, { isOpen, revive, onError: reportFailure })
  return withPublications(channel, stop)
}

function withPublications(channel: Channel, stop: () => void): OpenCluster {
  const publications = new Publications(channel)
  return {
    channel,
    publications,
    close: async () => {
      stop()
      publications.close()
      await channel.close()
    },
  }
}

function reportFailure(roomId: string, cause: unknown): void {
  const detail = `the room '${roomId}' of another process could not be run on here`
  console.error(cause instanceof ScriptError ? cause : new ScriptError('LoadFailed', detail, { cause }))
}
