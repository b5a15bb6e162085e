import { columns, defineGame, inputs, q, type RunningGame, type Seat, type Sync, type SyncEncoder, startGame } from 'bitscript/colyseus'
import { median } from '../measure.ts'
import type { SuiteContext } from '../suite.ts'
import { formatBytes, formatNanoseconds, type Table } from '../table.ts'

const HZ = 20
const ENTITIES = 2000
const SIZE = 4000
const RADIUS = 500
/** What Colyseus puts before a frame. */
const PREFIX = 9

const io = ['Position.x', 'Position.y', 'Velocity.x', 'Velocity.y'].map((field) => {
  const name = field.replace('.', '_')
  return `(import "ecs.get" "${field}" (func $${name} (param i32) (result f32)))
    (import "ecs.set" "${field}" (func $set_${name} (param i32 f32)))`
})
const axis = (name: string): string => `
  (local.set $at (f32.add (call $Position_${name} (local.get $e)) (f32.mul (call $Velocity_${name} (local.get $e)) (local.get $dt))))
  (if (i32.or (f32.lt (local.get $at) (f32.const 0)) (f32.gt (local.get $at) (f32.const ${SIZE})))
    (then (call $set_Velocity_${name} (local.get $e) (f32.neg (call $Velocity_${name} (local.get $e)))))
    (else (call $set_Position_${name} (local.get $e) (local.get $at))))`
const MOVER = `(module ${io.join('\n')}
  (func (export "update") (param $e i32) (param $dt f32) (local $at f32) ${axis('x')} ${axis('y')}))`
/** A direction becomes a velocity. */
const PLAYER = `(module ${io.join('\n')}
  (func (export "on_input") (param $e i32) (param $x i32) (param $y i32)
    (call $set_Velocity_x (local.get $e) (f32.mul (f32.const 100) (f32.convert_i32_s (local.get $x))))
    (call $set_Velocity_y (local.get $e) (f32.mul (f32.const 100) (f32.convert_i32_s (local.get $y))))))`

const game = defineGame({
  components: { Position: { x: 'f32', y: 'f32' }, Velocity: { x: 'f32', y: 'f32' }, Health: { points: 'i16' } },
  capacity: 4096,
  scripts: { player: PLAYER, mover: MOVER },
})

interface Sending {
  readonly name: string
  readonly clients: number
  /** Milliseconds of a tick, for all clients. */
  readonly milliseconds: number
  /** Bytes a second, of one client. */
  readonly bytes: number
}

const WAYS: readonly { readonly name: string; readonly clients: number; readonly sync: Sync }[] = [
  {
    name: 'columns',
    clients: 100,
    sync: columns({ Position: q(1 / 16), Velocity: q(1 / 16), Health: 'exact' }, { near: RADIUS, own: ['Position', 'Velocity'] }),
  },
  { name: 'inputs', clients: 8, sync: inputs() },
]

/** Measures what it takes to send a room of 2,000 moving entities, at 20 ticks a second. */
export async function measureSending({ scale, progress }: SuiteContext): Promise<readonly Sending[]> {
  const sendings: Sending[] = []
  for (const { name, clients, sync } of WAYS) {
    progress(`sending: ${name} to ${clients} clients`)
    sendings.push(await send(name, clients, sync, scale.quick ? 60 : 400))
  }
  return sendings
}

async function send(name: string, clients: number, sync: Sync, ticks: number): Promise<Sending> {
  const running = (await startGame(game)) as unknown as RunningGame
  const random = randomNumbers()
  const seats = Array.from(
    { length: clients },
    (_, index): Seat => ({ index, id: `${index}`, entity: spawn(running, random, true), waiting: 1, missed: 0 }),
  )
  for (let count = clients; count < ENTITIES; count++) spawn(running, random, false)
  const encoder = sync.open({ game, running, hz: HZ, patchEvery: 1, patchBytes: Number.POSITIVE_INFINITY })
  encoder.take(0)
  for (const seat of seats) encoder.full(seat)
  const pressed = seats.map(() => [0, 0] as [number, number])
  const times: number[] = []
  let bytes = 0
  for (let tick = 1; tick <= ticks; tick++) {
    for (const [index, { entity }] of seats.entries()) {
      if (random() < 0.1) pressed[index] = [Math.round(random() * 2 - 1), Math.round(random() * 2 - 1)]
      running.runtime.emit('input', entity, ...(pressed[index] as [number, number]))
    }
    running.runtime.tick(1 / HZ)
    const begin = performance.now()
    const sent = sendTick(encoder, seats, tick)
    times.push(performance.now() - begin)
    bytes += sent
  }
  encoder.dispose()
  running.runtime.dispose()
  // The first half warms up.
  return { name, clients, milliseconds: median(times.slice(ticks / 2)), bytes: (bytes / ticks / clients) * HZ }
}

function sendTick(encoder: SyncEncoder, seats: readonly Seat[], tick: number): number {
  encoder.take(tick)
  return seats.reduce((bytes, seat) => bytes + encoder.patch(seat).length + PREFIX, 0)
}

function spawn({ runtime, scripts }: RunningGame, random: () => number, isPlayer: boolean): number {
  const entity = runtime.spawn({
    Position: { x: random() * SIZE, y: random() * SIZE },
    Velocity: { x: random() * 200 - 100, y: random() * 200 - 100 },
    Health: { points: 100 },
  })
  if (isPlayer) runtime.attach(entity, scripts.player as never)
  runtime.attach(entity, scripts.mover as never)
  return entity
}

function randomNumbers(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return state / 0x7fff_ffff
  }
}

export function tableOfSending(sendings: readonly Sending[]): Table {
  return {
    title: `Sending a room of ${ENTITIES} moving entities, ${HZ} ticks a second`,
    columns: ['', 'clients', 'a tick, all clients', 'a second, one client'],
    rows: sendings.map(({ name, clients, milliseconds, bytes }) => [
      name,
      `${clients}`,
      formatNanoseconds(milliseconds * 1e6),
      formatBytes(bytes),
    ]),
  }
}
