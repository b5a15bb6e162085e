import { addEntity } from 'bitecs'
import { type FieldWriter, profile } from 'bitscript/debug'
import { Debugger } from 'bitscript/devtools'
import { describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'

/** Moves an entity by its velocity, and turns it round at 4. */
const MOVER = `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
  (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (func (export "update") (param $eid i32) (param $dt f32) (local $next f32)
    (local.set $next (f32.add (call $x (local.get $eid)) (call $y (local.get $eid))))
    (if (f32.ge (local.get $next) (f32.const 4))
      (then
        (call $set_y (local.get $eid) (f32.const -1))))
    (call $set_x (local.get $eid) (local.get $next))))`
const LINE = { first: 7, turn: 10, last: 11 }

/** A game of two entities, one of which moves, and its debugger, which is open. */
async function play(options: { readonly ticks?: number; readonly breakpoint?: number } = {}) {
  const { runtime, world, components } = await createGame()
  const id = await runtime.loadModule(MOVER, { name: 'mover', probation: 0 })
  const [entity, other] = [addEntity(world, components.Position), addEntity(world, components.Position)]
  for (const each of [entity, other]) runtime.attach(each, id)
  components.Position.y[entity] = 1
  const controls = { paused: false }
  const debug = new Debugger(runtime, { controls })
  if (options.breakpoint !== undefined) debug.setBreakpoints('mover', [{ line: options.breakpoint }])
  await debug.open()
  const run = (count: number): void => {
    for (let tick = 0; tick < count && !controls.paused; tick++) runtime.tick(1 / 64)
  }
  run(options.ticks ?? 6)
  return { runtime, debug, controls, entity, other, run, id }
}

/** Writes to an entity between two ticks that are kept. Returns the debugger, and who wrote last. */
async function writeAndAsk(runtime: Awaited<ReturnType<typeof createGame>>['runtime'], entity: number) {
  const debug = new Debugger(runtime)
  await debug.open()
  runtime.tick(1)
  runtime.write(entity, { Position: { x: 3 } })
  runtime.tick(1)
  const [write] = await debug.writers('Position.x', entity, 1)
  return { debug, write }
}

/** Resolves when a debugger looks at the past. */
const arrives = (debug: Debugger): Promise<void> =>
  new Promise((resolve) => {
    const off = debug.on(() => {
      if (debug.position === undefined || debug.isBusy) return
      off()
      resolve()
    })
  })

describe('a debugger', () => {
  it('goes to a tick and through its steps, over the ends into the ticks beside it, and pauses the game meanwhile', async () => {
    const { debug, controls, entity, other } = await play()
    expect(debug).toMatchObject({ isOpen: true, position: undefined, kept: { first: 1, last: 6 } })
    await debug.goTo(3)
    expect(debug.position).toMatchObject({ tick: 3, index: 0, moment: { event: { kind: 'enter', locals: { eid: entity } } } })
    expect(controls.paused).toBe(true)
    await debug.setFilter({ script: 'mover', entity: other })
    expect(debug.position?.moment?.event).toMatchObject({ kind: 'enter', locals: { eid: other } })
    await debug.step(-1)
    expect(debug.position).toMatchObject({ tick: 2, moment: { event: { kind: 'write', field: 'Position.x' } } })
    await debug.step(1)
    await debug.step(1)
    expect(debug.position).toMatchObject({ tick: 3, moment: { event: { kind: 'line', place: { line: LINE.first } } } })
    await debug.goTo(99)
    expect(debug.problem).toContain('tick 99 is not kept')
    debug.live()
    expect([debug.position, controls.paused]).toEqual([undefined, false])
  })

  it('pauses the game after a tick in which a line with a breakpoint ran, and goes to earlier and later hits', async () => {
    // A line without a statement stands for the next one.
    const { debug, controls, run, entity, runtime } = await play({ ticks: 0, breakpoint: LINE.turn - 1 })
    const arrived = arrives(debug)
    run(20)
    expect(controls.paused).toBe(true)
    await arrived
    expect(debug.position).toMatchObject({ tick: 4, moment: { event: { place: { line: LINE.turn }, locals: { eid: entity, next: 4 } } } })
    expect([...debug.marks]).toContainEqual([4, new Set(['hit'])])
    expect(await debug.goToHit('back')).toBe(false)
    debug.setBreakpoints('mover', [{ line: LINE.last }])
    expect([await debug.goToHit('back'), debug.position?.tick]).toEqual([true, 3])
    expect([await debug.goToHit('forward'), debug.position?.tick]).toEqual([true, 4])
    debug.setBreakpoints('mover', [])
    debug.live()
    run(3)
    expect([controls.paused, runtime.tick(1 / 64).tick]).toEqual([false, 8])
  })

  it('pauses the game only for a tick that it keeps, and so for none as long as a reload is on probation', async () => {
    const { runtime, world, components } = await createGame()
    const id = await runtime.loadModule(MOVER, { name: 'mover', probation: 5 })
    runtime.attach(addEntity(world, components.Position), id)
    await runtime.reloadModule(id, MOVER)
    const controls = { paused: false }
    const debug = new Debugger(runtime, { controls })
    debug.setBreakpoints('mover', [{ line: LINE.first }])
    await debug.open()
    const arrived = arrives(debug)
    let ticks = 0
    for (; ticks < 20 && !controls.paused; ticks++) runtime.tick(1 / 64)
    await arrived
    expect([debug.position?.tick, debug.problem]).toEqual([ticks, undefined])
    expect(ticks).toBeGreaterThan(5)
  })

  it.each(['entity', 'script'] as const)('shows the line that the game paused for, after another %s was looked at', async (kind) => {
    const { debug, runtime, controls, other, run } = await play({ ticks: 2, breakpoint: LINE.turn })
    await runtime.loadModule('(module (func (export "tick") (param f32)))', { name: 'idle' })
    await debug.setFilter(kind === 'entity' ? { entity: other } : { script: 'idle' })
    await debug.goTo(2)
    debug.live()
    const arrived = arrives(debug)
    run(4)
    expect(controls.paused).toBe(true)
    await arrived
    expect(debug.position).toMatchObject({ tick: 4, moment: { event: { script: 'mover', place: { line: LINE.turn } } } })
    expect(debug.filter).toEqual({})
  })

  it('shows what lines came to in the call at hand, and how often they began', async () => {
    const { debug, entity } = await play()
    await debug.setFilter({ entity })
    await debug.goTo(4, 3)
    expect(debug.values.map(({ line, text, isAhead }) => [line, text, isAhead])).toEqual([
      [LINE.first, 'next=4', false],
      [LINE.turn, '✎ Position.y 1→-1', false],
      [LINE.last, '✎ Position.x 3→4', true],
    ])
    await debug.setFilter({})
    expect(debug.lineCounts.find(({ line }) => line === LINE.first)).toMatchObject({ script: 'mover', count: 2 })
  })

  it('leads from a write to the writes that it was made of', async () => {
    const { debug, entity } = await play()
    const [write] = await debug.writers('Position.x', entity, 1)
    expect(write).toMatchObject({ tick: 6, by: 'mover', old: 3, value: 2, place: { line: LINE.last } })
    const velocity = write?.reads.find(({ field }) => field === 'Position.y')
    expect(velocity).toMatchObject({ value: -1 })
    const cause = velocity && (await debug.writerOf(velocity, 6))
    expect(cause).toMatchObject({ tick: 4, by: 'mover', old: 1, value: -1, place: { line: LINE.turn } })
    if (cause !== undefined) await debug.goToWrite(cause, 'Position.y', entity)
    expect(debug.position).toMatchObject({ tick: 4, moment: { event: { kind: 'write', field: 'Position.y' } } })
    // Read before it was written in the same tick.
    expect(await debug.writerOf({ field: 'Position.y', entity, value: 1 }, 4)).toBeUndefined()
  })

  it('leads from the latest writes to earlier ones, also of the same tick', async () => {
    const { runtime, world, components } = await createGame()
    const counter = `(module
      (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
      (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
      (func $count (param $eid i32) (call $set_x (local.get $eid) (f32.add (call $x (local.get $eid)) (f32.const 1))))
      (func (export "update") (param $eid i32) (param $dt f32)
        (call $count (local.get $eid)) (call $count (local.get $eid)) (call $count (local.get $eid))))`
    const entity = addEntity(world, components.Position)
    runtime.attach(entity, await runtime.loadModule(counter, { name: 'counter' }))
    const debug = new Debugger(runtime)
    await debug.open()
    for (let tick = 0; tick < 2; tick++) runtime.tick(1)
    const known: FieldWriter[] = []
    for (let turn = 0; turn < 4; turn++) known.push(...(await debug.earlierWriters('Position.x', entity, 2, known)))
    expect(known.map(({ tick, value }) => [tick, value])).toEqual([
      [2, 6],
      [2, 5],
      [2, 4],
      [1, 3],
      [1, 2],
      [1, 1],
    ])
    debug.dispose()
  })

  it('passes over a write that changed nothing, which would answer for itself', async () => {
    const { runtime, world, components } = await createGame()
    const keeper = `(module
      (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
      (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
      (func (export "update") (param $eid i32) (param $dt f32) (call $set_x (local.get $eid) (call $x (local.get $eid)))))`
    const entity = addEntity(world, components.Position)
    runtime.attach(entity, await runtime.loadModule(keeper, { name: 'keeper' }))
    const { debug, write } = await writeAndAsk(runtime, entity)
    expect(write).toMatchObject({ tick: 2, by: 'keeper', old: 3, value: 3, reads: [{ field: 'Position.x', value: 3 }] })
    expect(write?.reads[0] && (await debug.writerOf(write.reads[0], 2))).toMatchObject({ by: 'host', input: 'write', old: 0, value: 3 })
    debug.dispose()
  })

  it('goes to a write of the game in a tick in which no script ran', async () => {
    const { runtime, world, components } = await createGame()
    const entity = addEntity(world, components.Position)
    const { debug, write } = await writeAndAsk(runtime, entity)
    expect(write).toMatchObject({ by: 'host', value: 3 })
    if (write !== undefined) await debug.goToWrite(write, 'Position.x', entity)
    expect([debug.problem, debug.position]).toEqual([undefined, expect.objectContaining({ tick: 2, index: -1, moment: undefined })])
    debug.dispose()
  })

  it('marks faults, reloads and input; counts lines while it is asked to; and keeps nothing once it is closed', async () => {
    const { debug, runtime, entity, id, run } = await play()
    runtime.write(entity, { Position: { y: 2 } })
    run(1)
    await runtime.reloadModule(id, MOVER.replace('(f32.const 4)', '(f32.const 5)'))
    run(1)
    expect([...debug.marks]).toEqual([
      [7, new Set(['input'])],
      [8, new Set(['reload'])],
    ])
    expect(debug.heat).toEqual([])
    await debug.setHeat(true)
    run(2)
    expect(debug.heat.find(({ line }) => line === LINE.first)).toMatchObject({ script: 'mover', hits: 4 })
    await debug.setHeat(false)
    debug.close()
    expect([debug.isOpen, debug.kept, debug.heat, [...debug.marks]]).toEqual([false, undefined, [], []])
    await debug.open()
    run(1)
    expect(debug.kept).toMatchObject({ first: 11, last: 11 })
    debug.dispose()
    await debug.open()
    expect(debug.isOpen).toBe(false)
  })

  it('is closed again if it cannot count what its breakpoints need, and opens once it can', async () => {
    const { runtime } = await createGame()
    await runtime.loadModule(MOVER, { name: 'mover' })
    const profiled = await profile(runtime)
    const debug = new Debugger(runtime)
    debug.setBreakpoints('mover', [{ line: LINE.turn }])
    const opening = [debug.open(), debug.open()]
    for (const each of opening) await expect(each).rejects.toThrow('is profiled already')
    expect(debug.isOpen).toBe(false)
    profiled.stop()
    await debug.open()
    runtime.tick(1 / 64)
    expect(debug).toMatchObject({ isOpen: true, kept: { first: 1, last: 1 } })
    debug.close()
    expect(debug.isOpen).toBe(false)
  })
})
