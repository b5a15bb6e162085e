import { matchMaker, Server } from '@colyseus/core'
import { RedisDriver } from '@colyseus/redis-driver'
import { RedisPresence } from '@colyseus/redis-presence'
import { WebSocketTransport } from '@colyseus/ws-transport'
import { hashWorld } from 'bitscript'
import { columns, type Keeper, type RedisKeeperOptions, redisKeeper, ScriptCluster, ScriptRoom } from 'bitscript/colyseus'
import { Redis } from 'ioredis'
import { DRIFT } from './drift.ts'

/** What a process tells of a room. Times are milliseconds since 1970, to compare with other processes. */
export type RoomNews = { readonly roomId: string; readonly at: number } & (
  | {
      /** `ran`: it began in this process, after the tick that was last kept. `acknowledged`: clients may see a tick. */
      readonly kind: 'ran' | 'acknowledged'
      readonly epoch: number
      readonly tick: number
      readonly hash: string
    }
  /** A script of it trapped, or its world was taken back. */
  | { readonly kind: 'trapped' | 'restored' }
)

/** What a server is started with. */
export interface RoomServerOptions extends RedisKeeperOptions {
  /** Ticks a second of its rooms. @default 20 */
  readonly hz?: number
  /** Entities of a room. @default 50 */
  readonly entities?: number
}

/** What a server is told to do. */
export type RoomServerRequest =
  | { readonly kind: 'create'; readonly rooms: readonly string[]; readonly x: number }
  | { readonly kind: 'publish'; readonly code: string; readonly inTicks: number }

/** A server whose rooms are kept in Redis, without clients: each tick has an input that nobody can foresee. */
const [, , port, json] = process.argv
const { entities = 50, hz = 20, ...keeping } = JSON.parse(json ?? '{}') as RoomServerOptions
const redis = new Redis(Number(port), '127.0.0.1', { enableReadyCheck: false })
redis.on('error', () => undefined)
const arenas = new Map<string, Arena>()
const epochs = new Map<string, number>()
const now = (): number => performance.timeOrigin + performance.now()
const tell = (message: RoomNews | { readonly kind: string }): void => void process.send?.(message)

/** Returns a keeper that tells which ticks were kept. */
function observed(keeper: Keeper): Keeper {
  return {
    ...keeper,
    async claim(roomId, about) {
      const claim = await keeper.claim(roomId, about)
      const append = claim.append.bind(claim)
      epochs.set(roomId, claim.epoch)
      return Object.assign(claim, {
        async append(tick: number, entry: Uint8Array): Promise<void> {
          const { epoch } = claim
          const hash = arenas.get(roomId)?.hash ?? ''
          await append(tick, entry)
          tell({ kind: 'acknowledged', roomId, epoch, tick, hash, at: now() })
        },
      })
    },
  }
}

class Arena extends ScriptRoom {
  game = DRIFT
  sync = columns({ Position: 'exact' })
  override readonly hz = hz
  override autoDispose = false
  override readonly keep: Keeper = observed(redisKeeper(redis, keeping))

  get hash(): string {
    return hashWorld(this.runtime.world, this.runtime.components)
  }

  override async onCreate(options: unknown): Promise<void> {
    await super.onCreate(options)
    const { roomId, runtime, tick, hash } = this
    arenas.set(roomId, this)
    runtime.on('tick', () => runtime.emit('push', 1 + Math.floor(Math.random() * 40), Math.fround(Math.random())))
    runtime.on('error', () => tell({ kind: 'trapped', roomId, at: now() }))
    runtime.on('restore', () => tell({ kind: 'restored', roomId, at: now() }))
    tell({ kind: 'ran', roomId, epoch: epochs.get(roomId) ?? 0, tick, hash, at: now() })
  }

  override onBegin(options: { readonly x: number }): void {
    const id = this.running.scripts.drifter as never
    for (let count = 0; count < entities; count++) this.runtime.attach(this.runtime.spawn({ Position: { x: options.x } }), id)
  }

  onSeat(): number {
    return 0
  }
}

const address = `redis://127.0.0.1:${port}`
const server = new Server({
  transport: new WebSocketTransport({}),
  greet: false,
  driver: new RedisDriver(address),
  presence: new RedisPresence(address),
})
server.define('arena', Arena)
const cluster = new ScriptCluster(server, { redis })
await server.listen(0, '127.0.0.1')
process.on('message', async (request: RoomServerRequest) => {
  if (request.kind === 'create') {
    for (const roomId of request.rooms) await matchMaker.handleCreateRoom('arena', { x: request.x }, undefined, roomId)
    tell({ kind: 'created' })
  } else process.send?.({ kind: 'published', report: await cluster.publish('drifter', request.code, { inTicks: request.inTicks }) })
})
tell({ kind: 'up' })
