import { hashWorld, InputPlayer, Snapshot } from 'bitscript'
import { defineGame, inputs, type RunningGame, type Seat, startGame } from 'bitscript/colyseus'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { InputsDecoder } from '../../../src/colyseus/sync/inputs-decoder.ts'

const game = defineGame({
  components: { Position: { x: 'f32' }, Speed: { x: 'f64' } },
  capacity: 64,
  reserve: 65_536,
  seed: 5,
  scripts: {
    player: `(module
      (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
      (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
      (import "ecs.set" "Speed.x" (func $set_speed (param i32 f64)))
      (import "host" "random" (func $random (result f64)))
      (func (export "on_input") (param $e i32) (param $speed f64) (call $set_speed (local.get $e) (local.get $speed)))
      (func (export "update") (param $e i32) (param f32)
        (call $set_x (local.get $e) (f32.add (call $x (local.get $e)) (f32.demote_f64 (call $random))))))`,
  },
})
const started: Pick<RunningGame, 'runtime'>[] = []
afterEach(() => {
  for (const { runtime } of started.splice(0)) runtime.dispose()
})

async function start() {
  const running = await startGame(game)
  started.push(running)
  return running
}

function hash({ world, components }: Awaited<ReturnType<typeof start>>): string {
  return hashWorld(world, components)
}

/** A room in lockstep. */
async function open(hashEvery = 0.1) {
  const running = await start()
  const encoder = inputs({ hashEvery }).open({
    game,
    running: running as unknown as RunningGame,
    hz: 20,
    patchEvery: 1,
    patchBytes: Number.POSITIVE_INFINITY,
  })
  let tick = 0
  encoder.take(0)
  return {
    ...running,
    running,
    encoder,
    /** Runs a tick. */
    tick: () => {
      running.runtime.tick(1 / 20)
      encoder.take(++tick)
    },
    player: (x = 0): number => {
      const entity = running.runtime.spawn({ Position: { x }, Speed: {} })
      running.runtime.attach(entity, running.scripts.player as never)
      return entity
    },
  }
}

/** A client that plays the same game. */
async function join(bytes: Uint8Array) {
  const running = await start()
  const decoder = new InputsDecoder()
  const full = decoder.read(bytes)
  if (full.kind !== 'full') throw new Error('no full state')
  let player = InputPlayer.begin(running.runtime as never, Snapshot.fromBytes(full.snapshot))
  return {
    running,
    decoder,
    async read(bytes: Uint8Array) {
      const frame = decoder.read(bytes)
      if (frame.kind === 'patch') await player.play(frame.inputs)
      else {
        player.end()
        player = InputPlayer.begin(running.runtime as never, Snapshot.fromBytes(frame.snapshot))
      }
      return frame
    },
  }
}

function seat(index: number, more: Partial<Seat> = {}): Seat {
  return { index, id: `session ${index}`, entity: 0, waiting: 0, missed: 0, ...more }
}

describe('inputs', () => {
  it('make the same game in each client, whatever enters it', async () => {
    const room = await open()
    const own = room.player()
    room.tick()
    const client = await join(room.encoder.full(seat(0, { entity: own })))
    room.runtime.emit('input', own, 1.5)
    room.player(7)
    room.tick()
    const frame = await client.read(room.encoder.patch(seat(0, { entity: own, waiting: 2, missed: 3 })))
    expect(frame).toMatchObject({ kind: 'patch', tick: 2, own, waiting: 2, missed: 3, hash: hash(room.running) })
    expect(hash(client.running)).toBe(hash(room.running))
  })

  it('have a hash at times, and a full state for a client that differs', async () => {
    const room = await open()
    const entity = room.player()
    room.tick()
    const client = await join(room.encoder.full(seat(0)))
    client.running.components.Position.x[entity] = 99
    room.tick()
    const frame = await client.read(room.encoder.patch(seat(0)))
    expect(frame).toMatchObject({ hash: hash(room.running) })
    expect(hash(client.running)).not.toBe(hash(room.running))
    room.tick()
    expect(await client.read(room.encoder.full(seat(0)))).toMatchObject({ kind: 'full', tick: 3 })
    room.tick()
    await client.read(room.encoder.patch(seat(0)))
    expect(hash(client.running)).toBe(hash(room.running))
  })

  it('take few bytes: what is the same as in the tick before takes a bit', async () => {
    const room = await open(60)
    const players = Array.from({ length: 8 }, (_, index) => room.player(index))
    const press = (x: number): void => {
      for (const player of players) room.runtime.emit('input', player, player === players[0] ? x : 1)
      room.tick()
    }
    room.encoder.full(seat(0))
    press(0)
    room.encoder.patch(seat(0))
    press(0)
    expect(room.encoder.patch(seat(0)).length).toBeLessThanOrEqual(6)
    press(1)
    expect(room.encoder.patch(seat(0)).length).toBeLessThanOrEqual(13)
    press(1)
    expect(room.encoder.patch(seat(0)).length).toBeLessThanOrEqual(13)
  })

  it('begin again for a client that got no patch', async () => {
    const room = await open()
    room.player()
    const client = await join(room.encoder.full(seat(0)))
    room.tick()
    room.tick()
    expect(await client.read(room.encoder.patch(seat(0)))).toMatchObject({ kind: 'full', tick: 2 })
    room.tick()
    await client.read(room.encoder.patch(seat(0)))
    expect(hash(client.running)).toBe(hash(room.running))
  })

  it('reach clients that join at any time, with events of any name and number', async () => {
    const number = fc.oneof(fc.integer({ min: -200, max: 200 }), fc.double(), fc.constantFrom(-0, Number.NaN, 2 ** 31))
    const action = fc.oneof(
      fc.record({ kind: fc.constant('emit' as const), name: fc.constantFrom('input', 'a', 'ü'), x: number }),
      fc.constant({ kind: 'spawn' as const }),
      fc.constant({ kind: 'tick' as const }),
      fc.constant({ kind: 'tick' as const }),
      fc.constant({ kind: 'join' as const }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        const room = await open()
        const own = room.player()
        const clients: Awaited<ReturnType<typeof join>>[] = []
        for (const each of [...actions, { kind: 'tick' as const }]) {
          if (each.kind === 'emit') room.runtime.emit(each.name, own, each.x)
          else if (each.kind === 'spawn') room.player(1)
          else if (each.kind === 'join' && clients.length < 2) clients.push(await join(room.encoder.full(seat(clients.length))))
          else if (each.kind === 'tick') {
            room.tick()
            for (const [index, client] of clients.entries()) await client.read(room.encoder.patch(seat(index)))
          }
        }
        for (const client of clients) expect(hash(client.running)).toBe(hash(room.running))
        for (const { runtime } of started.splice(0)) runtime.dispose()
      }),
      { numRuns: 25 },
    )
  })

  it('of a stranger end with StateRejected, and change nothing', async () => {
    const room = await open()
    const own = room.player()
    const full = room.encoder.full(seat(0)).slice()
    const patches = [1, 1, 2.5].map((x) => {
      room.runtime.emit('input', own, x)
      room.tick()
      return room.encoder.patch(seat(0)).slice()
    })
    const [first, second, third] = patches as [Uint8Array, Uint8Array, Uint8Array]
    fc.assert(
      fc.property(
        fc.constantFrom(first, third, full.slice(0, 20)),
        fc.array(fc.tuple(fc.nat(40), fc.nat(255))),
        fc.nat(80),
        (frame, changes, cut) => {
          const decoder = new InputsDecoder()
          decoder.read(full)
          decoder.read(first)
          const bytes = frame.slice(0, cut < 40 ? cut : undefined)
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte
          try {
            decoder.read(bytes)
          } catch (error) {
            expect(error).toMatchObject({ code: 'StateRejected' })
            expect(decoder.read(second)).toMatchObject({ tick: 2 })
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('are refused before a full state', () => {
    expect(() => new InputsDecoder().read(Uint8Array.of(0, 0, 0))).toThrow(expect.objectContaining({ code: 'StateRejected' }))
  })
})
