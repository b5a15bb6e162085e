import { createWorld } from 'bitecs'
import { defineComponents, History, Recorder, Recording, Replay, type ScriptError, Snapshot, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { component } from '../fixtures/component.ts'
import { createGame, errorOf, type Game } from '../fixtures/game.ts'

/**
 * `update` adds 1 to a counter in memory, holds a lock while it runs, and traps where `Health.points` are negative. `tick` adds 100. A new
 * memory has the lock free; whoever finds it held, traps.
 */
const LOCKING = `(module
  (import "game:ecs/health" "get-points" (func $points (param i32) (result i32)))
  (import "game:ecs/health" "set-points" (func $set (param i32 i32)))
  (memory (export "memory") 1)
  (func $add (param i32) (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (local.get 0))))
  (func (export "tick") (param f32) (call $add (i32.const 100)))
  (func (export "update") (param i32 f32)
    (if (i32.load (i32.const 4)) (then unreachable))
    (i32.store (i32.const 4) (i32.const 1))
    (call $add (i32.const 1))
    (if (i32.lt_s (call $points (local.get 0)) (i32.const 0)) (then unreachable))
    (call $set (local.get 0) (i32.load (i32.const 0)))
    (i32.store (i32.const 4) (i32.const 0)))
  (func (export "on-boom") (i32.store (i32.const 4) (i32.const 1)) unreachable)
  (func (export "grow") (drop (memory.grow (i32.const 1))) unreachable)
  (func (export "count") (result i32) (i32.load (i32.const 0))))`
const WORLD = `import health; export tick: func(dt: f32); export update: func(entity: u32, dt: f32); export on-boom: func();
  export count: func() -> u32; export grow: func();`
const WIT = 'package game:ecs; interface health { get-points: func(entity: u32) -> s32; set-points: func(entity: u32, value: s32); }'

type Locking = Game & { readonly id: Awaited<ReturnType<Game['runtime']['loadModule']>>; readonly entities: readonly number[] }

async function locking(options: Parameters<Game['runtime']['loadModule']>[1] = { onFault: 'detach' }): Promise<Locking> {
  const game = await createGame()
  const id = await game.runtime.loadModule(await component(WORLD, LOCKING, WIT), { name: 'locking', ...options })
  const entities = [1, 2, 3, 4].map(() => game.runtime.spawn({ Health: {} }))
  for (const entity of entities) game.runtime.attach(entity, id)
  return { ...game, id, entities }
}

const points = ({ components, entities }: Locking): readonly unknown[] => entities.map((entity) => components.Health.points[entity])
const breakSecond = ({ components, entities }: Locking): void => {
  components.Health.points[entities[1] as number] = -1
}

describe('a component that trapped', () => {
  it('is made anew with the state with which the tick began, and goes on with the next entity', async () => {
    const game = await locking()
    const { runtime, id, errors } = game
    runtime.tick(1)
    expect(points(game)).toEqual([101, 102, 103, 104])
    breakSecond(game)
    expect(runtime.tick(1)).toMatchObject({ faults: 1, entities: 4 })
    // 104 with the tick and the first entity is 205; then it has 104 again.
    expect(points(game)).toEqual([205, -1, 105, 106])
    expect(errors).toMatchObject([{ code: 'Trap', entity: game.entities[1], export: 'update' }])
    expect(runtime.tick(1)).toMatchObject({ faults: 0, entities: 3 })
    expect(runtime.call(id, 'count')).toBe(209)
  })

  it('is made anew within a batch, in which it goes over the entities by itself', async () => {
    const components = defineComponents({ Health: { points: 'i32' } }, { capacity: 1000 })
    const runtime = await WasmScriptRuntime.create({ world: createWorld(), components })
    const id = await runtime.loadModule(await component(WORLD, LOCKING, WIT), { onFault: 'detach' })
    const entities = Array.from({ length: 40 }, () => runtime.spawn({ Health: {} }))
    for (const entity of entities) runtime.attach(entity, id)
    runtime.on('error', () => undefined)
    runtime.tick(1)
    // More than interrupt a batch in one tick.
    for (let index = 0; index < 40; index += 3) runtime.write(entities[index] as number, { Health: { points: -1 } })
    expect(runtime.tick(1)).toMatchObject({ faults: 14, entities: 40 })
    const { points } = components.Health
    expect(entities.slice(0, 6).map((entity) => points[entity])).toEqual([-1, 141, 142, -1, 141, 142])
    expect(runtime.tick(1)).toMatchObject({ faults: 0, entities: 26 })
    runtime.dispose()
  })

  it('gets no state from a call of the game that was half done', async () => {
    const game = await locking()
    breakSecond(game)
    game.runtime.tick(1)
    expect(points(game)).toEqual([101, -1, 1, 2])
  })

  it('has the memory that it had: one that grew is small again', async () => {
    const game = await locking()
    const { runtime, id } = game
    runtime.tick(1)
    const before = runtime.snapshot().toBytes().length
    expect((await errorOf(() => runtime.call(id, 'grow'))).code).toBe('Trap')
    // The game called it between two ticks: the new one has what the trap left.
    expect(runtime.call(id, 'count')).toBe(104)
    expect(runtime.script(id).status).toBe('faulted')
    expect(runtime.snapshot().toBytes().length - before).toBeLessThan(2 * 65536)
  })

  it('passes the state on to the next generation, from before the tick', async () => {
    const game = await locking({})
    const { runtime, id } = game
    runtime.tick(1)
    runtime.emit('boom')
    runtime.tick(1)
    expect(runtime.script(id)).toMatchObject({ status: 'faulted', fault: { export: 'on_boom' } })
    const next = await component(WORLD, LOCKING.replace('(i32.const 100)', '(i32.const 200)'), WIT)
    expect(await runtime.reloadModule(id, next, { preserve: 'auto' })).toMatchObject({ state: 'preserved' })
    expect(runtime.tick(1)).toMatchObject({ faults: 0, entities: 4 })
    expect(runtime.call(id, 'count')).toBe(308)
  })

  it('of an entity is made anew, and the others keep theirs', async () => {
    const game = await locking({ instances: 'entity', onFault: 'detach' })
    const { runtime, id, entities } = game
    runtime.tick(1)
    breakSecond(game)
    runtime.tick(1)
    expect(points(game)).toEqual([202, -1, 202, 202])
    game.components.Health.points[entities[1] as number] = 0
    runtime.tick(1)
    runtime.attach(entities[1] as number, id)
    runtime.tick(1)
    expect(points(game)).toEqual([404, 101, 404, 404])
  })

  it('pays for the copies and for the new instance', async () => {
    const game = await locking()
    const { fuel } = game.runtime.tick(1)
    breakSecond(game)
    const broken = game.runtime.tick(1).fuel
    expect(fuel).toBeGreaterThan(2000)
    expect(broken - fuel).toBeGreaterThan(100_000 + 8000 + 25_000 + 5000)
  })

  it('needs no room beside that of the old one', async () => {
    const game = await locking({ onFault: 'detach', limits: { totalMemoryPages: 1, memoryPages: 1 } })
    breakSecond(game)
    game.runtime.tick(1)
    expect(game.errors.map(({ code }) => code)).toEqual(['Trap'])
    expect(game.runtime.tick(1)).toMatchObject({ faults: 0, entities: 3 })
  })

  it('is the same in a replay and after a restore', async () => {
    const play = (game: Locking): void => {
      game.runtime.tick(1)
      game.runtime.write(game.entities[1] as number, { Health: { points: -1 } })
      game.runtime.tick(1)
      game.runtime.tick(1)
      game.runtime.write(game.entities[3] as number, { Health: { points: -5 } })
      game.runtime.tick(1)
    }
    const look = (game: Locking): unknown => [points(game), game.runtime.call(game.id, 'count')]
    const game = await locking()
    game.runtime.tick(1)
    const saved = game.runtime.snapshot().toBytes()
    const recorder = new Recorder(game.runtime)
    play(game)
    const recording = Recording.fromBytes(recorder.stop().toBytes())
    const wanted = look(game)
    const other = await locking()
    const replay = await Replay.begin(other.runtime, recording)
    expect(await replay.run()).toMatchObject({ ticks: 4, matches: true })
    replay.end()
    expect(look(other)).toEqual(wanted)
    for (const each of [game, other]) {
      each.runtime.restore(Snapshot.fromBytes(saved))
      play(each)
      expect(look(each)).toEqual(wanted)
    }
  })

  it.each(['shared', 'entity'] as const)('is what it was at each tick of a history, with instances: %s', async (instances) => {
    const game = await locking({ onFault: 'detach', instances })
    const { runtime, entities } = game
    const history = new History(runtime)
    const seen: unknown[] = []
    const play = (): unknown => {
      runtime.tick(1)
      return points(game)
    }
    for (let tick = 1; tick < 8; tick++) {
      if (tick === 3) runtime.write(entities[1] as number, { Health: { points: -1 } })
      seen.push(play())
    }
    history.goTo(4)
    expect(points(game)).toEqual(seen[3])
    expect([play(), play()]).toEqual(seen.slice(4, 6))
    history.goTo(2)
    expect(points(game)).toEqual(seen[1])
    runtime.write(entities[1] as number, { Health: { points: -1 } })
    expect([play(), play()]).toEqual(seen.slice(2, 4))
    history.dispose()
  })

  it('is not called again while a call of it has not returned', async () => {
    const wat = `(module (import "game:ecs/test" "note" (func $note (param i32)))
      (func (export "outer") (call $note (i32.const 1))) (func (export "boom") unreachable) (func (export "count") (result i32) (i32.const 1)))`
    const world = 'import test; export outer: func(); export boom: func(); export count: func() -> u32;'
    const codes: unknown[] = []
    const note = (): void => {
      for (const name of ['boom', 'count']) {
        try {
          codes.push(game.runtime.call(id, name))
        } catch (error) {
          codes.push((error as ScriptError).detail)
        }
      }
    }
    const game = await createGame({ host: { test: { note } } })
    const id = await game.runtime.loadModule(await component(world, wat, 'package game:ecs; interface test { note: func(n: s32); }'))
    game.runtime.call(id, 'outer')
    expect(codes).toEqual(['unreachable', expect.stringContaining('has not been made anew yet')])
    expect(game.errors.map(({ code }) => code)).toEqual(['Trap'])
    expect(game.runtime.call(id, 'count')).toBe(1)
  })
})
