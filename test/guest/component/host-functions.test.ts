import { describe, expect, it } from 'vitest'
import { ALLOCATOR, component } from '../../fixtures/component.ts'
import { createGame, errorOf, type Game } from '../../fixtures/game.ts'

type HostFunctions = Readonly<Record<string, (context: never, ...values: never[]) => unknown>>

const TYPES = `enum rank { low, high }
  flags marks { hot, very-wet }
  variant shape { dot, circle(f32), text(string) }
  record item { name: string, weight: f64, tags: list<string> }`

/** Loads a component whose export `call` has the type and the core body, and that imports `ask` of an interface `bag`. */
async function load(
  ask: string,
  call: string,
  core: { readonly ask: string; readonly call: string },
  bag: HostFunctions,
  options: Parameters<Game['runtime']['loadModule']>[1] = {},
): Promise<Game & { readonly call: (argument?: unknown) => unknown; readonly id: Awaited<ReturnType<Game['runtime']['loadModule']>> }> {
  const wit = `package game:ecs; interface bag { ${TYPES} ask: ${ask}; }`
  const bytes = await component(
    `import bag; use bag.{rank, marks, shape, item}; export call: ${call};`,
    `(module (import "game:ecs/bag" "ask" (func $ask ${core.ask})) ${ALLOCATOR} (func (export "call") ${core.call}))`,
    wit,
  )
  const game = await createGame({ host: { bag } as never, limits: { fuel: 1_000_000 } })
  const id = await game.runtime.loadModule(bytes, { name: 'bag', ...options })
  return { ...game, id, call: (argument) => game.runtime.callJson(id, 'call', argument) }
}

const given: unknown[] = []
const keep: HostFunctions = { ask: (_, ...values) => void given.push(...values) }
const last = (): unknown => given.at(-1)
const PASS = '(call $ask (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4))'

describe('a host function', () => {
  it('takes records, lists and texts as objects, arrays and strings', async () => {
    const { call } = await load(
      'func(item: item)',
      'func(item: item)',
      { ask: '(param i32 i32 f64 i32 i32)', call: `(param i32 i32 f64 i32 i32) ${PASS}` },
      keep,
    )
    const item = { name: 'Äpfel', weight: 0.5, tags: ['rot', '🍎', ''] }
    call(item)
    expect(last()).toEqual(item)
  })

  it('takes variants, enums and flags by name', async () => {
    const { call } = await load(
      'func(shape: shape, rank: rank, marks: marks)',
      'func(shape: shape, rank: rank, marks: marks)',
      { ask: '(param i32 i32 i32 i32 i32)', call: `(param i32 i32 i32 i32 i32) ${PASS}` },
      { ask: (_, ...values) => void given.push(values) },
    )
    call({ shape: { tag: 'text', val: 'x' }, rank: 'high', marks: { veryWet: true } })
    expect(last()).toEqual([{ tag: 'text', val: 'x' }, 'high', { hot: false, veryWet: true }])
    call([{ tag: 'circle', val: 2.5 }, 'low', { 'very-wet': true, hot: true }])
    expect(last()).toEqual([{ tag: 'circle', val: 2.5 }, 'low', { hot: true, veryWet: true }])
    call([{ tag: 'dot' }, 'low', {}])
    expect(last()).toEqual([{ tag: 'dot', val: undefined }, 'low', { hot: false, veryWet: false }])
  })

  it('takes and gives bytes and numbers as typed arrays', async () => {
    const { call } = await load(
      'func(numbers: list<s16>) -> list<f32>',
      'func(numbers: list<s16>) -> list<f32>',
      {
        ask: '(param i32 i32 i32)',
        call: '(param i32 i32) (result i32) (call $ask (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16)',
      },
      {
        ask(_, numbers: Int16Array) {
          given.push(numbers)
          return numbers.map((number) => number * 2)
        },
      } as HostFunctions,
    )
    expect(call([1, -2])).toEqual([2, -4])
    expect(last()).toEqual(Int16Array.of(1, -2))
  })

  const RESULT = {
    ask: '(param i32)',
    call: '(result i32) (call $ask (i32.const 16)) (i32.const 16)',
  }
  it('gives the value of a result, or its error', async () => {
    let answer: unknown = 'fine'
    const { call, errors } = await load('func() -> result<string, rank>', 'func() -> result<string, rank>', RESULT, { ask: () => answer })
    expect(call()).toBe('fine')
    answer = { tag: 'ok', val: 'tagged' }
    expect(call()).toBe('tagged')
    answer = { tag: 'err', val: 'high' }
    expect(await errorOf(call)).toMatchObject({ code: 'GuestError', detail: 'high', export: 'call' })
    expect(errors).toEqual([])
  })

  const WRONG: Readonly<Record<string, readonly [ask: () => unknown, part: string]>> = {
    'a promise': [() => Promise.resolve('later'), 'must be a string'],
    'another type': [() => 5, 'must be a string, and is number'],
    nothing: [() => undefined, 'must be a string'],
    'an error': [
      () => {
        throw new Error('no luck')
      },
      'no luck',
    ],
  }
  for (const [what, [ask, part]] of Object.entries(WRONG)) {
    it(`that gives ${what} is a HostError of the script`, async () => {
      const { call, runtime, id } = await load('func() -> string', 'func() -> string', RESULT, { ask })
      const error = await errorOf(call)
      expect(error).toMatchObject({ code: 'HostError', script: 'bag' })
      expect(error.message).toContain(part)
      expect(runtime.script(id).status).toBe('faulted')
    })
  }

  it('is granted by its name', async () => {
    const source = load('func() -> string', 'func() -> string', RESULT, { ask: () => 'x' }, { grant: { host: ['other'] } })
    expect((await errorOf(source)).code).toBe('GrantDenied')
  })

  it('cannot give more than limits.jsonBytes', async () => {
    const { call } = await load(
      'func() -> string',
      'func() -> string',
      RESULT,
      { ask: () => 'x'.repeat(2000) },
      { limits: { jsonBytes: 1000 } },
    )
    expect((await errorOf(call)).code).toBe('TooLarge')
  })

  it('costs what it passes', async () => {
    const fuels = []
    for (const size of [10, 50_000]) {
      const game = await load(
        'func() -> string',
        'func() -> string',
        RESULT,
        { ask: () => JSON.stringify('x'.repeat(size)) },
        { limits: { fuel: 40_000 } },
      )
      fuels.push(
        await errorOf(async () => game.call()).then(
          ({ code }) => code,
          () => 'fine',
        ),
      )
    }
    expect(fuels).toEqual(['fine', 'OutOfFuel'])
  })
})

describe('a wrong argument', () => {
  it('is the mistake of the caller: the component is not at fault', async () => {
    const { call, runtime, id, errors } = await load(
      'func(item: item)',
      'func(item: item)',
      { ask: '(param i32 i32 f64 i32 i32)', call: `(param i32 i32 f64 i32 i32) ${PASS}` },
      keep,
    )
    const wrong: readonly [unknown, string][] = [
      [undefined, "'item' of 'call' must be an object"],
      [{ name: 'x' }, "'item' of 'call'.weight must be a number of the type f64"],
      [{ name: 1, weight: 1, tags: [] }, "'item' of 'call'.name must be a string"],
      [{ name: 'x', weight: 1, tags: ['a', 2] }, "'item' of 'call'.tags[1] must be a string"],
      [{ name: 'x', weight: 1, tags: ['y'.repeat(2_000_000)] }, 'limits.jsonBytes'],
    ]
    for (const [argument, part] of wrong) {
      const error = await errorOf(() => call(argument))
      expect(['SignatureMismatch', 'TooLarge']).toContain(error.code)
      expect(error.message).toContain(part)
    }
    expect([errors, runtime.script(id).status]).toEqual([[], 'active'])
    call({ name: 'x', weight: 1, tags: [] })
  })
})
