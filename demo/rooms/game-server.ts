import { matchMaker, Server, type ServerOptions } from '@colyseus/core'
import { RedisDriver } from '@colyseus/redis-driver'
import { RedisPresence } from '@colyseus/redis-presence'
import { WebSocketTransport } from '@colyseus/ws-transport'
import { type Keeper, noKeeper, redisKeeper, ScriptCluster, type ScriptClusterOptions } from 'bitscript/colyseus'
import { Redis } from 'ioredis'
import { arenaRoom } from './arena-room.ts'
import type { Arena, ScriptName } from './game.ts'

/** The ticks after which a script that was saved runs in all rooms. */
const IN_TICKS = 10
/** Seconds between two snapshots of a room. */
const SNAPSHOT = 2

/** Where a server listens, and what it shares with others. */
export interface GameServerOptions {
  readonly port: number
  /** The port that pages reach it by. */
  readonly publicPort: number
  /** The bots in each room. */
  readonly bots: number
  /** The port of Redis on this machine. @default none: it is the only process */
  readonly redisPort?: number | undefined
}

/** A server of Colyseus with rooms of the arena. */
export interface GameServer {
  /** Has all rooms run another text of a script, or none if one of them traps. Resolves with what to print. */
  publish(name: ScriptName, text: string): Promise<string>
  /** Hands the rooms over, and ends. */
  stop(): Promise<void>
}

/** Starts a server of Colyseus on this machine. */
export async function startGameServer(arena: Arena, { port, publicPort, bots, redisPort }: GameServerOptions): Promise<GameServer> {
  const { keep, shared, cluster: options } = redisPort === undefined ? ALONE : shareBy(redisPort)
  const publicAddress = `127.0.0.1:${publicPort}`
  const server = new Server({ transport: new WebSocketTransport({}), greet: false, gracefullyShutdown: false, publicAddress, ...shared })
  server.define('arena', arenaRoom(arena, keep, bots))
  const cluster = new ScriptCluster(server, options)
  await server.listen(port, '127.0.0.1')
  const publish = async (name: ScriptName, text: string): Promise<string> => {
    const { state, veto, rooms } = await cluster.publish(name, text, { inTicks: IN_TICKS })
    return `${name}: ${state} in ${rooms.length} ${rooms.length === 1 ? 'room' : 'rooms'}${veto === undefined ? '' : `. ${veto.message}`}`
  }
  // A cluster publishes one script at a time.
  let last: Promise<unknown> = Promise.resolve()
  return {
    publish(name, text) {
      const published = last.then(() => publish(name, text))
      last = published.catch(() => undefined)
      return published
    },
    stop: () => matchMaker.gracefullyShutdown(),
  }
}

/** What the servers of a cluster share: the list of rooms, and what is kept of each. */
interface Shared {
  readonly keep: Keeper
  readonly shared: Pick<ServerOptions, 'presence' | 'driver'>
  readonly cluster: ScriptClusterOptions
}

const ALONE: Shared = { keep: noKeeper, shared: {}, cluster: {} }

function shareBy(redisPort: number): Shared {
  const address = `redis://127.0.0.1:${redisPort}`
  const redis = new Redis(address, { enableReadyCheck: false })
  return {
    keep: redisKeeper(redis, { snapshot: SNAPSHOT }),
    shared: { presence: new RedisPresence(address), driver: new RedisDriver(address) },
    cluster: { redis },
  }
}
