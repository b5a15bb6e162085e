import { CloseCode } from '@colyseus/core'
import { schema, t } from '@colyseus/schema'
import { hashWorld, InputPlayer, ScriptError, Snapshot } from 'bitscript'
import {
  columns,
  defineGame,
  formatRoomMetrics,
  inputs,
  type Keeper,
  memoryKeeper,
  q,
  type RoomQuota,
  ScriptRoom,
  type Sync,
  startGame,
} from 'bitscript/colyseus'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { liveRooms } from '../../../src/colyseus/room/live-rooms.ts'
import { VERSION_REFUSED } from '../../../src/colyseus/sync/hello.ts'
import { InputsDecoder } from '../../../src/colyseus/sync/inputs-decoder.ts'
import { FULL_STATE_MESSAGE, MOVED, REPORT_MESSAGE } from '../../../src/colyseus/sync/room-messages.ts'
import { closeRooms, openMatchMaker, RoomInMemory } from './room-in-memory.ts'

const game = defineGame({
  components: { Position: { x: 'f32' }, Speed: { x: 'f32' } },
  capacity: 64,
  reserve: 65_536,
  scripts: {
    player: `(module
      (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
      (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
      (import "ecs.get" "Speed.x" (func $speed (param i32) (result f32)))
      (import "ecs.set" "Speed.x" (func $set_speed (param i32 f32)))
      (func (export "on_input") (param $e i32) (param $dx f32) (call $set_speed (local.get $e) (local.get $dx)))
      (func (export "update") (param $e i32) (param f32)
        (call $set_x (local.get $e) (f32.add (call $x (local.get $e)) (call $speed (local.get $e))))))`,
    spinner: `(module (func (export "on_spin") (loop $again (br $again))))`,
  },
})
const Move = schema({ tick: t.uint32(), dx: t.int8() }, 'Move')

class Arena extends ScriptRoom {
  readonly game = game
  readonly sync: Sync = columns({ Position: q(1) }, { own: true })
  override inputs = this.defineInput(Move, { seqField: 'tick' })

  onSeat(): number {
    const entity = this.runtime.spawn({ Position: {}, Speed: {} })
    this.runtime.attach(entity, this.running.scripts.player as never)
    return entity
  }
}
const me = { version: game.version, ticket: 'secret' }

beforeAll(openMatchMaker)
afterEach(closeRooms)

describe('a room', () => {
  it('runs the game, and sends each client what it may see', async () => {
    const arena = await RoomInMemory.create(Arena)
    const one = await arena.join(me)
    const other = await arena.join({ version: game.version })
    expect(one.hello).toMatchObject({ version: game.version, hz: 20, patchEvery: 1, sync: { kind: 'columns' } })
    await arena.run(50)
    const [first, second] = arena.room.seats.map(({ entity }) => entity)
    expect(one.frames.at(-1)).toMatchObject({ kind: 'patch', tick: 1, own: first })
    one.input(Move, { tick: 3, dx: 5 })
    await arena.run(50)
    expect(one.frames.at(-1)).toMatchObject({ tick: 2, waiting: 1 })
    await arena.run(100)
    expect(one.frames.at(-1)).toMatchObject({ tick: 4, waiting: 0, missed: 1 })
    expect(one.acknowledged).toBe(1)
    for (const { decoder } of [one, other]) {
      expect(decoder?.value(first as number, 'Position.x')).toBe(10)
      expect(decoder?.value(second as number, 'Position.x')).toBe(0)
    }
    expect(other.frames.at(-1)).toMatchObject({ own: second, missed: 0 })
  })

  it('refuses a client of another version, and says both', async () => {
    const arena = await RoomInMemory.create(Arena)
    await arena.join(me)
    const other = 'f'.repeat(64)
    for (const version of [other, undefined])
      await expect(arena.join({ version })).rejects.toMatchObject({
        code: VERSION_REFUSED,
        message: expect.stringMatching(new RegExp(`${game.version}.*${version ?? 'none'}`)),
      })
    expect(arena.room.seats).toHaveLength(1)
  })

  it('gives the seat of a client that lost its connection back to its ticket', async () => {
    const arena = await RoomInMemory.create(Arena)
    const first = await arena.join(me)
    await arena.join({ version: game.version })
    const [{ entity } = { entity: 0 }] = arena.room.seats
    first.drop()
    await arena.run(1000)
    expect(arena.room.seats.map(({ index, client }) => [index, client === undefined])).toEqual([
      [0, true],
      [1, false],
    ])
    const again = await arena.join(me)
    await arena.run(50)
    expect(again.frames.at(-1)).toMatchObject({ own: entity })
    // A connection that is still open is closed in favour of the new one.
    await arena.join(me)
    expect(again.closeCode).toBe(MOVED)
    expect(arena.room.seats).toHaveLength(2)
    expect(arena.room.seats[0]?.entity).toBe(entity)
  })

  it('gives a seat up whose client leaves, or does not come back in time', async () => {
    const arena = await RoomInMemory.create(Arena)
    const [leaving, dropped] = [await arena.join({ version: game.version }), await arena.join(me)]
    await arena.join({ version: game.version, ticket: 'another' })
    const entities = arena.room.seats.map(({ entity }) => entity)
    leaving.leave()
    dropped.drop()
    await arena.run(50)
    expect(arena.room.seats.map(({ entity }) => entity)).toEqual(entities.slice(1))
    await arena.run(1000 * arena.room.seatSeconds + 100)
    expect(arena.room.seats.map(({ entity }) => entity)).toEqual(entities.slice(2))
    expect(arena.room.runtime.version(entities[0] as number)).toBe(1)
    // The lowest seat that is free is given next.
    await arena.join({ version: game.version })
    expect(arena.room.seats.map(({ index }) => index)).toEqual([0, 2])
  })

  it('removes the entity of a seat that was given up before it had one', async () => {
    let finish: () => void = () => undefined
    class Slow extends Arena {
      override readonly seatSeconds = 1
      override onSeat(): never {
        return new Promise((resolve) => {
          finish = () => resolve(super.onSeat())
        }) as never
      }
    }
    const arena = await RoomInMemory.create(Slow)
    const joining = arena.join(me)
    const refused = expect(joining).rejects.toMatchObject({ message: expect.stringContaining('given up') })
    await arena.run(1200)
    expect(arena.room.seats).toEqual([])
    const { world, components } = arena.room.running
    const empty = hashWorld(world, components)
    finish()
    await refused
    await arena.run(50)
    expect(hashWorld(world, components)).toBe(empty)
  })

  it('waits for who lost its connection, and ends when nobody is left', async () => {
    const arena = await RoomInMemory.create(Arena)
    const only = await arena.join(me)
    only.drop()
    await arena.run(5000)
    expect(liveRooms()).toHaveLength(1)
    await arena.run(1000 * arena.room.seatSeconds)
    expect(liveRooms()).toHaveLength(0)
  })

  it('drops inputs that come too late or are for a far tick, and uses the last one where none came', async () => {
    const arena = await RoomInMemory.create(Arena)
    const client = await arena.join(me)
    await arena.run(200)
    const [{ entity } = { entity: 0 }] = arena.room.seats
    client.input(Move, { tick: 2, dx: 100 })
    await arena.run(50)
    expect(client.decoder?.value(entity, 'Position.x')).toBe(0)
    client.input(Move, { tick: 6, dx: 2 })
    await arena.run(100)
    expect(client.decoder?.value(entity, 'Position.x')).toBe(4)
    client.input(Move, { tick: 2 ** 31, dx: 50 })
    await arena.run(50)
    expect(client.frames.at(-1)).toMatchObject({ waiting: 0, missed: 2 })
    expect(client.decoder?.value(entity, 'Position.x')).toBe(6)
  })

  it('keeps inputs for as many ticks as it takes them ahead, and counts only those as missed that came too late', async () => {
    const arena = await RoomInMemory.create(Arena)
    const client = await arena.join(me)
    await arena.run(50)
    for (let tick = 2; tick <= 41; tick++) client.input(Move, { tick, dx: tick % 2 })
    await arena.run(40 * 50)
    expect(client.frames.at(-1)).toMatchObject({ tick: 41, waiting: 0, missed: 0 })
    expect(arena.room.seats[0]?.lastInput).toMatchObject({ tick: 41 })
    // It leaves a tick out, then is late.
    client.input(Move, { tick: 43, dx: 1 })
    await arena.run(100)
    expect(client.frames.at(-1)).toMatchObject({ tick: 43, missed: 0 })
    await arena.run(50)
    expect(client.frames.at(-1)).toMatchObject({ tick: 44, missed: 1 })
  })

  it('counts inputs as missed, though none has come in time', async () => {
    const arena = await RoomInMemory.create(Arena)
    const client = await arena.join(me)
    await arena.run(500)
    client.input(Move, { tick: 7, dx: 1 })
    await arena.run(100)
    expect(client.frames.at(-1)).toMatchObject({ tick: 12, missed: 2 })
    expect(arena.room.seats[0]?.lastInput).toBeUndefined()
  })

  it('takes a number that is not finite for 0, and drops a client that sends too many messages', async () => {
    const Steer = schema({ tick: t.uint32(), dx: t.float32() }, 'Steer')
    class Steered extends Arena {
      override inputs = this.defineInput(Steer as never, { seqField: 'tick' } as never) as never
    }
    const arena = await RoomInMemory.create(Steered)
    const client = await arena.join({ version: game.version })
    const [{ entity } = { entity: 0 }] = arena.room.seats
    client.input(Steer, { tick: 1, dx: Number.NaN })
    client.input(Steer, { tick: 2, dx: Number.POSITIVE_INFINITY })
    client.input(Steer, { tick: 3, dx: 2 })
    await arena.run(150)
    expect(client.decoder?.value(entity, 'Position.x')).toBe(2)
    for (let count = 0; count < 400; count++) client.say(REPORT_MESSAGE, { frames: 0, corrected: 0 })
    await arena.run(50)
    expect(client.closeCode).toBe(CloseCode.WITH_ERROR)
    expect(arena.room.clients).toHaveLength(0)
  })

  it('plays on if a script faults, or spends more fuel than the room has', async () => {
    class Poor extends Arena {
      override quota: RoomQuota = { fuel: 20_000 }
    }
    const room = await RoomInMemory.create(Poor)
    const client = await room.join(me)
    client.input(Move, { tick: 2, dx: 1 })
    const fuel: number[] = []
    room.room.runtime.on('tick', (report) => fuel.push(report.fuel))
    room.room.runtime.emit('spin')
    await room.run(150)
    expect(room.room.runtime.find('spinner')).toBeDefined()
    expect(client.decoder?.value(room.room.seats[0]?.entity as number, 'Position.x')).toBe(2)
    expect(formatRoomMetrics()).toContain('bitscript_room_out_of_fuel_total{room="Poor"} 1\n')
    // A fault has a price of its own.
    expect(fuel[0]).toBeLessThan(20_000 + 100_000)
    expect(fuel.slice(1).every((each) => each < 20_000)).toBe(true)
  })

  it('says which fuel is too little for its scripts', async () => {
    await expect(startGame(game, { fuel: 1 })).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining('too few for 2 scripts'),
    })
  })

  it('keeps to the bytes that a client may get in a second', async () => {
    class Narrow extends Arena {
      override quota: RoomQuota = { bytes: 1000 }
    }
    const room = await RoomInMemory.create(Narrow)
    const client = await room.join(me)
    const others = Array.from({ length: 50 }, (_, x) => room.room.runtime.spawn({ Position: { x } }))
    await room.run(1000)
    expect(Math.max(...client.sizes.slice(1))).toBeLessThanOrEqual(50)
    for (const entity of others) expect(client.decoder?.has(room.room.runtime.version(entity) * 64 + entity)).toBe(true)
  })

  it('sends a client that reads too slowly the newest values, once it has read what waits', async () => {
    // All rooms of the process count together.
    const skipped = (): number => Number(/^bitscript_room_skipped_frames_total\{room="Arena"\} (\d+)$/m.exec(formatRoomMetrics())?.[1] ?? 0)
    const skippedBefore = skipped()
    const arena = await RoomInMemory.create(Arena)
    const client = await arena.join(me)
    await arena.run(100)
    const frames = client.frames.length
    client.unsent = 1e6
    client.input(Move, { tick: 4, dx: 5 })
    const entity = arena.room.runtime.spawn({ Position: { x: 9 } })
    await arena.run(200)
    expect(client.frames).toHaveLength(frames)
    client.unsent = 0
    await arena.run(50)
    expect(client.frames).toHaveLength(frames + 1)
    expect(client.decoder?.value(arena.room.seats[0]?.entity as number, 'Position.x')).toBe(20)
    expect(client.decoder?.value(64 * arena.room.runtime.version(entity) + entity, 'Position.x')).toBe(9)
    expect(skipped() - skippedBefore).toBe(4)
  })

  it('counts what it does for Prometheus', async () => {
    class Counted extends Arena {}
    const { room, join, run } = await RoomInMemory.create(Counted).then((memory) => ({
      ...memory,
      join: memory.join.bind(memory),
      run: memory.run.bind(memory),
    }))
    const client = await join(me)
    await expect(join({ version: 'x' })).rejects.toThrow()
    client.say(REPORT_MESSAGE, { frames: 20, corrected: 3 })
    for (const wrong of [{ frames: -1, corrected: 0 }, { frames: 1, corrected: 2 }, { frames: Number.NaN, corrected: 0 }, null, 5])
      client.say(REPORT_MESSAGE, wrong)
    await run(100)
    const metrics = formatRoomMetrics()
    for (const line of ['bitscript_rooms', 'bitscript_room_clients', 'bitscript_room_refused_total'])
      expect(metrics).toContain(`${line}{room="Counted"} 1\n`)
    expect(metrics).toContain('bitscript_room_ticks_total{room="Counted"} 2\n')
    expect(metrics).toContain('bitscript_room_corrections_total{room="Counted"} 3\n')
    expect(metrics).toContain('# TYPE bitscript_room_frames_total counter\n')
    await room.disconnect()
    const after = formatRoomMetrics()
    expect(after).toContain('bitscript_rooms{room="Counted"} 0\n')
    expect(after).toContain('bitscript_room_ticks_total{room="Counted"} 2\n')
  })

  it('sends a full state to a client that asks, once a second', async () => {
    const arena = await RoomInMemory.create(Arena)
    const client = await arena.join(me)
    for (let times = 0; times < 3; times++) client.say(FULL_STATE_MESSAGE, undefined)
    expect(client.frames.map(({ kind }) => kind)).toEqual(['full', 'full'])
    await arena.run(1000)
    client.say(FULL_STATE_MESSAGE, undefined)
    expect(client.frames.at(-1)?.kind).toBe('full')
  })

  it('runs in lockstep with clients that get inputs alone', async () => {
    class Lockstep extends Arena {
      override readonly sync = inputs({ hashEvery: 0.1 })
    }
    const lockstep = await RoomInMemory.create(Lockstep)
    const client = await lockstep.join(me)
    const decoder = new InputsDecoder()
    const copy = await startGame(game)
    const full = decoder.read(client.bodies.shift() as Uint8Array)
    const player = InputPlayer.begin(copy.runtime as never, Snapshot.fromBytes('snapshot' in full ? full.snapshot : new Uint8Array()))
    client.input(Move, { tick: 2, dx: 3 })
    await lockstep.run(100)
    await lockstep.join({ version: game.version })
    await lockstep.run(150)
    const hashes: (string | undefined)[] = []
    for (const body of client.bodies) {
      const frame = decoder.read(body)
      if (frame.kind !== 'patch') continue
      await player.play(frame.inputs)
      if (frame.hash !== undefined) hashes.push(frame.hash === hashWorld(copy.world, copy.components) ? 'same' : 'other')
    }
    expect(hashes).toEqual(['same', 'same'])
    copy.runtime.dispose()
  })

  it('goes on where it was kept, with its seats', async () => {
    const kept = memoryKeeper({ snapshot: 0.2 })
    class Kept extends Arena {
      override keep: Keeper = kept
      override onBegin(): void {
        this.runtime.spawn({ Position: { x: 77 } })
      }
    }
    const before = await RoomInMemory.create(Kept)
    const { roomId } = before.room
    const client = await before.join(me)
    client.input(Move, { tick: 3, dx: 4 })
    await before.run(350)
    expect(before.room.tick).toBe(7)
    const { world, components } = before.room.running
    const hash = hashWorld(world, components)
    before.room.onBeforeShutdown()
    await before.run(0)
    expect(client.closeCode).toBe(MOVED)

    const after = await RoomInMemory.create(Kept, {}, roomId)
    expect(after.room.tick).toBe(7)
    expect(hashWorld(after.room.running.world, after.room.running.components)).toBe(hash)
    const again = await after.join(me)
    await after.run(50)
    expect(again.frames.at(-1)).toMatchObject({ tick: 8 })
    expect(again.decoder?.value(again.frames.at(-1)?.own as number, 'Position.x')).toBe(24)
    expect(after.room.seats).toHaveLength(1)
  })

  it('sends its clients on, though the keeper refuses to save and to release it', async () => {
    let isFull = false
    const kept = memoryKeeper()
    const refuse = async (): Promise<never> => {
      throw new ScriptError('EngineUnavailable', 'Redis refused to keep the room: OOM')
    }
    class Kept extends Arena {
      override keep: Keeper = {
        ...kept,
        claim: async (...given) => {
          const claim = await kept.claim(...given)
          const ends = { save: refuse, release: refuse }
          return new Proxy(claim, {
            get: (_, name: keyof typeof claim) => {
              if (isFull && name in ends) return ends[name as 'save']
              const member = claim[name]
              return typeof member === 'function' ? member.bind(claim) : member
            },
          })
        },
      }
    }
    const arena = await RoomInMemory.create(Kept)
    const client = await arena.join(me)
    await arena.run(100)
    isFull = true
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    arena.room.onBeforeShutdown()
    await arena.run(50)
    expect(client.closeCode).toBe(MOVED)
    printed.mockRestore()
  })

  it.each([
    [{ hz: 0 }, 'hz'],
    [{ patchEvery: 1.5 }, 'patchEvery'],
    [{ quota: { fual: 1 } }, 'fual'],
    [{ game: {} }, 'what defineGame() returned'],
    [{ sync: undefined }, 'what columns() or inputs() returned'],
  ])('refuses %j', async (wrong, message) => {
    class Wrong extends Arena {
      constructor() {
        super()
        Object.assign(this, wrong)
      }
    }
    await expect(RoomInMemory.create(Wrong)).rejects.toThrow(message)
  })
})
