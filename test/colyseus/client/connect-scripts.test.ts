import { Protocol } from '@colyseus/core'
import { ScriptError } from 'bitscript'
import { columns, defineGame, formatRoomMetrics, type ScriptRoom, type Sync } from 'bitscript/colyseus'
import type { Correction } from 'bitscript/colyseus/client'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { RoomFrames } from '../../../src/colyseus/client/room-frames.ts'
import { VERSION_REFUSED, writeHello } from '../../../src/colyseus/sync/hello.ts'
import { errorOf } from '../../fixtures/game.ts'
import type { SimulatedNetwork } from '../../fixtures/network.ts'
import { closeRooms, openMatchMaker } from '../room/room-in-memory.ts'
import { arena, MOVER, PLAYER } from './arena.ts'
import { MemoryClient } from './memory-client.ts'
import { Lockstep, openArena } from './play.ts'

beforeAll(openMatchMaker)
afterEach(closeRooms)

describe('connectScripts', () => {
  it('shows what a player does at once, and the others what came of it', async () => {
    const { room, run, join } = await openArena({ latency: 50 })
    const [one, other] = [await join(), await join()]
    await run(500)
    one.send({ x: 1, y: 0 })
    await run(60)
    expect(one.value(one.own, 'Velocity.x')).toBeGreaterThan(0)
    expect(other.value(one.own, 'Velocity.x')).toBe(0)
    await run(500)
    expect(other.value(one.own, 'Position.x')).toBeGreaterThan(0)
    expect(one.stats.corrected).toBe(0)
    expect(room.seats).toHaveLength(2)
  })

  it('corrects two players in at most one frame of 200, at 100 ms there and back with 5 % lost', async () => {
    const { run, join, steer } = await openArena({ latency: 50, jitter: 10, loss: 0.05, seed: 5 })
    const both = [await join(), await join()]
    both.forEach(steer)
    await run(2000)
    const before = both.map(({ stats }) => stats)
    await run(5000)
    both.forEach(({ stats }, index) => {
      const frames = stats.frames - (before[index]?.frames ?? 0)
      expect(frames).toBeGreaterThan(60)
      expect(stats.corrected - (before[index]?.corrected ?? 0)).toBeLessThanOrEqual(frames / 200)
    })
  })

  it('plays on a line of which each input comes too late at first', async () => {
    const { room, run, join } = await openArena({ latency: 250 })
    const player = await join()
    player.send({ x: 1, y: 0 })
    await run(2000)
    const { missed } = player.stats
    await run(500)
    expect(player.stats.missed).toBe(missed)
    expect(room.seats[0]?.lastInput).toMatchObject({ x: 1 })
  })

  it('ends with the world of the server, whatever had to be corrected', async () => {
    const { room, run, join, steer, release } = await openArena({ latency: 60, jitter: 20, loss: 0.05 })
    const both = [await join(), await join({ predict: { own: ['player', 'mover'], others: ['mover'] } })]
    both.forEach(steer)
    const corrections: Correction[] = []
    for (const player of both) player.on('corrected', (correction) => void corrections.push(correction))
    await run(1500)
    for (const { entity } of room.seats) room.runtime.write(entity, { Velocity: { x: 300 } } as never)
    await run(1000)
    expect(corrections.filter(({ isOwn }) => isOwn).length).toBeGreaterThanOrEqual(2)
    release()
    for (const player of both) player.send({ x: 0, y: 0 })
    const reported = correctionsReported()
    await run(5000)
    expect(correctionsReported()).toBeGreaterThan(reported)
    const { Position } = room.running.components as { Position: { x: Float32Array } }
    for (const player of both) {
      for (const { entity } of room.seats) {
        const x = Position.x[entity] as number
        expect(player.value(networkId(room, entity), 'Position.x')).toBeCloseTo(x, 0)
        if (player.own === networkId(room, entity)) expect(player.value(player.own, 'Position.x')).toBeCloseTo(x, 1)
      }
    }
  })

  it('shows who joins late all that there is, and takes away who leaves', async () => {
    const { room, run, join } = await openArena({ latency: 50 })
    const one = await join()
    for (let count = 0; count < 50; count++) room.runtime.spawn({ Position: { x: count } } as never)
    await run(1000)
    const late = await join()
    expect([...late.ids]).toHaveLength(52)
    expect(late.entity(one.own)).toBeDefined()
    await run(200)
    void one.leave()
    await run(300)
    expect([...late.ids]).toHaveLength(51)
    expect(one.state).toBe('left')
  })

  it('refuses a room of another version of the game, and says both', async () => {
    const { join } = await openArena({ latency: 10 })
    const other = defineGame({
      components: { Position: { x: 'f32', y: 'f32' }, Velocity: { x: 'f32', y: 'f32' } },
      scripts: { player: PLAYER, mover: MOVER },
      seed: 1,
    })
    const refused = await errorOf(join({ game: other as never }))
    expect(refused).toMatchObject({ code: 'StateRejected' })
    expect(refused.message).toContain(arena.version)
    expect(refused.message).toContain(other.version)
  })

  it('comes back to its seat after a connection that was lost, and the game went on meanwhile', async () => {
    const { room, client, run, until, join, next, steer } = await openArena({ latency: 50 })
    const player = await join()
    steer(player)
    await run(1000)
    const { own, tick } = player
    client.sockets[0]?.drop(1006)
    const moved = next(player, 'moved')
    await run(70)
    expect(player.state).toBe('lost')
    expect(player.tick).toBeGreaterThan(tick)
    expect(await until(moved)).toMatchObject({ roomId: room.roomId })
    await run(500)
    expect(player.own).toBe(own)
    expect(room.seats).toHaveLength(1)
    expect(player.stats.frames).toBeGreaterThan(20)
  })

  it('seeks its room again if the server is silent, and does not wait for one that never answers', async () => {
    const { room, client, run, until, join, next } = await openArena({ latency: 10 })
    const player = await join({ patience: 30_000 })
    await run(100)
    const { own } = player
    const { joinById } = MemoryClient.prototype
    let attempts = 0
    client.joinById = (id, options) => (attempts++ === 0 ? new Promise(() => undefined) : joinById.call(client, id, options))
    // The process sleeps: it sends nothing, and its connections stay open.
    room.setSimulationInterval()
    await run(4500)
    expect(player.state).toBe('joined')
    await run(700)
    expect(player.state).toBe('lost')
    expect(await until(next(player, 'moved'))).toMatchObject({ roomId: room.roomId })
    expect([attempts, player.own, room.seats.length]).toEqual([2, own, 1])
  })

  it('does not go on with a room that sends other fields', async () => {
    const { room, run, join, next, client, until } = await openArena({ latency: 10 })
    const player = await join()
    await run(200)
    const [version, left] = [next(player, 'version'), next(player, 'left')]
    const sync = columns({ Position: 'exact' }).open({ game: room.game, running: room.running, hz: 20, patchEvery: 1, patchBytes: 1e6 })
    const hello = writeHello({ version: room.game.version, hz: 20, patchEvery: 1, sync: sync.description })
    vi.spyOn((room as unknown as { _serializer: { handshake(): Uint8Array } })._serializer, 'handshake').mockReturnValue(hello)
    client.sockets[0]?.drop(1006)
    expect(await until(version)).toMatchObject({ message: expect.stringContaining('other fields') })
    await until(left)
    expect(player.state).toBe('left')
  })

  it('ends with a room that is gone, after its patience', async () => {
    const { client, run, until, join, next } = await openArena({ latency: 10 })
    const player = await join({ patience: 300 })
    await run(200)
    client.joinById = () => Promise.reject(new Error('there is no such room'))
    client.sockets[0]?.drop(1006)
    expect(await until(next(player, 'left'))).toMatchObject({ code: 1006 })
    await run(100)
    expect(player.state).toBe('left')
    expect(player.entity(player.own)).toBeDefined()
  })
})

describe('a room whose game is another when a client comes back', () => {
  it('says so, and ends the connection', async () => {
    const { client, until, join, next } = await openArena({ latency: 10 })
    const player = await join()
    client.joinById = () => Promise.reject(Object.assign(new Error('the room runs version b'), { code: VERSION_REFUSED }))
    const both = Promise.all([next(player, 'version'), next(player, 'left')])
    client.sockets[0]?.drop(1006)
    expect(await until(both)).toEqual([
      { own: arena.version, message: 'the room runs version b' },
      { code: VERSION_REFUSED, reason: 'the room runs version b' },
    ])
  })
})

describe('a script that draws for an entity', () => {
  it('draws on a client what it draws on the server, though the entity has another id there', async () => {
    const dice = defineGame({
      components: { Position: { x: 'f32' }, Hidden: { x: 'f32' } },
      capacity: 4000,
      scripts: {
        player: `(module
          (import "ecs" "random" (func $random (param i32) (result f64)))
          (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
          (func (export "on_input") (param i32 f32 f32))
          (func (export "update") (param $e i32) (param f32)
            (call $set_x (local.get $e) (f32.demote_f64 (call $random (local.get $e))))))`,
      },
    })
    class Dice extends Lockstep {
      override readonly game = dice as never
      override readonly sync: Sync = columns({ Position: 'exact' }, { own: true })
      override onBegin(): void {
        for (let count = 0; count < 9; count++) this.runtime.spawn({ Hidden: {} } as never)
      }
      override onSeat(): number {
        const entity = this.runtime.spawn({ Position: {} } as never)
        this.runtime.attach(entity, this.running.scripts.player as never)
        return entity
      }
    }
    const { room, run, join } = await openArena({ latency: 30 }, Dice)
    const player = await join({ game: dice as never, predict: ['player'] })
    expect(player.entity(player.own)).not.toBe(room.seats[0]?.entity)
    player.send({ x: 1, y: 0 })
    await run(1500)
    expect(player.stats).toMatchObject({ corrected: 0, replayed: 0 })
    expect(player.stats.frames).toBeGreaterThan(20)
  })
})

describe('a room of inputs', () => {
  it('has the same world on all sides, and heals one that is another', async () => {
    const { room, run, join, steer, release } = await openArena({ latency: 50 }, Lockstep)
    const [one, other] = [await join(), await join()]
    const both = [one, other]
    both.forEach(steer)
    await run(1000)
    const corrections: Correction[] = []
    one.on('corrected', (correction) => void corrections.push(correction))
    const { Position } = one.components as unknown as { Position: { x: Float32Array } }
    Position.x[one.own] = 1e6
    await run(2500)
    release()
    for (const player of both) player.send({ x: 0, y: 0 })
    await run(4000)
    expect(corrections).toHaveLength(1)
    const server = room.running.components as unknown as { Position: { x: Float32Array } }
    for (const player of both) {
      for (const { entity } of room.seats) expect(player.value(entity, 'Position.x')).toBeCloseTo(server.Position.x[entity] as number, 0)
    }
  })
})

describe('a server that lies', () => {
  it('ends with a ScriptError, and the game goes on', async () => {
    const { client, network, run, join, dispose } = await openArena({ latency: 10 })
    for (let round = 0; round < 6; round++) {
      client.forge = (data) => data
      const player = await join({ patience: 0 })
      const errors: unknown[] = []
      player.on('error', (error) => void errors.push(error))
      client.forge = (data) => damaged(data, network)
      await run(400)
      for (const error of errors) expect(error).toBeInstanceOf(ScriptError)
      expect(errors.length > 0).toBe(player.state === 'left')
      const entity = player.runtime.spawn({ Position: { x: 1 } } as never)
      expect(player.runtime.tick(1).faults).toBe(0)
      player.runtime.despawn(entity)
      dispose(player)
    }
  })
})

describe('what a server says of its room', () => {
  const column = { field: 'Position.x', type: 'f32', step: 0 }
  const sync = { kind: 'columns', capacity: arena.capacity, components: [{ name: 'Position', columns: [column] }], own: [column] }
  const hello = { version: arena.version, hz: 20, patchEvery: 1, sync }
  const of = (changed: object): object => ({ ...hello, sync: { ...sync, ...changed } })
  const component = (name: string, ...columns: object[]): object => of({ components: [{ name, columns }] })

  it.each<[string, object]>([
    ['another version', { ...hello, version: '0'.repeat(64) }],
    ['another capacity', of({ capacity: 64 })],
    ['a component that the game lacks', component('toString')],
    ['a field that the game lacks', component('Position', { ...column, field: 'Position.z' })],
    ['a field of another type', component('Position', { ...column, type: 'f64' })],
    ['a field of another component', component('Velocity', column)],
    ['a field twice', component('Position', column, column)],
    ['a component twice', of({ components: [...sync.components, ...sync.components] })],
    ['an own field that the game lacks', of({ own: [{ ...column, field: 'constructor.name' }] })],
  ])('is refused: %s', (_, said) => {
    const frames = new RoomFrames()
    frames.handshake(new TextEncoder().encode(JSON.stringify(said)), { offset: 0 })
    expect(frames.accept(arena)).toMatchObject({ code: 'StateRejected' })
    frames.setState(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), { offset: 0 })
    expect(frames.hasState).toBe(false)
  })

  it('is taken if the game can follow it', () => {
    const frames = new RoomFrames()
    frames.handshake(new TextEncoder().encode(JSON.stringify(hello)), { offset: 0 })
    expect(frames.accept(arena)).toEqual(hello)
  })
})

/** Returns a frame with a byte changed, or cut, behind what Colyseus puts before it; most as they are. */
function damaged(data: Uint8Array, network: SimulatedNetwork): Uint8Array {
  const at = 9 + Math.floor(network.random() * (data.length - 9))
  const code = (data[0] as number) & 0x1f
  const isFrame = code === Protocol.ROOM_STATE || code === Protocol.ROOM_STATE_PATCH
  if (!isFrame || data.length < 10 || network.random() < 0.5) return data
  if (network.random() < 0.3) return data.slice(0, at)
  const changed = data.slice()
  changed[at] = network.random() * 256
  return changed
}

/** The id by which clients know an entity of a room. */
function networkId({ game, runtime }: ScriptRoom, entity: number): number {
  return runtime.version(entity) * game.capacity + entity
}

/** Returns how many corrections clients reported to all rooms so far. */
function correctionsReported(): number {
  return Number(/^bitscript_room_corrections_total\{room="Arena"\} (\d+)$/m.exec(formatRoomMetrics())?.[1] ?? 0)
}
