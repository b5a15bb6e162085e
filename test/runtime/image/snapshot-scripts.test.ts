import { addEntity, getComponent, removeEntity } from 'bitecs'
import { type ScriptId, ScriptState, type WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'
import { counterScript, tickScript, updateScript } from '../../fixtures/scripts.ts'

/** Calls exports without parameters. */
const look = (runtime: WasmScriptRuntime, id: ScriptId, ...names: string[]): unknown[] => names.map((name) => runtime.call(id, name))
const ticks = (runtime: WasmScriptRuntime, count: number): void => {
  for (let tick = 0; tick < count; tick++) runtime.tick(0.5)
}

describe('restore restores of a script', () => {
  it('globals of every type', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(`(module
      (table 2 funcref) (elem (i32.const 0) $one $two) (elem declare func $two)
      (type $get (func (result i32)))
      (global $i (mut i32) (i32.const 0)) (global $l (mut i64) (i64.const 0)) (global $f (mut f32) (f32.const 0))
      (global $d (mut f64) (f64.const 0)) (global $v (mut v128) (v128.const i64x2 0 0)) (global $r (mut funcref) (ref.func $one))
      (global $e (export "fixed") i32 (i32.const 9))
      (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
      (func (export "change") (param i64)
        (global.set $i (i32.wrap_i64 (local.get 0))) (global.set $l (i64.mul (local.get 0) (i64.const 0x100000001)))
        (global.set $f (f32.convert_i64_s (local.get 0))) (global.set $d (f64.div (f64.const 1) (f64.convert_i64_s (local.get 0))))
        (global.set $v (i64x2.replace_lane 1 (i64x2.splat (local.get 0)) (i64.const -1)))
        (if (i64.eq (local.get 0) (i64.const 7)) (then (global.set $r (ref.func $two))) (else (global.set $r (ref.null func)))))
      (func (export "i") (result i32) (global.get $i)) (func (export "l") (result i64) (global.get $l))
      (func (export "f") (result f32) (global.get $f)) (func (export "d") (result f64) (global.get $d))
      (func (export "v") (result i64 i64) (i64x2.extract_lane 0 (global.get $v)) (i64x2.extract_lane 1 (global.get $v)))
      (func (export "r") (result i32) (if (ref.is_null (global.get $r)) (then (return (i32.const 0))))
        (table.set 0 (i32.const 0) (global.get $r)) (call_indirect 0 (type $get) (i32.const 0))))`)
    const all = ['i', 'l', 'f', 'd', 'v', 'r']
    runtime.call(id, 'change', 7n)
    const before = look(runtime, id, ...all)
    expect(before).toEqual([7, 7n * 0x100000001n, 7, 1 / 7, [7n, -1n], 2])
    const snapshot = runtime.snapshot()
    for (let round = 0; round < 2; round++) {
      runtime.call(id, 'change', -3n)
      expect(look(runtime, id, ...all)).toEqual([-3, -3n * 0x100000001n, -3, 1 / -3, [-3n, -1n], 0])
      expect(runtime.restore(snapshot).scripts).toEqual([{ script: 'script-1', state: 'restored' }])
      expect(look(runtime, id, ...all)).toEqual(before)
    }
  })

  it('memory, even if it has grown since', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(`(module (memory 1)
      (func (export "grow") (result i32) (memory.grow (i32.const 1)))
      (func (export "size") (result i32) (memory.size))
      (func (export "set") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
      (func (export "get") (param i32) (result i32) (i32.load (local.get 0))))`)
    runtime.call(id, 'set', 65532, 3)
    const small = runtime.snapshot()
    runtime.call(id, 'grow')
    runtime.call(id, 'set', 65532, 4)
    const large = runtime.snapshot()
    runtime.call(id, 'grow')
    for (let round = 0; round < 2; round++) {
      runtime.restore(small)
      expect([runtime.call(id, 'size'), runtime.call(id, 'get', 65532)]).toEqual([1, 3])
      runtime.restore(large)
      expect([runtime.call(id, 'size'), runtime.call(id, 'get', 65532)]).toEqual([2, 4])
      runtime.call(id, 'set', 65532, 5)
      expect(runtime.call(id, 'grow')).toBe(2)
    }
    runtime.restore(small)
    expect(runtime.call(id, 'grow')).toBe(1)
  })

  it('tables, and reports functions that are lost if a table has grown', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(`(module (table $t 2 funcref) (elem (table $t) (i32.const 0) func $one) (elem declare func $hidden)
      (func $one (export "one") (result i32) (i32.const 1)) (func $hidden (result i32) (i32.const 2))
      (func (export "swap") (table.set $t (i32.const 1) (table.get $t (i32.const 0))) (table.set $t (i32.const 0) (ref.null func)))
      (func (export "hide") (table.set $t (i32.const 0) (ref.func $hidden)))
      (func (export "grow") (drop (table.grow $t (ref.null func) (i32.const 1))))
      (func (export "size") (result i32) (table.size $t))
      (func (export "at") (param i32) (result i32) (if (ref.is_null (table.get $t (local.get 0))) (then (return (i32.const 0))))
        (call_indirect $t (result i32) (local.get 0))))`)
    const at = (): unknown[] => [runtime.call(id, 'size'), runtime.call(id, 'at', 0), runtime.call(id, 'at', 1)]
    const first = runtime.snapshot()
    runtime.call(id, 'swap')
    expect(at()).toEqual([2, 0, 1])
    runtime.restore(first)
    expect(at()).toEqual([2, 1, 0])
    runtime.call(id, 'swap')
    runtime.call(id, 'hide')
    const hidden = runtime.snapshot()
    runtime.call(id, 'grow')
    runtime.restore(first)
    expect(at()).toEqual([2, 1, 0])
    const { scripts } = runtime.restore(hidden)
    expect(scripts[0]?.state).toBe('restored')
    if (scripts[0]?.detail === undefined) expect(at()).toEqual([2, 2, 1])
    else expect([scripts[0].detail, at()]).toEqual([expect.stringMatching(/functions 1 .*null/), [2, 0, 1]])
  })

  it.each([
    [
      'data',
      '(data $d "\\05")',
      '(data.drop $d)',
      '(memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (i32.load8_u (i32.const 0))',
    ],
    [
      'elements',
      '(elem $e func $five) (func $five (result i32) (i32.const 5))',
      '(elem.drop $e)',
      '(table.init $e (i32.const 0) (i32.const 0) (i32.const 1)) (call_indirect (result i32) (i32.const 0))',
    ],
  ])('dropped segments of %s', async (_, segment, drop, read) => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(`(module (memory 1) (table 1 funcref) ${segment} (global $n (mut i32) (i32.const 0))
      (func (export "drop") (global.set $n (i32.const 1)) ${drop})
      (func (export "dropped") (result i32) (global.get $n))
      (func (export "read") (result i32) ${read}))`)
    const snapshot = runtime.snapshot()
    for (let round = 0; round < 2; round++) {
      runtime.call(id, 'drop')
      expect(look(runtime, id, 'dropped')).toEqual([1])
      expect(runtime.restore(snapshot).scripts).toEqual([{ script: 'script-1', state: 'restored' }])
      expect(look(runtime, id, 'dropped', 'read')).toEqual([0, 5])
    }
  })

  it('ScriptState, queued events, random numbers, tick and time', async () => {
    const heard: unknown[] = []
    const { world, runtime } = await createGame({ seed: 3, host: { test: { heard: (_, n: number) => void heard.push(n) } } })
    const id = await runtime.loadModule(
      counterScript(
        1,
        '(func (export "on_ping") (param i32) (call $heard (local.get 0))) (func (export "roll") (result f64) (call $random))',
      ).replace(
        '(module',
        '(module (import "test" "heard" (func $heard (param i32))) (import "host" "random" (func $random (result f64)))',
      ),
    )
    ticks(runtime, 3)
    await runtime.reloadModule(
      id,
      counterScript(
        2,
        '(func (export "on_ping") (param i32) (call $heard (local.get 0))) (func (export "roll") (result f64) (call $random))',
      ).replace(
        '(module',
        '(module (import "test" "heard" (func $heard (param i32))) (import "host" "random" (func $random (result f64)))',
      ),
    )
    runtime.emit('ping', 1)
    runtime.emit('ping', 2)
    const state = (): unknown => getComponent(world, runtime.script(id).entity, ScriptState)
    const saved = state()
    expect(saved).toEqual({ state: 3, generation: 1 })
    const snapshot = runtime.snapshot()
    expect([snapshot.tick, snapshot.time]).toEqual([3, 1.5])
    const roll = [1, 2, 3].map(() => runtime.call(id, 'roll'))
    const report = runtime.tick(0.5)
    runtime.emit('ping', 3)
    ticks(runtime, 4)
    expect(heard).toEqual([1, 2, 3])
    for (let round = 0; round < 2; round++) {
      heard.length = 0
      expect(runtime.restore(snapshot)).toEqual({ tick: 3, time: 1.5, scripts: [{ script: 'script-1', state: 'restored' }], kept: [] })
      expect(state()).toEqual(saved)
      expect([1, 2, 3].map(() => runtime.call(id, 'roll'))).toEqual(roll)
      expect(runtime.tick(0.5)).toMatchObject({ tick: report.tick, time: report.time, fuel: report.fuel })
      ticks(runtime, 3)
      expect(heard).toEqual([1, 2])
      expect(runtime.call(id, 'count')).toBe(3 + 4 * 2)
    }
  })

  it('the entities it runs on, and those it was notified of', async () => {
    const told: string[] = []
    const { world, runtime } = await createGame({
      host: { test: { told: (_, what: number, entity: number) => void told.push(`${what} ${entity}`) } },
    })
    const id = await runtime.loadModule(
      updateScript(
        '',
        `(import "test" "told" (func $told (param i32 i32)))
        (func (export "on_attach") (param i32) (call $told (i32.const 1) (local.get 0)))
        (func (export "on_detach") (param i32) (call $told (i32.const 0) (local.get 0)))`,
      ),
    )
    const [one, two, three] = [1, 2, 3].map(() => addEntity(world)) as [number, number, number]
    runtime.attach(one, id)
    runtime.attach(two, id)
    runtime.tick(1)
    runtime.attach(three, id)
    runtime.detach(two, id)
    const snapshot = runtime.snapshot()
    const run = (): string[] => {
      told.length = 0
      runtime.tick(1)
      runtime.tick(1)
      return [...told].sort()
    }
    expect(run()).toEqual([`0 ${two}`, `1 ${three}`])
    for (let round = 0; round < 3; round++) {
      removeEntity(world, one)
      if (round === 1) runtime.attach(addEntity(world), id)
      if (round === 2) ticks(runtime, 2)
      told.length = 0
      runtime.restore(snapshot)
      expect(told).toEqual([])
      expect(runtime.tick(1).entities).toBe(2)
      expect([...told].sort()).toEqual([`0 ${two}`, `1 ${three}`])
      expect(run()).toEqual([])
    }
  })

  it('entity versions: an entity that is restored and removed again has a new version after that', async () => {
    const told: string[] = []
    const { world, runtime } = await createGame({ host: { test: { told: (_, entity: number) => void told.push(`${entity}`) } } })
    const attached = '(import "test" "told" (func $told (param i32))) (func (export "on_attach") (param i32) (call $told (local.get 0)))'
    const id = await runtime.loadModule(updateScript('', attached))
    const entity = addEntity(world)
    runtime.attach(entity, id)
    runtime.tick(1)
    const snapshot = runtime.snapshot()
    for (let round = 0; round < 2; round++) {
      removeEntity(world, entity)
      runtime.tick(1)
      runtime.restore(snapshot)
      told.length = 0
      runtime.tick(1)
      expect(told).toEqual([])
      removeEntity(world, entity)
      expect(addEntity(world)).toBe(entity)
      runtime.attach(entity, id)
      runtime.tick(1)
      expect(told).toEqual([`${entity}`])
      runtime.restore(snapshot)
    }
  })

  it('an instance for each entity', async () => {
    const { world, components, runtime } = await createGame()
    const id = await runtime.loadModule(
      `(module (import "ecs.set" "Health.points" (func $set (param i32 i32))) (global $n (mut i32) (i32.const 0))
        (func (export "update") (param i32 f32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (call $set (local.get 0) (global.get $n))))`,
      { instances: 'entity' },
    )
    const [one, two] = [addEntity(world), addEntity(world)]
    runtime.attach(one, id)
    ticks(runtime, 2)
    runtime.attach(two, id)
    ticks(runtime, 1)
    const snapshot = runtime.snapshot()
    for (let round = 0; round < 2; round++) {
      removeEntity(world, one)
      ticks(runtime, 2)
      const other = addEntity(world)
      runtime.attach(other, id)
      ticks(runtime, 3)
      runtime.restore(snapshot)
      expect([one, two].map((entity) => components.Health.points[entity])).toEqual([3, 1])
      ticks(runtime, 1)
      expect([one, two].map((entity) => components.Health.points[entity])).toEqual([4, 2])
      expect(runtime.script(id).stats.entities).toBe(2)
    }
  })

  it('the result of a query that it keeps between ticks', async () => {
    const { world, components, runtime } = await createGame()
    const id = await runtime.loadModule(`(module (import "ecs.query" "Dead" (func $query (result i32)))
      (import "ecs.entity" "Dead" (func $entity (param i32) (result i32)))
      (func (export "find") (result i32) (call $query)) (func (export "at") (param i32) (result i32) (call $entity (local.get 0))))`)
    const entities = [addEntity(world, components.Dead), addEntity(world, components.Dead)]
    expect(runtime.call(id, 'find')).toBe(2)
    const snapshot = runtime.snapshot()
    for (let round = 0; round < 2; round++) {
      for (const entity of entities) removeEntity(world, entity)
      expect(runtime.call(id, 'find')).toBe(0)
      runtime.restore(snapshot)
      expect([runtime.call(id, 'at', 0), runtime.call(id, 'at', 1)]).toEqual(entities)
    }
    for (const entity of entities) removeEntity(world, entity)
    const empty = runtime.snapshot()
    expect([runtime.call(id, 'at', 0), runtime.call(id, 'at', 1)]).toEqual(entities)
    runtime.call(id, 'find')
    runtime.restore(empty)
    expect([runtime.call(id, 'at', 0), runtime.call(id, 'at', 1)]).toEqual(entities)
    expect(runtime.call(id, 'find')).toBe(0)
  })

  it('its status and its fault', async () => {
    const { runtime, errors } = await createGame()
    const id = await runtime.loadModule(tickScript('', '(func (export "on_boom") unreachable)'), { name: 'weak' })
    const active = runtime.snapshot()
    runtime.emit('boom')
    runtime.tick(1)
    const fault = runtime.script(id).fault
    expect(fault).toBe(errors[0])
    const faulted = runtime.snapshot()
    runtime.restore(active)
    expect(runtime.script(id)).toMatchObject({ status: 'active', fault: undefined })
    expect(runtime.tick(1).faults).toBe(0)
    expect(runtime.script(id).stats.calls).toBe(1)
    runtime.restore(faulted)
    expect(runtime.script(id)).toMatchObject({ status: 'faulted', fault })
    runtime.tick(1)
    expect(runtime.script(id).stats.calls).toBe(0)
  })
})
