import { addEntity } from 'bitecs'
import { History, hashWorld, Recorder, type ScriptId, Snapshot } from 'bitscript'
import { Past, type TraceEvent } from 'bitscript/debug'
import { describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'
import { counterScript, updateScript } from '../../fixtures/scripts.ts'

/*
 * What could make a tick that runs again another one than it was, each with a test of its own: here, or in past.test.ts for host functions, moments taken as a
 * tick begins, and writes that bypass the runtime.
 */

const DT = 1 / 64
const SET_POINTS = '(import "ecs.set" "Health.points" (func $set_points (param i32 i32)))'

const shape = (events: readonly TraceEvent[]): unknown[] =>
  events.map(({ kind, script, function: name, place }) => [kind, script, name, place?.line])

describe('a restore', () => {
  it('puts the state of scripts back, which their traced code then has', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(counterScript(), { name: 'counter' })
    const past = new Past(runtime, { keyframeEvery: 100 })
    for (let tick = 0; tick < 3; tick++) runtime.tick(DT)
    const start = runtime.snapshot()
    for (let tick = 0; tick < 3; tick++) runtime.tick(DT)
    runtime.restore(Snapshot.fromBytes(start.toBytes()))
    runtime.tick(DT)
    await past.trace(4)
    await past.trace(2)
    runtime.tick(DT)
    const trace = await past.trace(5, { calls: false })
    expect([trace.matches, runtime.call(id, 'count')]).toEqual([true, 5])
    // The shadow has the count of the snapshot, and two ticks more: a tick that differs would end the match.
    expect(shape(trace.events)).toEqual([['line', 'counter', 'tick', 4]])
  })
})

describe('a script on probation', () => {
  it('that traps as its tick runs again is taken back there, and not in the game', async () => {
    const { runtime, world, components, errors } = await createGame()
    const entity = addEntity(world, components.Health)
    const id = await runtime.loadModule(updateScript('(call $set_points (local.get $eid) (i32.const 7))', SET_POINTS), {
      name: 'script',
      probation: 9,
    })
    runtime.attach(entity, id)
    const past = new Past(runtime)
    runtime.tick(DT)
    await runtime.reloadModule(id, updateScript('(call $set_points (local.get $eid) (i32.const 8)) (unreachable)', SET_POINTS))
    runtime.tick(DT)
    const before = [hashWorld(world, components), runtime.script(id).generation, runtime.script(id).probation, errors.length]
    const trace = await past.trace(2)
    expect(trace.errors.map(({ code }) => code)).toEqual(['Trap'])
    expect([hashWorld(world, components), runtime.script(id).generation, runtime.script(id).probation, errors.length]).toEqual(before)
    expect(trace.events.findLast(({ kind }) => kind === 'write')).toMatchObject({ old: 7, value: 8 })
  })
})

describe('the frames of a fault', () => {
  it('are those that it had, in code of each generation', async () => {
    const { runtime, world, components, errors } = await createGame()
    const faulty = (more: string): string => `(module ${more}
      (func $deep (unreachable))
      (func (export "update") (param i32 f32) (call $deep)))`
    const entities = [addEntity(world, components.Health), addEntity(world, components.Health)] as const
    const id = await runtime.loadModule(faulty(''), { name: 'script', onFault: 'detach', probation: 0 })
    const past = new Past(runtime)
    runtime.attach(entities[0], id)
    runtime.tick(DT)
    await runtime.reloadModule(id, faulty('\n(func)\n'))
    runtime.attach(entities[1], id)
    runtime.tick(DT)
    for (const [index, tick] of [1, 2].entries()) {
      const [error] = (await past.trace(tick)).errors
      expect(error?.trace).toEqual(errors[index]?.trace)
      expect(error?.location).toEqual(errors[index]?.location)
      expect(error?.trace?.map(({ function: name }) => name)).toEqual(['deep', 'update'])
    }
    expect([(await past.trace(1)).events.at(-1)?.place?.line, (await past.trace(2)).events.at(-1)?.place?.line]).toEqual([2, 4])
  })
})

describe('records', () => {
  it('of scripts that call each other are in the order in which things happened', async () => {
    const ids: ScriptId[] = []
    const host = { game: { ask: (_: unknown, entity: number) => runtime.call(ids[0] as ScriptId, 'answer', entity) as number } }
    const { runtime, world, components } = await createGame({ host })
    const entity = addEntity(world, components.Health)
    ids.push(
      await runtime.loadModule(
        `(module ${SET_POINTS} (func (export "answer") (param $eid i32) (result i32)
          (call $set_points (local.get $eid) (i32.const 5)) (i32.const 6)))`,
        { name: 'answering' },
      ),
    )
    const asking = `${SET_POINTS} (import "game" "ask" (func $ask (param i32) (result i32)))`
    runtime.attach(
      entity,
      await runtime.loadModule(updateScript('(call $set_points (local.get $eid) (call $ask (local.get $eid)))', asking), {
        name: 'asking',
      }),
    )
    const past = new Past(runtime)
    runtime.tick(DT)
    const { events } = await past.trace(1, { lines: false })
    expect(shape(events)).toEqual([
      ['enter', 'asking', 'update', 1],
      ['call', 'asking', 'update', 1],
      ['enter', 'answering', 'answer', 2],
      ['write', 'answering', 'answer', 2],
      ['write', 'asking', 'update', 1],
    ])
  })

  it('are of what is asked for alone, so that a search leaves few', async () => {
    const { runtime, world, components } = await createGame()
    const entities = Array.from({ length: 9 }, () => addEntity(world, components.Health))
    const id = await runtime.loadModule(updateScript('(nop) (nop) (call $set_points (local.get $eid) (i32.const 5))', SET_POINTS), {
      name: 'script',
    })
    for (const entity of entities) runtime.attach(entity, id)
    const past = new Past(runtime)
    runtime.tick(DT)
    const closed = await past.trace(1, { window: { from: 0, count: 0 } })
    expect([closed.total, closed.length]).toEqual([9 * 5, 0])
    expect((await past.trace(1, { lines: false, calls: false, writes: 'Health.points' })).total).toBe(9)
  })
})

describe('listeners', () => {
  it('hear nothing, and a recorder and a history keep nothing', async () => {
    const { runtime, world, components } = await createGame()
    const id = await runtime.loadModule(counterScript(), { name: 'counter' })
    runtime.attach(addEntity(world, components.Health), id)
    const past = new Past(runtime, { keyframeEvery: 2 })
    const [recorder, history] = [new Recorder(runtime), new History(runtime)]
    for (let tick = 0; tick < 5; tick++) runtime.tick(DT)
    const before = [recorder.ticks, history.last, runtime.find('counter')?.stats]
    await past.trace(2)
    await past.trace(5)
    expect([recorder.ticks, history.last, runtime.find('counter')?.stats]).toEqual(before)
    expect(recorder.stop().ticks).toBe(5)
  })
})

describe('a field that is reached through the host', () => {
  it.each(['host', 'inline'] as const)('is written at a place, linked by %s', async (link) => {
    const { runtime, world, components } = await createGame()
    const entity = addEntity(world, components.Health)
    const text = updateScript('\n(call $set_points (local.get $eid) (i32.const 5))', SET_POINTS)
    runtime.attach(entity, await runtime.loadModule(text, { name: 'script', link }))
    const past = new Past(runtime)
    runtime.tick(DT)
    expect(await past.writers('Health.points', entity)).toMatchObject([{ by: 'script', function: 'update', place: { line: 2 }, value: 5 }])
  })
})

describe('a caught exception', () => {
  it('leaves the functions that it was thrown in', async () => {
    const { runtime, world, components } = await createGame()
    const text = `(module ${SET_POINTS}
      (tag $odd)
      (func $inner (throw $odd))
      (func $outer (call $inner))
      (func $after (param $eid i32)
        (call $set_points (local.get $eid) (i32.const 5)))
      (func (export "update") (param $eid i32) (param f32)
        (try (do (call $outer)) (catch $odd))
        (call $after (local.get $eid))))`
    const entity = addEntity(world, components.Health)
    runtime.attach(entity, await runtime.loadModule(text, { name: 'script' }))
    const past = new Past(runtime)
    runtime.tick(DT)
    const trace = await past.trace(1)
    const write = trace.events.find(({ kind }) => kind === 'write')
    expect(trace.at(write?.index ?? -1).stack.map(({ function: name, place }) => [name, place?.line])).toEqual([
      ['after', 6],
      ['update', 9],
    ])
    const entered = trace.events.flatMap((event) => (event.kind === 'enter' ? [[event.function, event.depth]] : []))
    expect(entered).toEqual([
      ['update', 0],
      ['outer', 1],
      ['inner', 2],
      ['after', 1],
    ])
  })
})
