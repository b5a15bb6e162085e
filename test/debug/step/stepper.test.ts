import { addEntity } from 'bitecs'
import { Past, Stepper } from 'bitscript/debug'
import { beforeAll, describe, expect, it } from 'vitest'
import { createGame, errorOf } from '../../fixtures/game.ts'

/** Moves an entity by 1 a tick, in line 7 by a function. */
const MOVER = `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (global $calls (mut i32) (i32.const 0))
  (func $step (param $size f32) (result f32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (f32.mul (local.get $size) (f32.const 64)))
  (func (export "update") (param $eid i32) (param $dt f32) (local $next f32)
    (local.set $next (f32.add (call $x (local.get $eid)) (call $step (local.get $dt))))
    (call $set_x (local.get $eid) (local.get $next))))`

const DT = 1 / 64

/** A game of one script on some entities, and its past. */
async function play(text = MOVER, { ticks = 10, count = 2 } = {}) {
  const game = await createGame()
  const { runtime, world, components } = game
  const past = new Past(runtime, { keyframeEvery: 4 })
  const mover = await runtime.loadModule(text, { name: 'mover' })
  const entities = Array.from({ length: count }, () => {
    const entity = addEntity(world, components.Position, components.Health)
    runtime.attach(entity, mover)
    return entity
  })
  for (let tick = 0; tick < ticks; tick++) runtime.tick(DT)
  const [first = 0, second = 0] = entities
  return { ...game, past, first, second }
}

type Played = Awaited<ReturnType<typeof play>>

/** Steppers change nothing, so the tests share a game. */
let shared: Played
beforeAll(async () => {
  shared = await play()
})

/** Begins at the end of the past of a game. */
function open(game: Played = shared) {
  const logs: string[] = []
  const stepper = new Stepper(game.past, { onLog: (line, tick) => logs.push(`${tick}: ${line}`) })
  /** Where it is: the tick, the functions that run and their lines. */
  const where = async (): Promise<unknown[]> => [
    stepper.stop.tick,
    ...(await stepper.stack()).flatMap(({ function: name, place }) => [name, place?.line]),
  ]
  return { ...game, stepper, logs, where }
}

describe('a step', () => {
  it('goes into functions, over them and out of them, and on to the next entity and tick', async () => {
    const { stepper, where, second } = open()
    expect(stepper.stop).toMatchObject({ tick: 10, reason: 'end' })
    await stepper.goTo(5)
    expect(await where()).toEqual([5, 'update', 9])
    expect(await stepper.step('in')).toMatchObject({ tick: 5, reason: 'step' })
    expect(await where()).toEqual([5, 'step', 6, 'update', 9])
    await stepper.step('over')
    expect(await where()).toEqual([5, 'step', 7, 'update', 9])
    await stepper.step('out')
    expect(await where()).toEqual([5, 'update', 10])
    await stepper.step('over')
    expect(await where()).toEqual([5, 'update', 9])
    expect(await stepper.entity()).toBe(second)
    await stepper.step('over')
    await stepper.step('over')
    expect(await where()).toEqual([6, 'update', 9])
  })

  it('goes back the same way', async () => {
    const { stepper, where, first, second } = open()
    await stepper.goTo(6)
    await stepper.step('over', 'back')
    expect(await where()).toEqual([5, 'update', 10])
    expect(await stepper.entity()).toBe(second)
    await stepper.step('in', 'back')
    expect(await where()).toEqual([5, 'step', 7, 'update', 9])
    await stepper.step('out', 'back')
    expect(await where()).toEqual([5, 'update', 9])
    await stepper.step('over', 'back')
    expect(await stepper.entity()).toBe(first)
    await stepper.goTo(1)
    expect(await stepper.step('over', 'back')).toMatchObject({ tick: 1, index: -1, reason: 'start' })
    expect(await stepper.stack()).toEqual([])
    await stepper.goTo(10)
    for (let step = 0; step < 3; step++) await stepper.step('over')
    expect(await stepper.step('over')).toMatchObject({ tick: 10, reason: 'end' })
  })

  it('refuses a tick and an event that are not kept', async () => {
    const { stepper } = open()
    expect((await errorOf(stepper.goTo(11))).message).toContain('tick 11 is not kept; those from 1 to 10 are')
    expect((await errorOf(stepper.goTo(5, 99))).message).toContain('there is no event 99 in tick 5')
  })
})

describe('what is seen here', () => {
  it('has the components of an entity as they are here, the globals as the tick began, and what an expression comes to', async () => {
    const { stepper, first, second } = open()
    await stepper.goTo(5)
    expect(await stepper.components()).toEqual({ Position: { x: 4, y: 0 }, Health: { points: 0 } })
    expect(await stepper.globals('mover')).toEqual({ calls: 8 })
    await stepper.step('over')
    expect(await stepper.evaluate(`$next + Position.x * 10 + Position.x[${second}] * 100 == 445 && eid == ${first}`)).toBe(1)
    await stepper.step('over')
    expect(await stepper.components(first)).toMatchObject({ Position: { x: 5 } })
    expect(await stepper.components(99)).toBeUndefined()
    expect((await errorOf(stepper.evaluate('nothing'))).message).toContain("there is no local 'nothing'")
    expect((await errorOf(stepper.evaluate('eid = 5'))).message).toContain('cannot be read')
    expect(await errorOf(stepper.evaluate(`1${' + 1'.repeat(100_000)}`))).toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining('more than 1000'),
    })
  })
})

describe('a breakpoint on a line', () => {
  it('stops before each statement, both ways, where its condition holds', async () => {
    const { stepper, where, second } = open()
    expect(await stepper.setBreakpoints([{ script: 'mover', line: 8, condition: `eid == ${second} && Position.x < 4` }])).toEqual([
      { isPlaced: true, line: 9 },
    ])
    expect(await stepper.continue('back')).toMatchObject({ tick: 4, reason: 'breakpoint', breakpoints: [0] })
    expect(await where()).toEqual([4, 'update', 9])
    expect(await stepper.entity()).toBe(second)
    expect(await stepper.continue('back')).toMatchObject({ tick: 3 })
    expect(await stepper.continue()).toMatchObject({ tick: 4 })
    expect(await stepper.continue()).toMatchObject({ tick: 10, reason: 'end' })
  })

  it('stops at certain hits alone, counted from the start of the past', async () => {
    const { stepper } = open()
    await stepper.setBreakpoints([{ line: 10, hits: '5' }])
    expect(await stepper.continue('back')).toMatchObject({ tick: 3, reason: 'breakpoint' })
    expect(await stepper.continue('back')).toMatchObject({ tick: 1, reason: 'start' })
    await stepper.setBreakpoints([{ line: 10, hits: '% 8' }])
    expect(await stepper.continue()).toMatchObject({ tick: 4 })
    expect(await stepper.continue()).toMatchObject({ tick: 8 })
  })

  it('logs what was passed, in the order in which it was passed', async () => {
    const { stepper, logs, second } = open()
    await stepper.goTo(3)
    const log = `entity {eid} at {Position.x}`
    await stepper.setBreakpoints([
      { line: 10, condition: `eid == ${second}`, log },
      { line: 9, condition: `eid == ${second} && Position.x == 4` },
    ])
    await stepper.continue()
    expect(logs).toEqual([`3: entity ${second} at 2`, `4: entity ${second} at 3`])
    logs.length = 0
    await stepper.continue('back')
    expect(logs).toEqual([4, 3, 2, 1].map((tick) => `${tick}: entity ${second} at ${tick - 1}`))
  })

  it('says why it cannot stop', async () => {
    const { stepper } = open()
    const placed = await stepper.setBreakpoints([
      { line: 99 },
      { line: 9, script: 'other' },
      { line: 9, condition: 'size > 1' },
      { line: 9, condition: '1 +' },
      { line: 9, hits: 'often' },
      { field: 'Health.pints' },
      { field: 'Health.points', condition: 'eid == 1' },
      { line: 9, condition: 'Health.pints > 1' },
    ])
    expect(placed.map(({ isPlaced, message }) => [isPlaced, message?.slice(0, 44)])).toMatchObject([
      [false, 'there is no statement at or after this line'],
      [false, 'no script of the game has this source'],
      [false, "there is no local 'size' on this line; there"],
      [false, "the expression '1 +' cannot be read: Expecte"],
      [false, "the hits 'often' cannot be read: write 5, > "],
      [false, "there is no field 'Health.pints'"],
      [false, "a write has old, value, entity, and no 'eid'"],
      [false, "there is no field 'Health.pints'"],
    ])
  })
})

describe('a breakpoint on a field', () => {
  it('stops after each write, by scripts and by the game, with the values', async () => {
    const { stepper, runtime, components, where, first, second } = open(await play())
    runtime.write(second, { Position: { x: 50 } })
    runtime.tick(DT)
    // It bypasses the runtime, so it shows at the next moment that is kept whole.
    components.Position.x[second] = 70
    runtime.tick(DT)
    runtime.tick(DT)
    await stepper.goTo(13)
    await stepper.setBreakpoints([{ field: 'Position.x', entity: second }])
    const writes = []
    for (let stop = await stepper.continue('back'); stop.reason === 'write' && stop.tick > 9; stop = await stepper.continue('back')) {
      writes.push([stop.tick, ...stop.writes.map(({ by, old, value }) => `${by} ${old} ${value}`), (await where())[2]])
    }
    expect(writes).toEqual([
      [13, 'host 52 71', undefined],
      [12, 'mover 51 52', 10],
      [11, 'mover 50 51', 10],
      [11, 'host 10 50', undefined],
      [10, 'mover 9 10', 10],
    ])
    await stepper.setBreakpoints([{ field: 'Position.x', condition: `value - old > 5 && entity != ${first}` }])
    await stepper.goTo(1)
    expect(await stepper.continue()).toMatchObject({ tick: 11, index: -1, writes: [{ by: 'host', entity: second, value: 50 }] })
  })
})

describe('a fault', () => {
  it('stops where the script faulted, with its place', async () => {
    const text = MOVER.replace('(call $set_x', '(if (f32.gt (local.get $next) (f32.const 4)) (then (unreachable)))\n    (call $set_x')
    const { stepper, where } = open(await play(text, { count: 1 }))
    expect(await stepper.setBreakpoints([{ faults: true }])).toEqual([{ isPlaced: true }])
    const stop = await stepper.continue('back')
    expect(stop).toMatchObject({ tick: 5, reason: 'fault', breakpoints: [0], error: { code: 'Trap' } })
    expect(await where()).toEqual([5, 'update', 10])
    expect(await stepper.continue('back')).toMatchObject({ tick: 1, reason: 'start' })
    expect(await stepper.continue()).toMatchObject({ tick: 5, reason: 'fault' })
    await stepper.step('over', 'back')
    expect(await where()).toEqual([5, 'update', 10])
    expect(await stepper.step('over')).toMatchObject({ tick: 5, reason: 'fault' })
  })
})
