import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { matchMaker, Server } from '@colyseus/core'
import { schema, t } from '@colyseus/schema'
import { WebSocketTransport } from '@colyseus/ws-transport'
import { columns, defineGame, q, ScriptRoom } from 'bitscript/colyseus'
import { MOVER, PLAYER } from '../../colyseus/client/arena.ts'

/** What a server of rooms with many clients measured. */
export interface DensityReport {
  readonly kind: 'report'
  /** Processor time of the process, in seconds a second. */
  readonly busy: number
  /** Milliseconds by which the event loop was late, of 99 in 100 looks. */
  readonly p99: number
  /** Bytes of memory. */
  readonly rss: number
  /** Ticks that rooms ran, of those that were due. */
  readonly ticks: number
}

const ENTITIES = 500
const SIZE = 2000
const [, , , json] = process.argv
const { hz } = JSON.parse(json ?? '{}') as { readonly hz: number }
const game = defineGame({
  components: { Position: { x: 'f32', y: 'f32' }, Velocity: { x: 'f32', y: 'f32' } },
  capacity: 1024,
  reserve: 65_536,
  scripts: { player: PLAYER, mover: MOVER },
})
const Push = schema({ x: t.int8(), y: t.int8() }, 'Push')
const arenas: Arena[] = []

class Arena extends ScriptRoom {
  override readonly game = game
  override readonly hz = hz
  override readonly sync = columns({ Position: q(1 / 16) }, { near: 500, own: ['Position', 'Velocity'] })
  override inputs = this.defineInput(Push)
  override autoDispose = false

  override onBegin(): void {
    for (let count = 0; count < ENTITIES; count++) this.#spawn(Math.random() * 20 - 10)
    arenas.push(this)
  }

  override onSeat(): number {
    const entity = this.#spawn(0)
    this.runtime.attach(entity, this.running.scripts.player as never)
    return entity
  }

  #spawn(speed: number): number {
    const place = { x: Math.random() * SIZE, y: Math.random() * SIZE }
    const entity = this.runtime.spawn({ Position: place, Velocity: { x: speed, y: -speed } })
    this.runtime.attach(entity, this.running.scripts.mover as never)
    return entity
  }
}

const server = new Server({ transport: new WebSocketTransport({}), greet: false })
server.define('arena', Arena)
await server.listen(0, '127.0.0.1')
const { port } = (server.transport as unknown as { server: { address(): { port: number } } }).server.address()
process.on('message', async (request: { readonly kind: string; readonly rooms: number; readonly seconds: number }) => {
  if (request.kind === 'create') {
    // The first room loads what all of them share.
    await matchMaker.createRoom('arena', {})
    arenas.pop()
    globalThis.gc?.()
    const { rss } = process.memoryUsage()
    const ids: string[] = []
    for (let count = 0; count < request.rooms; count++) ids.push((await matchMaker.createRoom('arena', {})).roomId)
    process.send?.({ kind: 'created', ids, version: game.version, before: rss, rss: process.memoryUsage().rss })
    return
  }
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const before = process.cpuUsage()
  const ticks = arenas.reduce((sum, { tick }) => sum + tick, 0)
  const began = performance.now()
  delay.enable()
  await wait(request.seconds * 1000)
  delay.disable()
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(before)
  process.send?.({
    kind: 'report',
    busy: (user + system) / 1e6 / seconds,
    p99: delay.percentile(99) / 1e6,
    rss: process.memoryUsage().rss,
    ticks: (arenas.reduce((sum, { tick }) => sum + tick, 0) - ticks) / (seconds * hz * arenas.length),
  } satisfies DensityReport)
})
process.send?.({ kind: 'up', port })
