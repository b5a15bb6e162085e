import { addEntity } from 'bitecs'
import { hashWorld, Recorder, Replay, type ScriptId, Snapshot } from 'bitscript'
import { Past } from 'bitscript/debug'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { codeOf, createGame, errorOf, type Game } from '../../fixtures/game.ts'
import { counterScript } from '../../fixtures/scripts.ts'

/** Moves an entity by 1 a tick. */
const MOVER = `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "host" "random" (func $random (result f64)))
  (func $step (param $size f32) (result f32)
    (f32.mul (local.get $size) (f32.const 64)))
  (func (export "update") (param $eid i32) (param $dt f32) (local $next f32)
    (local.set $next (f32.add (call $x (local.get $eid)) (call $step (local.get $dt))))
    (drop (call $random))
    (call $set_x (local.get $eid) (local.get $next))))`

const DT = 1 / 64

type PastOptions = ConstructorParameters<typeof Past>[1]

interface Played extends Game {
  readonly past: Past
  readonly mover: ScriptId
  /** The entities that the script runs on. */
  readonly entities: readonly number[]
}

/** A game of one script on some entities, and its past. */
async function play(
  text = MOVER,
  { ticks = 10, count = 1, probation = 0, ...options }: PastOptions & { ticks?: number; count?: number; probation?: number } = {},
): Promise<Played> {
  const game = await createGame()
  const { runtime, world, components } = game
  const mover = await runtime.loadModule(text, { name: 'mover', probation })
  const entities = Array.from({ length: count }, () => {
    const entity = addEntity(world, components.Position, components.Health)
    runtime.attach(entity, mover)
    return entity
  })
  const past = new Past(runtime, { keyframeEvery: 4, ...options })
  for (let tick = 0; tick < ticks; tick++) runtime.tick(DT)
  return { ...game, past, mover, entities }
}

describe('a trace', () => {
  it('of one tick after the other, going back, reads the past from its keyframe once', async () => {
    const { past } = await play(MOVER, { ticks: 14, keyframeEvery: 100 })
    const restore = vi.spyOn(Snapshot, 'fromBytes')
    onTestFinished(() => restore.mockRestore())
    for (let tick = 14; tick > 0; tick--) expect((await past.trace(tick)).matches).toBe(true)
    expect(restore).toHaveBeenCalledTimes(1)
  })

  it('has each statement with its locals, each call with its fuel, and each write with the values before and after', async () => {
    const { past, entities } = await play()
    const [entity] = entities as [number]
    const trace = await past.trace(7)
    expect(trace).toMatchObject({ tick: 7, matches: true, total: 9, from: 0, untraced: [], errors: [] })
    expect(trace.events.map(({ kind, function: name, place }) => [kind, name, place?.line])).toEqual([
      ['enter', 'update', 8],
      ['line', 'update', 8],
      ['enter', 'step', 6],
      ['line', 'step', 6],
      ['returned', 'update', 8],
      ['line', 'update', 9],
      ['call', 'update', 9],
      ['line', 'update', 10],
      ['write', 'update', 10],
    ])
    expect(trace.events[0]).toMatchObject({ depth: 0, locals: { eid: entity, dt: DT } })
    expect(trace.events[6]).toMatchObject({ import: 'host random', args: [], result: expect.any(Number) })
    expect(trace.events.at(-1)).toMatchObject({ field: 'Position.x', entity, old: 6, value: 7 })
    expect(trace.at(3).stack).toMatchObject([
      { function: 'step', place: { line: 6 }, locals: { size: DT } },
      { function: 'update', place: { line: 8 }, locals: { eid: entity, next: 0 } },
    ])
    expect(trace.at(7).stack).toMatchObject([{ function: 'update', locals: { next: 7 } }])
    expect(trace.field(2, 'Position.x', entity)).toBe(6)
    expect(trace.field(8, 'Position.x', entity)).toBe(7)
  })

  it('is of one entity, of what is asked for, and of a window of the events, if so asked', async () => {
    const { past, entities } = await play(MOVER, { count: 3 })
    const [, second] = entities as [number, number]
    const whole = await past.trace(5)
    expect(whole.total).toBe(27)
    const one = await past.trace(5, { entity: second })
    expect(one.events.map(({ kind }) => kind)).toEqual(whole.events.slice(9, 18).map(({ kind }) => kind))
    expect(one.events.at(-1)).toMatchObject({ entity: second })
    const window = await past.trace(5, { window: { from: 8, count: 3 } })
    expect(window).toMatchObject({ total: 27, from: 8, length: 3 })
    expect(window.events).toEqual(whole.events.slice(8, 11))
    expect(await codeOf(() => window.at(11))).toBe('InvalidOptions')
    const writes = await past.trace(5, { lines: false, calls: false, writes: 'Position.x' })
    expect(writes.events.map(({ kind }) => kind)).toEqual(['write', 'write', 'write'])
    expect((await past.trace(5, { scripts: ['mover'], writes: false, lines: false, calls: false })).total).toBe(0)
    expect((await errorOf(past.trace(5, { scripts: ['other'] }))).message).toContain("there was no script 'other'; there were mover")
    expect((await errorOf(past.trace(11))).message).toContain('tick 11 is not kept; those from 1 to 10 are')
  })

  it('has the reads of fields if they are asked for, counts how often lines began, and finds where they did', async () => {
    const { past, entities } = await play(MOVER, { count: 2 })
    const [, second] = entities as [number, number]
    const trace = await past.trace(5, { reads: true })
    expect(trace.events.filter(({ kind }) => kind === 'read')).toMatchObject(
      entities.map((entity) => ({ field: 'Position.x', entity, value: 4, place: { line: 8 } })),
    )
    expect(trace.lineCounts.map(({ script, line, count }) => [script, line, count])).toEqual(
      [8, 6, 9, 10].map((line) => ['mover', line, 2]),
    )
    const [, again] = trace.startsOf({ script: 'mover', line: 10 }) as [number, number]
    expect(trace.event(again)).toMatchObject({ kind: 'line', locals: { eid: second } })
    expect(trace.startsOf({ script: 'mover', line: 10, file: 'other' })).toEqual([])
  })

  it('changes nothing of the game, and no listener hears of it', async () => {
    const { past, world, components, runtime, logs, errors } = await play()
    const heard: string[] = []
    for (const name of ['tick', 'input', 'log', 'error', 'event', 'load', 'reload'] as const) runtime.on(name, () => heard.push(name))
    const saved = (): string => Buffer.from(runtime.snapshot().toBytes()).toString('base64')
    const before = [hashWorld(world, components), saved()]
    await past.trace(3)
    await past.find({ lines: { line: 10 } })
    await past.writers('Position.x', 2)
    expect([hashWorld(world, components), saved()]).toEqual(before)
    expect([logs, errors, heard]).toEqual([[], [], []])
  })

  it('shows a trap with the place at which the tick ended', async () => {
    const text = MOVER.replace('(drop (call $random))', '(if (f32.gt (local.get $next) (f32.const 4)) (then (unreachable)))')
    const { past, errors } = await play(text, { ticks: 6 })
    const trace = await past.trace(5)
    expect(trace.matches).toBe(true)
    expect(trace.errors.map(({ code, location }) => [code, location])).toEqual(errors.map(({ code, location }) => [code, location]))
    expect(trace.events.at(-1)).toMatchObject({ kind: 'line', place: { line: 9 } })
  })
})

describe('what entered the game', () => {
  it('enters it again: writes, spawns, events, calls and reloads, with the state that they carry', async () => {
    const { past, runtime, entities, components } = await play(counterScript(), { ticks: 3 })
    const [entity] = entities as [number]
    const id = runtime.find('mover')?.id as ScriptId
    runtime.write(entity, { Health: { points: 7 } })
    runtime.tick(DT)
    await runtime.reloadModule(id, counterScript(10))
    for (let tick = 0; tick < 6; tick++) runtime.tick(DT)
    const trace = await past.trace(7)
    expect(trace.matches).toBe(true)
    expect(trace.field(0, 'Health.points', entity)).toBe(7)
    expect(runtime.call(id, 'count')).toBe(64)
    expect((await past.trace(9)).matches).toBe(true)
    expect((await past.trace(2)).matches).toBe(true)
    expect(components.Health.points[entity]).toBe(7)
  })

  it('gives the results of host functions again, and what they did through the runtime, without calling them', async () => {
    const calls: number[] = []
    const game = await createGame({
      host: {
        game: {
          next: () => calls.push(calls.length),
          heal: (_: unknown, entity: number) => runtime.write(entity, { Health: { points: 50 + calls.length } }),
        },
      },
    })
    const { runtime, world, components } = game
    const text = `(module
      (import "game" "next" (func $next (result i32)))
      (import "game" "heal" (func $heal (param i32)))
      (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
      (func (export "update") (param $eid i32) (param f32)
        (call $set_x (local.get $eid) (f32.convert_i32_s (call $next)))
        (call $heal (local.get $eid))))`
    const entity = addEntity(world, components.Position, components.Health)
    runtime.attach(entity, await runtime.loadModule(text, { name: 'healer' }))
    const past = new Past(runtime, { keyframeEvery: 3 })
    for (let tick = 0; tick < 8; tick++) runtime.tick(DT)
    const trace = await past.trace(5)
    expect(calls).toHaveLength(8)
    expect(trace.matches).toBe(true)
    expect(trace.events.filter(({ kind }) => kind === 'write')).toMatchObject([{ field: 'Position.x', value: 5 }])
    expect(trace.field(0, 'Health.points', entity)).toBe(55)
    // An editor attaches while the inspector keeps the past.
    const other = new Past(runtime)
    runtime.tick(DT)
    expect(await Promise.all([past, other].map(async (each) => (await each.trace(9)).matches))).toEqual([true, true])
    past.dispose()
    runtime.tick(DT)
    expect((await other.trace(10)).matches).toBe(true)
    expect(calls).toHaveLength(10)
    other.dispose()
    const again = new Past(runtime, { hostResults: false })
    runtime.tick(DT)
    await again.trace(11)
    expect(calls.length).toBeGreaterThan(11)
  })

  it('is taken as a tick begins: what the host wrote before it counts, and what bypasses the runtime is told', async () => {
    const { past, components, runtime, entities } = await play(MOVER, { ticks: 3 })
    const [entity] = entities as [number]
    runtime.tick(DT)
    // The next tick is one that is kept whole.
    components.Position.x[entity] = 100
    runtime.tick(DT)
    expect((await past.trace(5)).events.at(-1)).toMatchObject({ old: 100, value: 101 })
    expect((await past.trace(3)).matches).toBe(false)
    const [last, before] = await past.writers('Position.x', entity)
    expect(last).toMatchObject({ tick: 5, by: 'mover', old: 100 })
    expect(before).toMatchObject({ tick: 5, by: 'host', old: 4, value: 100 })
  })

  it('tells where the game called the runtime, for the first calls between two ticks', async () => {
    const { past, runtime, entities } = await play(MOVER, { ticks: 3 })
    const [entity] = entities as [number]
    const wound = (x: number): void => runtime.write(entity, { Position: { x } })
    for (let x = 1; x <= 33; x++) wound(-x)
    const writers = await past.writers('Position.x', entity, { count: 33 })
    expect(writers.map(({ caller }) => caller?.function)).toEqual([undefined, ...Array(32).fill('wound')])
    expect(writers[1]?.caller).toMatchObject({ file: expect.stringMatching(/past\.test\.ts$/), line: expect.any(Number) })
  })

  it('is kept for so many seconds, and in so many bytes', async () => {
    const { past, runtime } = await play(MOVER, { ticks: 40, seconds: 8 / 64 })
    expect([past.first, past.last]).toEqual([33, 40])
    expect((await past.trace(33)).matches).toBe(true)
    expect(await codeOf(past.trace(32))).toBe('InvalidOptions')
    const small = new Past(runtime, { keyframeEvery: 1, bytes: 1, hostResults: false })
    for (let tick = 0; tick < 5; tick++) runtime.tick(DT)
    expect(small.first).toBe(45)
    small.dispose()
    expect(await codeOf(small.trace(45))).toBe('Disposed')
  })
})

describe('find', () => {
  it('goes back and forward to statements and writes', async () => {
    const { past, entities } = await play(MOVER, { count: 2 })
    const [, second] = entities as [number, number]
    const writes = { field: 'Position.x', entity: second }
    expect(await past.find({ writes })).toEqual({ tick: 10, index: 17 })
    expect(await past.find({ writes, from: { tick: 10, index: 17 } })).toEqual({ tick: 9, index: 17 })
    expect(await past.find({ writes, from: 5, direction: 'forward' })).toEqual({ tick: 6, index: 17 })
    expect(await past.find({ lines: { line: 6 }, from: { tick: 4, index: 3 } })).toEqual({ tick: 3, index: 12 })
    expect(await past.find({ lines: { line: 7, script: 'mover' } })).toBeUndefined()
    expect(await codeOf(past.find({}))).toBe('InvalidOptions')
  })
})

describe('writers', () => {
  it('tells who wrote a field, the latest first, with the functions that ran', async () => {
    const { past, runtime, entities } = await play(MOVER, { ticks: 6, count: 2 })
    const [entity] = entities as [number]
    runtime.write(entity, { Position: { x: 50 } })
    runtime.tick(DT)
    const found = await past.writers('Position.x', entity, { count: 3 })
    expect(found.map(({ tick, by, old, value, place }) => [tick, by, old, value, place?.line])).toEqual([
      [7, 'mover', 50, 51, 10],
      [7, 'host', 6, 50, undefined],
      [6, 'mover', 5, 6, 10],
    ])
    expect(found[0]?.stack).toMatchObject([{ function: 'update', locals: { eid: entity, next: 51 } }])
    expect(found.map(({ reads }) => reads)).toMatchObject([
      [{ field: 'Position.x', entity, value: 50, place: { line: 8 } }],
      [],
      [{ field: 'Position.x', entity, value: 5, place: { line: 8 } }],
    ])
    expect(await past.writers('Position.x', entity, { before: 3 })).toHaveLength(2)
    expect(found[1]?.input).toBe('write')
    expect((await errorOf(past.writers('Position.z', entity))).message).toContain("there is no field 'Position.z'")
  })

  it('tells what wrote it outside of ticks: a call, the code that a reload runs, the game, and a column after the last tick', async () => {
    const setter = (more: string): string => `(module
      (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
      (memory (export "memory") 1) (data (i32.const 0) "1")
      (func (export "hurt") (param $eid i32) (param $points i32)
        (call $set_points (local.get $eid) (local.get $points)))
      (func (export "get_state") (result i32 i32) (i32.const 0) (i32.const 1))
      ${more})`
    const { runtime, world, components } = await createGame()
    const entity = addEntity(world, components.Position, components.Health)
    const id = await runtime.loadModule(setter(''), { name: 'setter' })
    const past = new Past(runtime, { keyframeEvery: 2 })
    runtime.tick(DT)
    runtime.call(id, 'hurt', entity, -1)
    runtime.tick(DT)
    await runtime.reloadModule(
      id,
      setter(`(func (export "set_state") (param i32 i32)
        (call $set_points (i32.const ${entity}) (i32.const -2))
        (call $set_points (i32.const ${entity}) (i32.const -3)))`),
    )
    runtime.tick(DT)
    runtime.write(entity, { Health: { points: -4 } })
    components.Health.points[entity] = -5
    const found = await past.writers('Health.points', entity)
    expect(found.map(({ tick, by, input, function: name, place, old, value }) => [tick, by, input, name, place?.line, old, value])).toEqual(
      [
        [4, 'host', undefined, undefined, undefined, -4, -5],
        [4, 'host', 'write', undefined, undefined, -3, -4],
        [3, 'setter', undefined, 'set_state', 9, -2, -3],
        [3, 'setter', undefined, 'set_state', 8, -1, -2],
        [2, 'setter', undefined, 'hurt', 5, 0, -1],
      ],
    )
    expect(found.at(-1)?.stack).toMatchObject([{ function: 'hurt', locals: { eid: entity, points: -1 } }])
    expect(await past.writers('Health.points', entity, { before: 4 })).toEqual(found.slice(2))
    expect((await past.trace(3)).matches).toBe(true)
  })

  it('are those of a recording, too, that come before its first tick', async () => {
    const begin = async () => {
      const { runtime } = await createGame()
      return { runtime, entity: runtime.spawn({ Position: { x: 1 } }) }
    }
    const recorded = await begin()
    const recorder = new Recorder(recorded.runtime)
    recorded.runtime.write(recorded.entity, { Position: { x: 5 } })
    recorded.runtime.tick(DT)
    const { runtime, entity } = await begin()
    const replay = await Replay.begin(runtime, recorder.stop())
    const past = new Past(runtime)
    await replay.run()
    expect(await past.writers('Position.x', entity)).toMatchObject([{ tick: 1, by: 'host', input: 'write', old: 1, value: 5 }])
  })
})

describe('a probation', () => {
  it('takes back the code and the world in the traced tick, as it did then', async () => {
    const { past, runtime, errors, mover, components, entities } = await play(MOVER, { ticks: 4, probation: 10 })
    const reloaded = await runtime.reloadModule(mover, MOVER.replace('(drop (call $random))', '(drop (call $random)) (unreachable)'))
    expect(reloaded.generation).toBe(2)
    runtime.tick(DT)
    const [entity] = entities as [number]
    runtime.tick(DT)
    expect(errors.map(({ code }) => code)).toEqual(['Trap'])
    expect(components.Position.x[entity]).toBe(5)
    const trace = await past.trace(5)
    expect(trace.matches).toBe(true)
    expect(trace.events.at(-1)).toMatchObject({ old: 4, value: 5 })
  })
})
