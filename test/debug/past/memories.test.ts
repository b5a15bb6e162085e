import { addEntity } from 'bitecs'
import { Past } from 'bitscript/debug'
import { describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'

/** Grows its memory each tick, and writes what that returned. */
const growing = (pages: number, maximum = ''): string => `(module
  (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
  (memory (export "memory") 1 ${maximum})
  (func (export "update") (param $eid i32) (param f32)
    (call $set_points (local.get $eid) (memory.grow (i32.const ${pages})))))`

describe('scripts with memories', () => {
  it.each([
    ['that grow as far as the limit', growing(45)],
    ['that say how far they may grow', growing(10, '512')],
  ])('%s are all traced, also where a module can have one memory', async (_, text) => {
    const { runtime, world, components } = await createGame()
    const entity = addEntity(world, components.Health)
    for (const name of ['one', 'two', 'three', 'four']) runtime.attach(entity, await runtime.loadModule(text, { name }))
    const past = new Past(runtime, { keyframeEvery: 3 })
    for (let tick = 0; tick < 4; tick++) runtime.tick(1 / 64)
    const trace = await past.trace(4, { lines: false })
    expect([trace.matches, trace.untraced, await past.untraced()]).toEqual([true, [], []])
    expect(trace.events.flatMap((event) => (event.kind === 'write' ? [event.script] : []))).toEqual(['one', 'two', 'three', 'four'])
    const value = components.Health.points[entity]
    expect(await past.writers('Health.points', entity, { count: 1 })).toMatchObject([{ tick: 4, by: 'four', value }])
  })
})
