import { addEntity } from 'bitecs'
import type { ReloadReport, ScriptId, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame } from '../../fixtures/game.ts'
import { counterScript } from '../../fixtures/scripts.ts'

interface Reloaded {
  readonly runtime: WasmScriptRuntime
  readonly id: ScriptId
  readonly report: ReloadReport
}

/** Loads one script, calls its `change`, and reloads it. */
async function reload(before: string, after: string): Promise<Reloaded> {
  const { runtime } = await createGame()
  const id = await runtime.loadModule(before, { name: 'script', preserve: 'auto' })
  runtime.call(id, 'change')
  return { runtime, id, report: await runtime.reloadModule(id, after) }
}

/** A script with a global of each type; `change` changes every value. */
const TYPES = `(module
  (global $i (mut i32) (i32.const 1)) (global $l (mut i64) (i64.const 1)) (global $f (mut f32) (f32.const 1))
  (global $d (mut f64) (f64.const 1)) (global $v (mut v128) (v128.const i64x2 1 1)) (global $r (mut funcref) (ref.null func))
  (func (export "change") (global.set $i (i32.const -7)) (global.set $l (i64.const 0x123456789abcdef)) (global.set $f (f32.const 0.1))
    (global.set $d (f64.const nan)) (global.set $v (v128.const i64x2 -5 6)) (global.set $r (ref.func 0)))
  (func (export "i") (result i32) (global.get $i)) (func (export "l") (result i64) (global.get $l)) (func (export "f") (result f32) (global.get $f))
  (func (export "d") (result f64) (global.get $d)) (func (export "r") (result i32) (ref.is_null (global.get $r)))
  (func (export "v") (result i64 i64) (i64x2.extract_lane 0 (global.get $v)) (i64x2.extract_lane 1 (global.get $v))))`

/** A script with a global that `init` changes. */
const global = (declaration: string, name = '$n'): string => `(module (global ${declaration})
  (func (export "change") (global.set ${name} (i32.add (global.get ${name}) (i32.const 41))))
  (func (export "init") (global.set ${name} (i32.const -1)))
  (func (export "get") (result i32) (global.get ${name})))`
const N = global('$n (mut i32) (i32.const 0)').replace('(func (export "init") (global.set $n (i32.const -1)))', '')

/** A script with a memory, data, and functions that read it. */
const memory = (data: string, pages = '1', more = ''): string => `(module (memory ${pages}) ${data}
  (func (export "change") (i32.store8 (i32.const 16) (i32.const 77)) (i32.store8 (i32.const 17) (i32.const 88)) (i32.store8 (i32.const 500) (i32.const 99)))
  (func (export "at") (param i32) (result i32) (i32.load8_u (local.get 0))) (func (export "size") (result i32) (memory.size))
  (func (export "init") (i32.store8 (i32.const 501) (i32.const 1)))
  (func (export "grow") (drop (memory.grow (i32.const 1))) (i32.store8 (i32.const 70000) (i32.const 5))) ${more})`
const bytesAt = ({ runtime, id }: Reloaded, ...places: number[]): unknown[] => places.map((place) => runtime.call(id, 'at', place))

describe("preserve: 'auto' and globals", () => {
  it('carries over globals of each type, and reports it', async () => {
    const { runtime, id, report } = await reload(TYPES, TYPES)
    expect(report).toMatchObject({ script: 'script', generation: 2, state: 'preserved' })
    expect(report.carried).toEqual(['i', 'l', 'f', 'd', 'v'].map((name) => `global ${name}`))
    expect(report.dropped).toEqual(['global r: it is a reference'])
    expect(['i', 'l', 'f', 'd', 'v', 'r'].map((name) => runtime.call(id, name))).toEqual([
      -7,
      0x123456789abcdefn,
      Math.fround(0.1),
      Number.NaN,
      [-5n, 6n],
      1,
    ])
  })

  it.each([
    ['the same', '$n (mut i32) (i32.const 0)', 41, ['global n'], []],
    ['of another initial value', '$n (mut i32) (i32.const 5)', 5, [], ['global n: its initial value changed']],
    ['exported by the name', '(export "n") (mut i32) (i32.const 0)', 41, ['global n'], []],
  ])('one that is %s', async (_, declaration, value, carried, dropped) => {
    const keep = '(global $other (mut i32) (i32.const 0))'
    const next = global(declaration, declaration.startsWith('(export') ? '0' : '$n')
    const { runtime, id, report } = await reload(`${N.slice(0, -1)} ${keep})`, `${next.slice(0, -1)} ${keep})`)
    expect(report.state).toBe('preserved')
    expect(runtime.call(id, 'get')).toBe(value)
    expect(report.carried).toEqual([...carried, 'global other'])
    expect(report.dropped).toEqual(dropped)
  })

  it('drops globals whose name or type changed, and reports why', async () => {
    const before = N.replace('(module', '(module (global $kept (mut i32) (i32.const 0)) (global $gone (mut i32) (i32.const 0))')
    const after = `(module (global $kept (mut i32) (i32.const 0)) (global $n (mut f32) (f32.const 0)) (global $new (mut i32) (i32.const 3))
      (func (export "get") (result f32) (global.get $n)) (func (export "new") (result i32) (global.get $new)))`
    const { runtime, id, report } = await reload(before, after)
    expect(report.carried).toEqual(['global kept'])
    expect([...report.dropped].sort()).toEqual([
      'global gone: the new code has no mutable global of this name',
      'global n: its type changed',
    ])
    expect([runtime.call(id, 'get'), runtime.call(id, 'new')]).toEqual([0, 3])
  })

  it('finds globals whose index changed', async () => {
    const { runtime, id } = await reload(N, N.replace('(module', '(module (global $first (mut i32) (i32.const 8))'))
    expect(runtime.call(id, 'get')).toBe(41)
  })

  it('ignores globals without a name', async () => {
    const unnamed = N.replace('(global $n', '(global (mut f32) (f32.const 0)) (global').replaceAll('$n', '1')
    const { runtime, id, report } = await reload(unnamed, unnamed)
    expect(report).toMatchObject({ state: 'reset', carried: [] })
    expect(runtime.call(id, 'get')).toBe(0)
  })

  it('calls init only if nothing was carried over', async () => {
    const declaration = '$n (mut i32) (i32.const 0)'
    const kept = await reload(global(declaration), global(declaration))
    expect([kept.report.state, kept.runtime.call(kept.id, 'get')]).toEqual(['preserved', 40])
    const fresh = await reload(global('$m (mut i32) (i32.const 0)', '$m'), global(declaration))
    expect([fresh.report.state, fresh.runtime.call(fresh.id, 'get')]).toEqual(['reset', -1])
  })
})

describe("preserve: 'auto' and memory", () => {
  const DATA = '(data (i32.const 16) "ab") (data (i32.const 32) "cd")'

  it('carries over what the game wrote, where the data is unchanged', async () => {
    const reloaded = await reload(memory(DATA), memory(DATA))
    expect(reloaded.report).toMatchObject({ state: 'preserved', carried: ['memory, 65536 bytes'], dropped: [] })
    expect(bytesAt(reloaded, 16, 17, 32, 500, 501)).toEqual([77, 88, 99, 99, 1])
  })

  it('uses the new data only where the edit changed a byte', async () => {
    const reloaded = await reload(memory(DATA), memory('(data (i32.const 16) "aX") (data (i32.const 32) "cde")'))
    expect(reloaded.report.state).toBe('preserved')
    expect(bytesAt(reloaded, 16, 17, 32, 33, 34, 500)).toEqual([77, 88, 99, 100, 101, 99].with(1, 'X'.charCodeAt(0)))
  })

  it('adds new data', async () => {
    const reloaded = await reload(memory(DATA), memory(`${DATA} (data (i32.const 600) "n")`))
    expect(bytesAt(reloaded, 16, 500, 600)).toEqual([77, 99, 'n'.charCodeAt(0)])
  })

  it.each([
    ['the data has moved', memory('(data (i32.const 20) "ab") (data (i32.const 32) "cd")'), 'begin at other addresses'],
    [
      'the new code has no memory',
      '(module (global $k (mut i32) (i32.const 0)) (func (export "at") (param i32) (result i32) (i32.const 0)))',
      'has no memory',
    ],
    ['addresses in immutable globals changed', memory(DATA, '1', '(global i32 (i32.const 1024))'), 'immutable globals'],
  ])('is dropped and reported if %s', async (_, after, reason) => {
    const keep = (wat: string): string => (wat.includes('$k') ? wat : `${wat.slice(0, -1)} (global $k (mut i32) (i32.const 0)))`)
    const { runtime, id, report } = await reload(keep(memory(DATA)), keep(after))
    expect(report).toMatchObject({ state: 'preserved', carried: ['global k'] })
    expect(report.dropped).toEqual([expect.stringMatching(`memory: .*${reason}`)])
    expect(runtime.call(id, 'at', 500)).toBe(0)
  })

  it('reports what was dropped if nothing could be carried over', async () => {
    const { report } = await reload(memory(DATA), memory('(data (i32.const 20) "ab")'))
    expect(report).toMatchObject({ state: 'reset', carried: [] })
    expect(report.dropped).toEqual([expect.stringContaining('memory: ')])
  })

  it('carries over a grown memory if it fits the limit of the new code', async () => {
    for (const [pages, state] of [
      ['1', 'preserved'],
      ['1 2', 'preserved'],
      ['1 1', 'reset'],
    ] as const) {
      const { runtime } = await createGame()
      const id = await runtime.loadModule(memory(DATA), { preserve: 'auto' })
      runtime.call(id, 'grow')
      expect([pages, (await runtime.reloadModule(id, memory(DATA, pages))).state]).toEqual([pages, state])
      expect(runtime.call(id, 'size')).toBe(state === 'reset' ? 1 : 2)
      if (state === 'preserved') expect(runtime.call(id, 'at', 70000)).toBe(5)
    }
  })

  it('ignores passive data and the effects of the start function', async () => {
    const passive = (text: string): string =>
      memory(
        `${DATA} (data $p "${text}")`,
        '1',
        '(func (export "read") (result i32) (memory.init $p (i32.const 700) (i32.const 0) (i32.const 1)) (i32.load8_u (i32.const 700)))',
      )
    const start = '(func $start (i32.store8 (i32.const 500) (i32.const 3))) (start $start)'
    const reloaded = await reload(passive('p'), `${passive('q').slice(0, -1)} ${start})`)
    expect(reloaded.report.state).toBe('preserved')
    expect([reloaded.runtime.call(reloaded.id, 'read'), ...bytesAt(reloaded, 16, 500)]).toEqual(['q'.charCodeAt(0), 77, 99])
  })
})

describe("preserve: 'auto'", () => {
  it('is not used if the script has get_state and set_state', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(counterScript(), { preserve: 'auto' })
    for (let tick = 0; tick < 3; tick++) runtime.tick(1)
    const forgetful = counterScript().replace('(i32.sub (i32.load8_u (local.get $text)) (i32.const 48))', '(i32.const 7)')
    expect(await runtime.reloadModule(id, forgetful)).toMatchObject({ state: 'restored', carried: [], dropped: [] })
    expect(runtime.call(id, 'count')).toBe(7)
  })

  it('is an option of the reload; the option of the script takes precedence', async () => {
    for (const [load, options, value] of [
      [{}, {}, 0],
      [{}, { preserve: 'none' }, 0],
      [{}, { preserve: 'auto' }, 41],
      [{ preserve: 'auto' }, {}, 41],
      [{ preserve: 'none' }, { preserve: 'auto' }, 0],
    ] as const) {
      const { runtime } = await createGame()
      const id = await runtime.loadModule(N, load)
      runtime.call(id, 'change')
      const report = await runtime.reloadModule(id, N, options)
      expect([load, options, runtime.call(id, 'get'), report.state]).toEqual([load, options, value, value === 0 ? 'reset' : 'preserved'])
    }
    const { runtime } = await createGame()
    const id = await runtime.loadModule(N)
    expect(await codeOf(runtime.reloadModule(id, N, { preserve: 'all' as 'auto' }))).toBe('InvalidOptions')
    expect(await codeOf(runtime.loadModule(N, { preserve: 'all' as 'auto' }))).toBe('InvalidOptions')
    expect(runtime.script(id).generation).toBe(1)
  })

  it('carries over the state of each entity', async () => {
    const { world, components, runtime } = await createGame()
    const script = (step: number): string => `(module (import "ecs.set" "Health.points" (func $set (param i32 i32)))
      (global $n (mut i32) (i32.const 0)) (func (export "init") (global.set $n (i32.const 100)))
      (func (export "update") (param i32 f32) (global.set $n (i32.add (global.get $n) (i32.const ${step}))) (call $set (local.get 0) (global.get $n))))`
    const id = await runtime.loadModule(script(1), { instances: 'entity', preserve: 'auto' })
    const [one, two] = [addEntity(world), addEntity(world)]
    runtime.attach(one, id)
    runtime.tick(1)
    runtime.attach(two, id)
    runtime.tick(1)
    expect(await runtime.reloadModule(id, script(10))).toMatchObject({ state: 'preserved', carried: ['global n'] })
    runtime.tick(1)
    expect([one, two].map((entity) => components.Health.points[entity])).toEqual([112, 111])
  })

  it('drops tables, and reports it', async () => {
    const table = (result: number): string => `${N.slice(0, -1)} (table 1 funcref) (elem (i32.const 0) $f)
      (func $f (result i32) (i32.const ${result})) (func (export "through") (result i32) (call_indirect (result i32) (i32.const 0))))`
    const { runtime, id, report } = await reload(table(1), table(2))
    expect(report.dropped).toEqual(['tables: they hold functions of the old code'])
    expect([runtime.call(id, 'through'), runtime.call(id, 'get')]).toEqual([2, 41])
  })

  it('changes nothing if the new generation is refused', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(N, { preserve: 'auto' })
    runtime.call(id, 'change')
    expect(await codeOf(runtime.reloadModule(id, `${N.slice(0, -1)} (func $s unreachable) (start $s))`))).toBe('Trap')
    expect([runtime.call(id, 'get'), runtime.script(id).generation]).toEqual([41, 1])
  })
})
