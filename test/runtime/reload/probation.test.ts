import { addEntity, getAllEntities, hasComponent, observe, onRemove } from 'bitecs'
import { hashWorld, type ScriptId, type WasmScriptRuntime } from 'bitscript'
import { describe, expect, it, vi } from 'vitest'
import { codeOf, createGame, errorOf, type Game } from '../../fixtures/game.ts'
import { counterScript, tickScript } from '../../fixtures/scripts.ts'

/** Counts its ticks in a global, and those since loading in the Health of the entity 2; uses random numbers and events. */
const GOOD = (more = '', step = 1): string => `(module
  (import "ecs.set" "Health.points" (func $points (param i32 i32))) (import "ecs.get" "Health.points" (func $get (param i32) (result i32)))
  (import "host" "random" (func $random (result f64))) (import "ecs" "spawn" (func $spawn (result i32)))
  (import "ecs.add" "Dead" (func $die (param i32)))
  (global $count (mut i32) (i32.const 0)) (global $last (mut f64) (f64.const 0))
  (func (export "tick") (param f32)
    (global.set $count (i32.add (global.get $count) (i32.const ${step}))) (global.set $last (call $random))
    (call $points (i32.const 2) (i32.add (call $get (i32.const 2)) (i32.const ${step}))) (call $die (call $spawn)))
  (func (export "count") (result i32) (global.get $count)) (func (export "last") (result f64) (global.get $last))
  ${more})`
/** The same, and traps in that tick after the reload. */
const bad = (ticks: number): string =>
  GOOD(`(func $end (param i32) (if (i32.eq (local.get 0) (i32.const ${ticks})) (then unreachable)))`).replace(
    '(global.set $last',
    '(call $end (global.get $count)) (global.set $last',
  )

const run = (runtime: WasmScriptRuntime, count: number): void => {
  for (let tick = 0; tick < count; tick++) runtime.tick(0.25)
}

/** A game at tick 5, with a function that reads what a rollback has to restore. */
async function play(options: Parameters<typeof createGame>[0] = {}, load: Parameters<WasmScriptRuntime['loadModule']>[1] = {}) {
  const game = await createGame({ seed: 4, ...options })
  const { world, components, runtime } = game
  const id = await runtime.loadModule(GOOD(), { name: 'mover', ...load })
  const entity = addEntity(world, components.Health, components.Position)
  expect(entity).toBe(2)
  run(runtime, 5)
  return { ...game, id, entity, look: () => look(game, id) }
}

const look = ({ world, components, runtime }: Game, id: ScriptId): unknown => [
  hashWorld(world, components),
  [...getAllEntities(world)].sort((one, other) => one - other),
  runtime.call(id, 'count'),
  runtime.call(id, 'last'),
  runtime.script(id).status,
  runtime.script(id).generation,
  runtime.snapshot().tick,
  runtime.snapshot().time,
]

describe('a new generation on probation', () => {
  it('that traps in tick rolls back code and world', async () => {
    const { runtime, errors, id, look } = await play()
    const before = look()
    await runtime.reloadModule(id, bad(3))
    run(runtime, 2)
    expect(errors).toEqual([])
    expect(runtime.script(id).generation).toBe(2)
    expect(runtime.tick(0.25).faults).toBe(1)
    expect(look()).toEqual(before)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ code: 'Trap', script: 'mover', export: 'tick' })
    expect(errors[0]?.message).toMatch(/generation 2 was on probation.*back at tick 5.*generation 1 runs on/)
    expect(runtime.script(id).fault).toBeUndefined()
    const twin = await play()
    run(runtime, 3)
    run(twin.runtime, 3)
    expect(look()).toEqual(twin.look())
  })

  const EXPORTS: readonly [string, string, (game: { runtime: WasmScriptRuntime; id: ScriptId; entity: number }) => unknown][] = [
    [
      'update',
      '(func (export "update") (param i32 f32) unreachable)',
      ({ runtime, id, entity }) => [runtime.attach(entity, id), run(runtime, 1)],
    ],
    [
      'on_attach',
      '(func (export "on_attach") (param i32) unreachable)',
      ({ runtime, id, entity }) => [runtime.attach(entity, id), run(runtime, 1)],
    ],
    ['go', '(func (export "go") (call $die (i32.const 2)) unreachable)', ({ runtime, id }) => errorOf(() => runtime.call(id, 'go'))],
    [
      'get_state',
      '(memory (export "memory") 1) (func (export "get_state") (result i32 i32) (if (i32.gt_u (global.get $count) (i32.const 0)) (then unreachable)) (i32.store8 (i32.const 0) (i32.const 49)) (i32.const 0) (i32.const 1))',
      async ({ runtime, id }) => [run(runtime, 1), await errorOf(() => runtime.callJson(id, 'get_state'))],
    ],
  ]

  it.each(EXPORTS)('that traps in %s rolls back code and world', async (name, func, act) => {
    const game = await play()
    const { runtime, errors, id, look } = game
    const before = look()
    await runtime.reloadModule(id, GOOD(func))
    run(runtime, 2)
    await act(game)
    expect(look()).toEqual(before)
    expect(errors.map((error) => [error.export, error.code])).toEqual([[name, 'Trap']])
    expect(errors[0]?.message).toContain('generation 2')
  })

  it('throws the same error to the caller', async () => {
    const { runtime, errors, id } = await play()
    await runtime.reloadModule(id, GOOD('(func (export "go") unreachable)'))
    const error = await errorOf(() => runtime.call(id, 'go'))
    expect(errors).toEqual([error])
    expect(error.message).toContain('on probation')
    expect(await errorOf(() => runtime.call(id, 'go'))).toMatchObject({ code: 'ExportNotFound' })
  })

  it('rolls back the effects of its init', async () => {
    const { world, components, runtime, id, entity, look } = await play()
    const before = look()
    const init = '(func (export "init") (call $points (i32.const 2) (i32.const 99)) (drop (call $random)) (call $die (i32.const 2)))'
    await runtime.reloadModule(id, GOOD(`${init} (func (export "on_boom") unreachable)`))
    expect(hasComponent(world, entity, components.Dead)).toBe(true)
    runtime.emit('boom')
    run(runtime, 1)
    expect(look()).toEqual(before)
  })

  it.each([
    [1, 0],
    [3, 2],
  ])('of %i ticks includes the last of them', async (probation, before) => {
    const { runtime, id } = await play({ probation })
    await runtime.reloadModule(id, GOOD('(func (export "on_boom") unreachable)'))
    run(runtime, before)
    runtime.emit('boom')
    run(runtime, 1)
    expect(runtime.script(id)).toMatchObject({ generation: 1, status: 'active' })
  })

  it.each([
    ['after its probation', { probation: 3 }, {}, 3],
    ['after the 60 ticks that it is by default', {}, {}, 60],
    ['after the probation that it was loaded with', { probation: 0 }, { probation: 2 }, 2],
    ['with a probation of 0', { probation: 0 }, {}, 0],
    ['loaded with a probation of 0', {}, { probation: 0 }, 0],
  ])('does not apply %s: the script faults as usual', async (_, options, load, ticks) => {
    const { runtime, errors, id } = await play(options, load)
    await runtime.reloadModule(id, GOOD('(func (export "on_boom") unreachable)'))
    run(runtime, ticks)
    runtime.emit('boom')
    run(runtime, 1)
    expect(runtime.script(id)).toMatchObject({ generation: 2, status: 'faulted', fault: errors[0] })
    expect(errors[0]?.message).not.toContain('probation')
    expect(runtime.snapshot().tick).toBe(5 + ticks + 1)
  })

  it("rolls back with onFault 'detach', too", async () => {
    const { world, runtime, errors, id, entity, look } = await play({}, { onFault: 'detach' })
    runtime.attach(entity, id)
    const before = look()
    await runtime.reloadModule(id, GOOD('(func (export "update") (param i32 f32) unreachable)'))
    run(runtime, 1)
    expect(look()).toEqual(before)
    expect(hasComponent(world, entity, runtime.tag(id))).toBe(true)
    expect(errors.map((error) => error.entity)).toEqual([entity])
  })

  it('rolls back to the previous generation after several reloads', async () => {
    const { runtime, errors, id, look } = await play()
    await runtime.reloadModule(id, GOOD('', 10), { preserve: 'auto' })
    run(runtime, 2)
    const before = look()
    await runtime.reloadModule(id, bad(1))
    run(runtime, 1)
    expect(look()).toEqual(before)
    expect(runtime.script(id).generation).toBe(2)
    expect(errors[0]?.message).toMatch(/generation 3 .*back at tick 7.*generation 2 runs on/)
    run(runtime, 1)
    expect(runtime.call(id, 'count')).toBe(35)
  })

  it('is not on probation once it is unloaded', async () => {
    const { world, runtime, errors, id } = await play()
    await runtime.reloadModule(id, GOOD('(func (export "on_detach") (param i32) unreachable)'))
    runtime.attach(addEntity(world), id)
    run(runtime, 1)
    const entities = getAllEntities(world).length
    runtime.unloadModule(id)
    expect(runtime.scripts()).toEqual([])
    expect(errors.map((error) => error.export)).toEqual(['on_detach'])
    run(runtime, 2)
    expect([runtime.snapshot().tick, getAllEntities(world).length]).toEqual([8, entities - 1])
  })

  it('does not undo a restore', async () => {
    const { runtime, errors, id } = await play()
    const snapshot = runtime.snapshot()
    run(runtime, 10)
    await runtime.reloadModule(id, GOOD('(func (export "on_boom") unreachable)'))
    runtime.restore(snapshot)
    runtime.emit('boom')
    run(runtime, 1)
    expect(errors).toHaveLength(1)
    expect(runtime.snapshot().tick).toBeLessThanOrEqual(6)
  })

  it('is not rolled back to a faulted generation', async () => {
    const { runtime, errors, id } = await play({}, { probation: 0 })
    await runtime.reloadModule(id, bad(1))
    run(runtime, 1)
    expect(runtime.script(id).status).toBe('faulted')
    await runtime.reloadModule(id, bad(1))
    run(runtime, 1)
    expect(runtime.script(id)).toMatchObject({ status: 'faulted', generation: 3 })
    expect(errors).toHaveLength(2)
  })
})

describe("on('restore')", () => {
  it('tells a host that counts ticks where the game is, after a rollback, a revert and a restore', async () => {
    const { runtime, id } = await play()
    let counted = 5
    runtime.on('tick', () => counted++)
    runtime.on('restore', ({ tick }) => {
      counted = tick
    })
    const saved = runtime.snapshot()
    await runtime.reloadModule(id, bad(3))
    run(runtime, 3)
    expect(counted).toBe(5)
    run(runtime, 4)
    expect(counted).toBe(9)
    await runtime.reloadModule(id, GOOD())
    run(runtime, 2)
    runtime.revert(id)
    expect(counted).toBe(9)
    runtime.restore(saved)
    expect(counted).toBe(5)
    run(runtime, 1)
    expect([counted, runtime.snapshot().tick]).toEqual([6, 6])
  })
})

describe('revert', () => {
  it('takes code and world back, as a trap on probation does', async () => {
    const { runtime, errors, id, look } = await play()
    const before = look()
    await runtime.reloadModule(id, GOOD('', 5))
    expect(runtime.script(id).probation).toBe(60)
    run(runtime, 3)
    expect(runtime.script(id).probation).toBe(57)
    expect(runtime.revert(id)).toMatchObject({ tick: 5, time: 1.25 })
    expect(look()).toEqual(before)
    expect([runtime.script(id).probation, errors]).toEqual([0, []])
    run(runtime, 1)
    expect(runtime.call(id, 'count')).toBe(6)
  })

  it('takes one reload back at a time, and leaves other scripts their new code', async () => {
    const { runtime, id } = await play()
    const other = await runtime.loadModule(counterScript(), { name: 'other' })
    await runtime.reloadModule(id, GOOD('', 2))
    await runtime.reloadModule(other, counterScript(7))
    await runtime.reloadModule(id, GOOD('', 3))
    runtime.revert(id)
    expect([id, other].map((each) => [runtime.script(each).generation, runtime.script(each).probation > 0])).toEqual([
      [2, true],
      [2, true],
    ])
    runtime.revert(id)
    expect([id, other].map((each) => runtime.script(each).generation)).toEqual([1, 2])
  })

  it('is refused for a script that is not on probation, and changes nothing', async () => {
    const { runtime, id, look } = await play({}, { probation: 2 })
    const before = look()
    const error = await errorOf(() => runtime.revert(id))
    expect(error.message).toMatch(/not on probation: nothing is kept to take its last reload back to.*InvalidOptions/)
    expect(error).toMatchObject({ code: 'InvalidOptions', script: 'mover', scriptId: id })
    expect(look()).toEqual(before)
    await runtime.reloadModule(id, GOOD())
    run(runtime, 2)
    expect(await codeOf(() => runtime.revert(id))).toBe('InvalidOptions')
    runtime.unloadModule(id)
    expect(await codeOf(() => runtime.revert(id))).toBe('ScriptNotFound')
  })
})

describe('two scripts on probation', () => {
  const two = async () => {
    const game = await play()
    const other = await game.runtime.loadModule(tickScript(''), { name: 'other' })
    return { ...game, other }
  }
  const BOOM = (name: string): string => `(func (export "on_${name}") unreachable)`

  it('roll back one by one, the later first', async () => {
    const { runtime, id, other } = await two()
    await runtime.reloadModule(id, GOOD(BOOM('one')))
    run(runtime, 2)
    await runtime.reloadModule(other, tickScript('', BOOM('two')))
    run(runtime, 2)
    runtime.emit('two')
    run(runtime, 1)
    expect([runtime.script(id).generation, runtime.script(other).generation, runtime.snapshot().tick]).toEqual([2, 1, 7])
    runtime.emit('one')
    run(runtime, 1)
    expect([runtime.script(id).generation, runtime.script(other).generation, runtime.snapshot().tick]).toEqual([1, 1, 5])
  })

  it('that were reloaded in one tick roll back one by one', async () => {
    const { runtime, id, other } = await two()
    await runtime.reloadModule(id, GOOD(BOOM('one')))
    await runtime.reloadModule(other, tickScript('', BOOM('two')))
    runtime.emit('two')
    run(runtime, 1)
    expect([runtime.script(id).generation, runtime.script(other).generation]).toEqual([2, 1])
    runtime.emit('one')
    run(runtime, 1)
    expect([runtime.script(id).generation, runtime.script(other).generation]).toEqual([1, 1])
  })

  it('of which the earlier rolls back: the other keeps its code and continues', async () => {
    const { runtime, id, other } = await two()
    await runtime.reloadModule(id, GOOD(BOOM('one')))
    run(runtime, 2)
    await runtime.reloadModule(other, tickScript('', BOOM('two')))
    runtime.emit('one')
    run(runtime, 1)
    expect([runtime.script(id).generation, runtime.script(other).generation, runtime.snapshot().tick]).toEqual([1, 2, 5])
    run(runtime, 1)
    expect(runtime.script(other)).toMatchObject({ status: 'active', stats: { calls: 1 } })
  })

  it('that trap in one tick both roll back', async () => {
    const { runtime, errors, id, other } = await two()
    await runtime.reloadModule(id, GOOD(BOOM('both')))
    run(runtime, 2)
    await runtime.reloadModule(other, tickScript('', BOOM('both')))
    runtime.emit('both')
    run(runtime, 1)
    expect(errors).toHaveLength(2)
    expect(runtime.script(id)).toMatchObject({ generation: 1, status: 'active' })
    expect(runtime.script(other)).toMatchObject({ generation: 1, status: 'active' })
  })
})

/** A script that traps in a tick, this many from now. */
const TRAPS_IN = (ticks: number): string =>
  tickScript(
    `(global.set $left_${ticks} (i32.sub (global.get $left_${ticks}) (i32.const 1)))
    (if (i32.eqz (global.get $left_${ticks})) (then unreachable))`,
    `(global $left_${ticks} (mut i32) (i32.const ${ticks}))`,
  )

describe('several generations on probation', () => {
  it('roll back to the last one that did not trap', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(tickScript(''))
    await runtime.reloadModule(id, TRAPS_IN(3))
    runtime.tick(1)
    await runtime.reloadModule(id, TRAPS_IN(1))
    for (let tick = 0; tick < 5; tick++) runtime.tick(1)
    expect(runtime.script(id)).toMatchObject({ status: 'active', generation: 1 })
  })

  it('of two scripts that were reloaded at once and trap both roll back', async () => {
    const { runtime } = await createGame()
    const one = await runtime.loadModule(tickScript(''))
    const other = await runtime.loadModule(tickScript(''))
    await runtime.reloadModule(one, TRAPS_IN(1))
    await runtime.reloadModule(other, TRAPS_IN(2))
    for (let tick = 0; tick < 5; tick++) runtime.tick(1)
    expect([runtime.script(one), runtime.script(other)]).toMatchObject([
      { status: 'active', generation: 1 },
      { status: 'active', generation: 1 },
    ])
  })
})

it('many scripts on probation share unchanged pages', async () => {
  const { runtime } = await createGame()
  const ids: number[] = []
  for (let index = 0; index < 30; index++) ids.push(await runtime.loadModule(counterScript(), { name: `script-${index}` }))
  // What other tests left behind would count as saved if it were collected later.
  globalThis.gc?.()
  const before = process.memoryUsage().arrayBuffers
  for (const id of ids) await runtime.reloadModule(id as ScriptId, counterScript(2))
  // Each script has a host arena of a megabyte: 30 images of 30 scripts would take a gigabyte.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(300_000_000)
  for (let tick = 0; tick < 61; tick++) runtime.tick(1)
})

describe('the image that a probation rolls back to', () => {
  /** Without the set of entities: the entity of an unloaded script is missing. */
  const own = (all: unknown): unknown[] => (all as unknown[]).toSpliced(1, 1)

  it('reuses the memory of earlier images', async () => {
    const { runtime, id } = await play({ probation: 3 })
    await runtime.reloadModule(id, GOOD('', 2))
    run(runtime, 3)
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow')
    for (let reload = 0; reload < 20; reload++) {
      await runtime.reloadModule(id, GOOD('', reload))
      run(runtime, 3)
    }
    expect(grow).not.toHaveBeenCalled()
    grow.mockRestore()
  })

  it('is kept if another script is unloaded while the new code starts', async () => {
    const others: number[] = []
    const unload = (): void => {
      for (const other of others.splice(0)) game.runtime.unloadModule(other as ScriptId)
    }
    const game = await play({ host: { game: { unload } } })
    const { runtime, id, look } = game
    others.push(await runtime.loadModule(tickScript('nop')))
    await runtime.reloadModule(others[0] as number as ScriptId, tickScript('(nop) (nop)'))
    const before = own(look())
    const unloading = bad(7).replace('(global $count', '(import "game" "unload" (func $unload)) (global $count')
    await runtime.reloadModule(
      id,
      unloading.replace('(func (export "count")', '(func (export "init") (call $unload)) (func (export "count")'),
    )
    expect(others).toEqual([])
    run(runtime, 7)
    expect(own(look())).toEqual(before)
  })

  it('is kept until the rollback ends, even if an observer unloads a script during it', async () => {
    const { world, components, runtime, id, look } = await play()
    const other = await runtime.loadModule(tickScript('nop'))
    await runtime.reloadModule(other, tickScript('(nop) (nop)'))
    const before = own(look())
    const stop = observe(world, onRemove(components.Dead), () => {
      if (runtime.find('script-2') !== undefined) runtime.unloadModule(other)
    })
    await runtime.reloadModule(id, bad(2))
    run(runtime, 2)
    stop()
    expect(own(look())).toEqual(before)
  })
})
