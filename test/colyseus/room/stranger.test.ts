import { CloseCode, connectClientToRoom, Protocol } from '@colyseus/core'
import { schema, t } from '@colyseus/schema'
import { hashWorld } from 'bitscript'
import { columns, defineGame, inputs, ScriptRoom, type Sync } from 'bitscript/colyseus'
import fc from 'fast-check'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { FULL_STATE_MESSAGE, MOVED, SCRIPTS_MESSAGE } from '../../../src/colyseus/sync/room-messages.ts'
import { ClientInMemory, closeRooms, openMatchMaker, RoomInMemory } from './room-in-memory.ts'

const game = defineGame({
  components: { Position: { x: 'f32' } },
  capacity: 64,
  reserve: 65_536,
  scripts: {
    player: `(module
      (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
      (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
      (func (export "on_input") (param $e i32) (param $dx f32)
        (call $set_x (local.get $e) (f32.add (call $x (local.get $e)) (local.get $dx)))))`,
  },
})
const Move = schema({ tick: t.uint32(), dx: t.float32() }, 'Move')

class Arena extends ScriptRoom {
  readonly game = game
  readonly sync: Sync = columns({ Position: 'exact' }, { own: true })
  override autoDispose = false
  override inputs = this.defineInput(Move, { seqField: 'tick' })
  override messages = {
    // A game that trusts what it gets.
    name: (_: unknown, { first }: { readonly first: string }): string => first.toUpperCase(),
  }

  onSeat(): number {
    const entity = this.runtime.spawn({ Position: {} })
    this.runtime.attach(entity, this.running.scripts.player as never)
    return entity
  }
}
class Lockstep extends Arena {
  override readonly sync = inputs()
}
const me = { version: game.version, ticket: 'secret' }
const stranger = { version: game.version }
/** Prefixes of numbers and texts that are longer than what follows. */
const LONG = [0xcb, 0xcf, 0xd0, 0xd3, 0xdb, 0xdd, 0xdf, 0xff]

beforeAll(openMatchMaker)
afterEach(closeRooms)

/** A room with a player, and the place of that player. */
async function openRoom(kind: new () => ScriptRoom = Arena) {
  const arena = await RoomInMemory.create(kind)
  const player = await arena.join(me)
  const { entity = 0 } = arena.room.seats[0] ?? {}
  const { world, components } = arena.room.running
  return {
    arena,
    player,
    entity,
    x: (): number => (components as { Position: { x: Float32Array } }).Position.x[entity] as number,
    hash: (): string => hashWorld(world, components),
  }
}

describe("a stranger's client", () => {
  it('changes nothing and stops nobody, whatever bytes it sends', async () => {
    const { arena, player, entity, x } = await openRoom()
    const byte = fc.oneof(fc.constantFrom(...LONG), fc.nat(255))
    const code = fc.constantFrom(...Object.values(Protocol))
    const bytes = fc.tuple(code, fc.constantFrom(0, 0x40, 0x80, 0xc0), fc.array(byte, { maxLength: 12 }))
    let other = await arena.join(stranger)
    await fc.assert(
      fc.asyncProperty(bytes, async ([first, flags, rest]) => {
        if (other.closeCode !== undefined) other = await arena.join(stranger)
        other.emit([first | flags, ...rest])
      }),
      { numRuns: 300, seed: 1 },
    )
    const { tick } = arena.room
    player.input(Move, { tick: tick + 1, dx: 5 })
    await arena.run(50)
    expect([arena.room.tick, x(), player.frames.at(-1)?.tick]).toEqual([tick + 1, 5, tick + 1])
    expect(arena.room.seats[0]?.entity).toBe(entity)
  })

  it('is put out if it sends an input that would be decoded for ever', async () => {
    const { arena, hash } = await openRoom()
    const before = hash()
    const other = await arena.join(stranger)
    // The length of an input is -2: the decoder goes back, and reads it again.
    other.emit([Protocol.ROOM_INPUT_UNRELIABLE, 0, 0xd0, 0xfe])
    expect(other.closeCode).toBe(CloseCode.WITH_ERROR)
    await arena.run(50)
    expect(hash()).toBe(before)
  })

  it('is put out if a listener of the game throws because of it', async () => {
    const { arena, player } = await openRoom()
    const other = await arena.join(stranger)
    other.say('name', null)
    expect(other.closeCode).toBe(CloseCode.WITH_ERROR)
    await arena.run(50)
    expect(player.frames.at(-1)?.tick).toBe(1)
  })

  it('plays its own seat alone, and no tick but its own', async () => {
    const { arena, player, x } = await openRoom()
    const other = await arena.join(stranger)
    await arena.run(50)
    for (const tick of [0, 1, -1, 1e9, Number.NaN, 2.5]) other.input(Move, { tick, dx: 7 })
    other.input(Move, { tick: 3, dx: Number.NaN })
    await arena.run(200)
    expect(x()).toBe(0)
    const [, { entity: own = 0 } = {}] = arena.room.seats
    expect(other.decoder?.value(other.frames.at(-1)?.own as number, 'Position.x')).toBe(0)
    expect([player.frames.at(-1)?.own, other.frames.at(-1)?.own].map((id = 0) => id % game.capacity)).toEqual([
      arena.room.seats[0]?.entity,
      own,
    ])
  })

  it('loses inputs that it floods the room with, and its connection', async () => {
    const { arena, player, x } = await openRoom()
    const other = await arena.join(stranger)
    for (let tick = 1; tick <= 2000; tick++) other.input(Move, { tick, dx: 1 })
    await arena.run(0)
    expect(other.closeCode).toBe(CloseCode.WITH_ERROR)
    player.input(Move, { tick: 1, dx: 3 })
    await arena.run(50)
    expect([x(), arena.room.seats.length]).toEqual([3, 1])
  })

  it('gets no seat by a token or a session of another, old or new', async () => {
    const { arena, player } = await openRoom()
    const { sessionId, reconnectionToken } = player.server as unknown as { readonly sessionId: string; readonly reconnectionToken: string }
    const replay = (token: string | undefined): Promise<unknown> => {
      const forged = new ClientInMemory(sessionId)
      return connectClientToRoom(
        arena.room as never,
        forged.server as never,
        {} as never,
        token === undefined ? {} : { reconnectionToken: token },
      )
    }
    for (const token of [undefined, 'guess']) await expect(replay(token)).rejects.toThrow('expired')
    player.drop()
    for (const token of [undefined, reconnectionToken]) await expect(replay(token)).rejects.toThrow('expired')
    const again = await arena.join(me)
    // The one that it had before is void, too.
    await expect(replay(reconnectionToken)).rejects.toThrow('expired')
    await arena.run(50)
    expect([again.closeCode, arena.room.seats.length, again.frames.at(-1)?.tick]).toEqual([undefined, 1, 1])
  })

  it('gives up its seat if it never says that it joined', async () => {
    const { arena } = await openRoom()
    const silent = await arena.join(stranger, false)
    await arena.run(1000 * arena.room.seatSeconds)
    expect([silent.sizes, arena.room.seats.length]).toEqual([[], 2])
    await arena.run(100)
    expect([silent.closeCode, arena.room.seats.length]).toEqual([CloseCode.WITH_ERROR, 1])
  })

  it.each<[string, new () => ScriptRoom]>([
    ['columns', Arena],
    ['inputs', Lockstep],
  ])('fills no memory of a server if it reads nothing of a room of %s', async (_, kind) => {
    const { arena, player } = await openRoom(kind)
    const other = await arena.join(stranger)
    await arena.run(100)
    const before = other.sizes.length
    other.unsent = 1e6
    for (let seconds = 0; seconds < 3; seconds++) {
      other.say(FULL_STATE_MESSAGE, undefined)
      other.say(SCRIPTS_MESSAGE, undefined)
      await arena.run(1100)
    }
    expect(other.sizes.length).toBe(before)
    expect(player.sizes.length).toBeGreaterThan(before + 60)
    other.unsent = 0
    await arena.run(50)
    expect(other.sizes.length).toBe(before + 1)
  })

  it('is closed in favour of who comes with its ticket, and has nothing more to say', async () => {
    const { arena, player, x } = await openRoom()
    const again = await arena.join(me)
    expect(player.closeCode).toBe(MOVED)
    player.input(Move, { tick: 1, dx: 9 })
    again.input(Move, { tick: 2, dx: 1 })
    await arena.run(100)
    expect(x()).toBe(1)
  })
})
