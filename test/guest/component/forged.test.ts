import { describe, expect, it } from 'vitest'
import { MODULE_SECTION, PLAN_SECTION } from '../../../src/guest/component/container.ts'
import type { ComponentPlan, PlannedExport, TypeReference } from '../../../src/guest/component/plan.ts'
import { Writer } from '../../../src/wasm/format/writer.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { createGame, errorOf } from '../../fixtures/game.ts'

type Draft = { -readonly [Key in keyof ComponentPlan]?: unknown }

/** Returns a prepared component whose plan anyone may have written. */
async function forged(plan: Draft | string, ...modules: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Writer().bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
  const custom = (name: string, content: Uint8Array): void => void out.byte(0).sized(() => out.name(name).bytes(content))
  const text =
    typeof plan === 'string'
      ? plan
      : JSON.stringify({ types: [], imports: [], instances: [{ module: 0, imports: [] }], exports: [], ...plan })
  custom(PLAN_SECTION, new TextEncoder().encode(text))
  for (const wat of modules) custom(MODULE_SECTION, await assembleWat(wat, 'forged.wat'))
  return out.finish()
}

const NOP = '(module (func (export "tick") (param f32)))'
const MEMORY = `(memory (export "m") 1) (func (export "r") (param i32 i32 i32 i32) (result i32) (i32.const 1024)) (func (export "p") (param i32))`

const exported = (params: readonly TypeReference[], result: TypeReference | null, more: object = {}): PlannedExport => ({
  interface: '',
  name: 'call',
  type: { params: params.map((type, index) => [`p${index}`, type]), result },
  core: [0, 'f'],
  options: { encoding: 'utf8', ...more },
})
const TICK = { ...exported(['f32'], null), name: 'tick', core: [0, 'tick'] }

/** Loads it beside another script. Resolves with the code of the error; the other script runs on. */
async function codeOf(bytes: Promise<Uint8Array>): Promise<string> {
  const { runtime, errors } = await createGame({ limits: { fuel: 1_000_000 } })
  const other = await runtime.loadModule('(module (func (export "tick") (param f32)))', { name: 'other' })
  const error = await errorOf(runtime.loadModule(await bytes))
  expect(runtime.scripts().map(({ name }) => name)).toEqual(['other'])
  expect([runtime.tick(1).faults, errors, runtime.script(other).status]).toEqual([0, [], 'active'])
  return error.code
}

describe('a plan that does not fit its modules', () => {
  const f = (type: string, body = ''): string => `(module ${MEMORY} (func (export "f") ${type} ${body}))`
  const M = { memory: [0, 'm'] }
  const R = { ...M, realloc: [0, 'r'] }
  const CASES: Readonly<Record<string, readonly [Draft, string]>> = {
    'a lifted f32 whose core function takes i64': [{ exports: [exported(['f32'], null)] }, f('(param i64)')],
    'a lifted function with a result that the core function lacks': [{ exports: [exported([], 'u32')] }, f('')],
    'more than 16 numbers that are not passed in memory': [
      { exports: [exported(Array<TypeReference>(17).fill('u8'), null, R)] },
      f(`(param ${'i32 '.repeat(17)})`),
    ],
    'a core function that is no function': [{ exports: [{ ...exported([], null), core: [0, 'm'] }] }, f('')],
    'a core function that is not exported': [{ exports: [{ ...exported([], null), core: [0, 'g'] }] }, f('')],
    'a string without a memory': [{ exports: [exported(['string'], null, { realloc: [0, 'r'] })] }, f('(param i32 i32)')],
    'a string without what reserves memory': [{ exports: [exported(['string'], null, M)] }, f('(param i32 i32)')],
    'a memory that is a function': [{ exports: [exported(['string'], null, { ...R, memory: [0, 'r'] })] }, f('(param i32 i32)')],
    'a realloc of another type': [{ exports: [exported(['string'], null, { ...M, realloc: [0, 'p'] })] }, f('(param i32 i32)')],
    'a realloc that is a memory': [{ exports: [exported(['string'], null, { ...M, realloc: [0, 'm'] })] }, f('(param i32 i32)')],
    'a post-return of another type': [{ exports: [exported([], null, { postReturn: [0, 'p'] })] }, f('')],
    'an import that is lowered to another type': [
      {
        imports: [{ interface: 'test', name: 'note', type: { params: [['n', 'f64']], result: null } }],
        instances: [{ module: 0, imports: [['test', 'note', { lower: 0, options: { encoding: 'utf8' } }]] }],
        exports: [TICK],
      },
      '(module (import "test" "note" (func (param i32))) (func (export "tick") (param f32)))',
    ],
    'an import of another core instance with another type': [
      {
        instances: [
          { module: 0, imports: [] },
          { module: 1, imports: [['a', 'tick', { from: [0, 'tick'] }]] },
        ],
        exports: [TICK],
      },
      NOP,
    ],
    'an import from nowhere': [{ exports: [TICK] }, '(module (import "a" "b" (func)) (func (export "tick") (param f32)))'],
    'a memory that is imported': [{ exports: [TICK] }, '(module (import "a" "b" (memory 1)) (func (export "tick") (param f32)))'],
  }
  for (const [what, [plan, wat]] of Object.entries(CASES)) {
    it(`is refused: ${what}`, async () => {
      expect(await codeOf(forged(plan, wat, '(module (import "a" "tick" (func (param i32))))'))).toBe('InvalidBinary')
    })
  }
})

describe('a plan with places that do not exist', () => {
  const CASES: Readonly<Record<string, Draft | string>> = {
    'no JSON': '{"types":',
    'JSON that nests too deeply': '['.repeat(100_000),
    nothing: '{}',
    'a module': { instances: [{ module: 7, imports: [] }], exports: [TICK] },
    'an instance of an export': { exports: [{ ...TICK, core: [3, 'tick'] }] },
    'an instance of a memory': { exports: [{ ...TICK, options: { encoding: 'utf8', memory: [9, 'm'] } }] },
    'a later instance': { instances: [{ module: 0, imports: [['a', 'b', { from: [0, 'tick'] }]] }], exports: [TICK] },
    'an import': { instances: [{ module: 0, imports: [['a', 'b', { lower: 0, options: { encoding: 'utf8' } }]] }], exports: [TICK] },
    'a type of a function': { exports: [exported([0], null)] },
    'a type in itself': { types: [{ kind: 'list', element: 0 }], exports: [TICK] },
    'a type in an earlier one': {
      types: [
        { kind: 'option', some: 1 },
        { kind: 'option', some: 0 },
      ],
      exports: [TICK],
    },
    'an empty record': { types: [{ kind: 'record', fields: [] }], exports: [TICK] },
    'an unknown kind': { types: [{ kind: 'resource' }], exports: [TICK] },
    'an index that is no integer': { instances: [{ module: 0.5, imports: [] }], exports: [TICK] },
    'a negative index': { exports: [{ ...TICK, core: [-1, 'tick'] }] },
    'something else': { exports: [{ ...TICK, extra: 1 }] },
    'an encoding': { exports: [{ ...TICK, options: { encoding: 'ebcdic' } }] },
  }
  for (const [what, plan] of Object.entries(CASES)) {
    it(`is refused: ${what}`, async () => {
      expect(await codeOf(forged(plan, NOP))).toBe('InvalidBinary')
    })
  }
  it('is refused: no module', async () => {
    expect(await codeOf(forged({ exports: [TICK] }))).toBe('InvalidBinary')
  })
})

describe('a plan that is larger than it looks', () => {
  const doubling = (count: number, kind = 'tuple'): unknown[] =>
    Array.from({ length: count }, (_, at) => {
      const below = at === 0 ? 'u8' : at - 1
      if (kind === 'tuple') return { kind, items: [below, below] }
      if (kind === 'result') return { kind, ok: below, error: below }
      return {
        kind: 'variant',
        cases: [
          ['a', below],
          ['b', below],
          ['c', null],
        ],
      }
    })
  it('is refused: values whose size doubles with each type', async () => {
    expect(await codeOf(forged({ types: doubling(90), exports: [TICK] }, NOP))).toBe('TooLarge')
  })
  it('is refused: types that nest deeply', async () => {
    const lists = Array.from({ length: 9000 }, (_, at) => ({ kind: 'list', element: at === 0 ? 'u8' : at - 1 }))
    expect(await codeOf(forged({ types: lists, exports: [TICK] }, NOP))).toBe('InvalidBinary')
  })
  it('is refused: many core instances', async () => {
    const instances = Array.from({ length: 5000 }, () => ({ module: 0, imports: [] }))
    expect(await codeOf(forged({ instances, exports: [TICK] }, NOP))).toBe('TooLarge')
  })
  it('is refused: instances that have more code together than a module may have', async () => {
    const instances = Array.from({ length: 100 }, () => ({ module: 0, imports: [] }))
    const large = `(module (func (export "tick") (param f32)) ${`(func ${'nop '.repeat(1000)})`.repeat(60)})`
    expect(await codeOf(forged({ instances, exports: [TICK] }, large))).toBe('TooLarge')
  })
  it('is refused: a plan of megabytes', async () => {
    const exports = Array.from({ length: 9000 }, (_, at) => ({ ...exported(['f32'], null), name: `export-${at}`.padEnd(200, 'x') }))
    expect(await codeOf(forged({ exports }, NOP))).toBe('TooLarge')
  })
  it('is checked in as many steps as it has parts', async () => {
    const many = 9000
    const exports = Array.from({ length: 5000 }, (_, at) => ({ ...TICK, name: `e${at}` }))
    const { runtime } = await createGame()
    const id = await runtime.loadModule(await forged({ exports }, NOP))
    expect(runtime.call(id, 'e4999', 1)).toBeUndefined()
    const wide = [{ kind: 'enum', names: Array.from({ length: many }, (_, at) => `n${at}`) }]
    const types = [...wide, { kind: 'list', element: 0 }]
    const wat = `(module (memory (export "m") 1) (func (export "r") (param i32 i32 i32 i32) (result i32) (i32.const 0)) (func (export "f") (param i32 i32)))`
    const list = await runtime.loadModule(
      await forged({ types, exports: [exported([1], null, { memory: [0, 'm'], realloc: [0, 'r'] })] }, wat),
      { limits: { fuel: 1_000_000 } },
    )
    expect(
      runtime.callJson(
        list,
        'call',
        Array.from({ length: 30_000 }, () => `n${many - 1}`),
      ),
    ).toBeUndefined()
  })
  it('is described in a few lines', async () => {
    const types = [
      { kind: 'tuple', items: ['u8', 'u8'] },
      ...Array.from({ length: 4 }, (_, at) => ({ kind: 'tuple', items: Array(12).fill(at) })),
    ]
    const wat = `(module ${MEMORY} (func (export "f") (param i32)))`
    const description = await (await createGame()).runtime.checkModule(
      await forged({ types, exports: [exported([4], null, { memory: [0, 'm'], realloc: [0, 'r'] })] }, wat),
    )
    expect(description.exports[0]?.type.length).toBeLessThan(1000)
  })
})

describe('names of a plan', () => {
  it('may be those of Object.prototype', async () => {
    const types = [
      {
        kind: 'record',
        fields: [
          ['__proto__', 'u32'],
          ['constructor', 'u32'],
        ],
      },
    ]
    const wat = `(module (memory (export "m") 1) (data (i32.const 8) "\\01\\00\\00\\00\\02") (func (export "__proto__") (result i32) (i32.const 8)))`
    const plan = { types, exports: [{ ...exported([], 0, { memory: [0, 'm'] }), name: '__proto__', core: [0, '__proto__'] }] }
    const { runtime } = await createGame()
    const id = await runtime.loadModule(await forged(plan, wat))
    const value = runtime.callJson(id, '__proto__')
    expect(Object.entries(value as object)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(({} as { constructor: unknown }).constructor).toBe(Object)
  })
  it('are no imports that a host inherits', async () => {
    for (const [from, name] of [
      ['__proto__', 'toString'],
      ['test', '__proto__'],
      ['test', 'constructor'],
      ['', '__proto__'],
      ['bitscript:game/__proto__', 'x'],
    ]) {
      const plan = {
        imports: [{ interface: from, name, type: { params: [], result: null } }],
        instances: [{ module: 0, imports: [['a', 'b', { lower: 0, options: { encoding: 'utf8' } }]] }],
        exports: [TICK],
      }
      expect(await codeOf(forged(plan, '(module (import "a" "b" (func)) (func (export "tick") (param f32)))'))).toBe('UnknownImport')
    }
  })
  it('may not be given twice for what the game calls', async () => {
    const wat = '(module (func (export "tick") (param f32)) (func (export "other") (param f32)))'
    expect(await codeOf(forged({ exports: [TICK, { ...TICK, core: [0, 'other'] }] }, wat))).toBe('InvalidBinary')
  })
})

describe('core functions that misbehave', () => {
  const echo = (realloc: string, more = ''): Promise<Uint8Array> =>
    forged(
      { exports: [exported(['string'], null, { memory: [0, 'm'], realloc: [0, 'r'] })], ...(more !== '' && NOTE) },
      `(module ${more} (memory (export "m") 1) (func $r (export "r") (param i32 i32 i32 i32) (result i32) ${realloc}) (func (export "f") (param i32 i32)))`,
    )
  const NOTE: Draft = {
    imports: [{ interface: 'test', name: 'text', type: { params: [], result: 'string' } }],
    instances: [
      { module: 0, imports: [['test', 'text', { lower: 0, options: { encoding: 'utf8', memory: [0, 'm'], realloc: [0, 'r'] } }]] },
    ],
  }
  const CASES: Readonly<Record<string, readonly [realloc: string, code: string, imports?: string]>> = {
    'that traps': ['unreachable', 'Trap'],
    'that never ends': ['(loop (br 0)) unreachable', 'OutOfFuel'],
    'that calls itself': ['(call $r (local.get 0) (local.get 0) (local.get 0) (local.get 0))', 'StackOverflow'],
    'that gives a place outside the memory': ['(i32.const 65533)', 'InvalidPointer'],
    'that gives a place at the end of all memory': ['(i32.const -1)', 'InvalidPointer'],
    'that needs what it is for': [
      '(call $text (i32.const 0)) (i32.const 8)',
      'StackOverflow',
      '(import "test" "text" (func $text (param i32)))',
    ],
  }
  for (const [what, [realloc, code, imports]] of Object.entries(CASES)) {
    it(`end the call: a realloc ${what}`, async () => {
      const { runtime } = await createGame({ host: { test: { text: () => 'text' } } as never, limits: { fuel: 1_000_000 } })
      const other = await runtime.loadModule(NOP.replace('tick', 'other'), { name: 'other' })
      const id = await runtime.loadModule(await echo(realloc, imports))
      expect((await errorOf(() => runtime.callBytes(id, 'call', new Uint8Array(8)))).code).toBe(code)
      expect([runtime.script(id).status, runtime.script(other).status]).toEqual(['faulted', 'active'])
      expect(runtime.tick(1).faults).toBe(0)
    })
  }
  it('use a memory of another instance, which is as good as their own', async () => {
    const plan: Draft = {
      instances: [
        { module: 0, imports: [] },
        { module: 1, imports: [] },
      ],
      exports: [{ ...exported(['string'], 'u32', { memory: [0, 'm'], realloc: [0, 'r'] }), core: [1, 'f'] }],
    }
    const { runtime } = await createGame()
    const id = await runtime.loadModule(
      await forged(
        plan,
        `(module ${MEMORY})`,
        '(module (memory 1) (func (export "f") (param i32 i32) (result i32) (i32.load8_u (local.get 0))))',
      ),
    )
    expect(runtime.callJson(id, 'call', 'abc')).toBe(0)
  })
})
