import { parse } from '@bytecodealliance/jco-transpile/wasm-tools'
import { describe, expect, it } from 'vitest'
import { readContainer } from '../../../../src/guest/component/container.ts'
import type { ComponentPlan } from '../../../../src/guest/component/plan.ts'
import { prepareComponent } from '../../../../src/guest/component/prepare/prepare.ts'
import { component, componentOf } from '../../../fixtures/component.ts'
import { createGame, errorOf, type Game } from '../../../fixtures/game.ts'

const bytesOf = async (text: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await parse(text))

async function planOf(bytes: Uint8Array<ArrayBuffer>): Promise<ComponentPlan & { readonly modules: number }> {
  const { plan, modules } = readContainer(await prepareComponent(bytes))
  return { ...(JSON.parse(new TextDecoder().decode(plan)) as ComponentPlan), modules: modules.length }
}

async function load(
  bytes: Uint8Array,
  options: Parameters<typeof createGame>[0] = {},
): Promise<Game & { call(name: string, ...numbers: number[]): unknown }> {
  const game = await createGame(options)
  const id = await game.runtime.loadModule(bytes)
  return { ...game, call: (name, ...numbers) => game.runtime.call(id, name, ...numbers) }
}

const ADD = '(core module $add (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))'
const LIFT = '(func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))'

describe('a prepared component', () => {
  it('is the same for the same component', async () => {
    const bytes = await bytesOf(`(component ${ADD} (core instance $i (instantiate $add)) ${LIFT})`)
    expect(await prepareComponent(bytes)).toEqual(await prepareComponent(bytes.slice()))
  })

  it('loads as the component does', async () => {
    const bytes = await bytesOf(`(component ${ADD} (core instance $i (instantiate $add)) ${LIFT})`)
    for (const each of [bytes, await prepareComponent(bytes)]) expect((await load(each)).call('add', 3, 4)).toBe(7)
  })

  it('has no module between a function of the game and who calls it, although that needs its own memory', async () => {
    const bytes = await component(
      'import bitscript:game/log; export tick: func(dt: f32);',
      `(module (import "bitscript:game/log" "write" (func $log (param i32 i32))) (memory (export "memory") 1) (data (i32.const 8) "hello")
        (func (export "tick") (param f32) (call $log (i32.const 8) (i32.const 5))))`,
    )
    const plan = await planOf(bytes)
    expect([plan.modules, plan.instances.length]).toEqual([1, 1])
    expect(plan.instances[0]?.imports).toEqual([
      ['bitscript:game/log', 'write', { lower: 0, options: { encoding: 'utf8', memory: [0, 'memory'] } }],
    ])
    const { runtime, logs } = await load(bytes)
    runtime.tick(1)
    expect(logs.map(({ message }) => message)).toEqual(['hello'])
  })

  it('links several core modules', async () => {
    const bytes = await bytesOf(`(component ${ADD}
      (core module $twice (import "a" "add" (func $add (param i32 i32) (result i32)))
        (global $calls (mut i32) (i32.const 0))
        (func (export "add") (param i32 i32) (result i32)
          (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
          (call $add (call $add (local.get 0) (local.get 1)) (global.get $calls))))
      (core instance $a (instantiate $add)) (core instance $i (instantiate $twice (with "a" (instance $a)))) ${LIFT})`)
    expect(await planOf(bytes)).toMatchObject({
      modules: 2,
      instances: [{ imports: [] }, { imports: [['a', 'add', { from: [0, 'add'] }]] }],
    })
    const { call, runtime } = await load(bytes)
    expect([call('add', 3, 4), call('add', 3, 4)]).toEqual([8, 9])
    const snapshot = runtime.snapshot()
    expect(call('add', 0, 0)).toBe(3)
    runtime.restore(snapshot)
    expect(call('add', 0, 0)).toBe(3)
  })

  it('has the state of each instance of a core module by itself, also over a reload', async () => {
    const counter =
      '(core module $c (global $n (mut i32) (i32.const 0)) (func (export "up") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))'
    const bytes = await bytesOf(`(component ${counter} (core instance $a (instantiate $c)) (core instance $b (instantiate $c))
      (func (export "first") (result u32) (canon lift (core func $a "up"))) (func (export "second") (result u32) (canon lift (core func $b "up"))))`)
    expect(await planOf(bytes)).toMatchObject({ modules: 1, instances: [{ module: 0 }, { module: 0 }] })
    const { runtime, call } = await load(bytes)
    expect([call('first'), call('first'), call('second')]).toEqual([1, 2, 1])
    const report = await runtime.reloadModule(runtime.scripts()[0]?.id as never, bytes, { preserve: 'auto' })
    expect(report).toMatchObject({ state: 'reset', dropped: [expect.stringContaining('one core module')] })
  })

  it('has the interfaces that it exports', async () => {
    const wit = 'package test:api; interface sums { add: func(a: u32, b: u32) -> u32; } world script { export sums; }'
    const wat = '(module (func (export "test:api/sums#add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))'
    const { call } = await load(await componentOf(wat, wit))
    expect(call('test:api/sums#add', 2, 3)).toBe(5)
  })

  it('has the components in it that call each other with numbers', async () => {
    const bytes = await bytesOf(`(component
      (component $inner ${ADD} (core instance $i (instantiate $add)) ${LIFT})
      (component $outer (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
        (core func $lowered (canon lower (func $add)))
        (core module $m (import "x" "add" (func $add (param i32 i32) (result i32)))
          (func (export "add") (param i32 i32) (result i32) (i32.mul (i32.const 10) (call $add (local.get 0) (local.get 1)))))
        (core instance $i (instantiate $m (with "x" (instance (export "add" (func $lowered)))))) ${LIFT})
      (instance $one (instantiate $inner)) (instance $two (instantiate $outer (with "add" (func $one "add"))))
      (export "add" (func $two "add")))`)
    expect((await load(bytes)).call('add', 2, 3)).toBe(50)
  })

  it('runs the start functions of its core modules', async () => {
    const bytes =
      await bytesOf(`(component (core module $m (global $n (mut i32) (i32.const 1)) (func $begin (global.set $n (i32.const 7))) (start $begin)
      (func (export "get") (result i32) (global.get $n))) (core instance $i (instantiate $m)) (func (export "get") (result u32) (canon lift (core func $i "get"))))`)
    expect((await load(bytes)).call('get')).toBe(7)
  })
})

describe('a component that a game cannot run is refused', () => {
  const NOP = '(core module $m (func (export "f"))) (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f")))'
  const CASES: Readonly<Record<string, readonly [text: string, part: string]>> = {
    'that defines resources': [`(component (type $r (resource (rep i32))) ${NOP})`, 'resources'],
    'that calls a function with a resource': [
      `(component (import "r" (type $r (sub resource))) (import "use" (func $use (param "self" (borrow $r)))) (core func $l (canon lower (func $use)))
        (core module $n (import "a" "use" (func (param i32))) (func (export "f")))
        (core instance $i (instantiate $n (with "a" (instance (export "use" (func $l)))))) (func (export "f") (canon lift (core func $i "f"))))`,
      'resource',
    ],
    'that shares a memory between core modules': [
      `(component (core module $a (memory (export "m") 1)) (core module $b (import "a" "m" (memory 1)) (func (export "f")))
        (core instance $ia (instantiate $a)) (core instance $i (instantiate $b (with "a" (instance $ia)))) (func (export "f") (canon lift (core func $i "f"))))`,
      'memory between its core modules',
    ],
    'that imports a core module': [`(component (import "m" (core module)) ${NOP})`, 'core module'],
    'that imports a component': [`(component (import "c" (component)) ${NOP})`, 'component'],
    'that exports what it imports': ['(component (import "f" (func $f)) (export "g" (func $f)))', 'that it imports'],
    'with texts between the components in it': [
      `(component
        (component $inner (core module $m (memory (export "m") 1) (func (export "r") (param i32 i32 i32 i32) (result i32) (i32.const 8)) (func (export "f") (param i32 i32)))
          (core instance $i (instantiate $m))
          (func (export "f") (param "t" string) (canon lift (core func $i "f") (memory (core memory $i "m")) (realloc (core func $i "r")))))
        (component $outer (import "f" (func $f (param "t" string)))
          (core module $mem (memory (export "m") 1)) (core instance $mem (instantiate $mem))
          (core func $l (canon lower (func $f) (memory (core memory $mem "m"))))
          (core module $m (import "x" "f" (func $f (param i32 i32))) (func (export "g") (call $f (i32.const 0) (i32.const 0))))
          (core instance $i (instantiate $m (with "x" (instance (export "f" (func $l)))))) (func (export "g") (canon lift (core func $i "g"))))
        (instance $one (instantiate $inner)) (instance $two (instantiate $outer (with "f" (func $one "f")))) (export "g" (func $two "g")))`,
      'between the components in it',
    ],
  }
  for (const [what, [text, part]] of Object.entries(CASES)) {
    it(what, async () => {
      const { runtime } = await createGame()
      const error = await errorOf(runtime.loadModule(await bytesOf(text)))
      expect(error.code).toBe('InvalidBinary')
      expect(error.message).toContain(part)
      expect(runtime.scripts()).toEqual([])
    })
  }

  it('that exports nothing', async () => {
    const { runtime } = await createGame()
    expect((await errorOf(runtime.loadModule(await bytesOf('(component)')))).code).toBe('MissingExport')
  })

  it('that is not valid', async () => {
    const { runtime } = await createGame()
    const bytes = await bytesOf(`(component ${NOP})`)
    for (const broken of [bytes.slice(0, -3), bytes.map((byte, at) => (at === 12 ? 255 : byte))]) {
      const error = await errorOf(runtime.loadModule(broken))
      expect(error.code).toBe('InvalidBinary')
      expect(error.message).toContain('not valid')
    }
  })

  it('that comes to very many instances', async () => {
    const levels = Array.from({ length: 24 }, (_, at) => {
      const below =
        at === 0
          ? `(core module $m (func (export "f"))) (core instance (instantiate $m))`
          : `(instance (instantiate $c${at - 1})) (instance (instantiate $c${at - 1}))`
      const outer = at === 0 ? '' : `(alias outer $top $c${at - 1} (component $c${at - 1}))`
      return `(component $c${at} ${outer} ${below})`
    })
    const { runtime } = await createGame()
    const error = await errorOf(
      runtime.loadModule(await bytesOf(`(component $top ${levels.join('\n')} (instance (instantiate $c23)) ${NOP})`)),
    )
    expect(['TooLarge', 'InvalidBinary']).toContain(error.code)
  })
})
