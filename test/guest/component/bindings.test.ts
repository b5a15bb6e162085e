import { createRelation, hasComponent } from 'bitecs'
import type { RuntimeOptions, ScriptId } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { ALLOCATOR, component } from '../../fixtures/component.ts'
import { createGame, errorOf, type Game } from '../../fixtures/game.ts'

/** Loads a component that imports a function of an interface and calls it in `call` with the same numbers. */
async function calling(
  name: string,
  type: string,
  core: string,
  options: Parameters<typeof createGame>[0] = {},
): Promise<Game & { readonly id: ScriptId; readonly call: (...numbers: number[]) => unknown }> {
  const [path = '', called = ''] = name.split('#')
  const [pack = '', own = ''] = path.split('/')
  const wit = `package test:all; package ${pack} { interface ${own} { ${called}: ${type}; } }`
  const params = core.match(/\(param ([^)]*)\)/)?.[1]?.split(' ') ?? []
  const locals = params.map((_, index) => `(local.get ${index})`).join(' ')
  const bytes = await component(
    `import ${path}; export call: ${type};`,
    `(module (import "${path}" "${called}" (func $f ${core})) (memory (export "memory") 1) (func (export "call") ${core} (call $f ${locals})))`,
    wit,
  )
  const game = await createGame(options)
  const id = await game.runtime.loadModule(bytes, { name: 'caller' })
  return { ...game, id, call: (...numbers) => game.runtime.call(id, 'call', ...numbers) }
}

const ENTITY = 'func(entity: u32)'

describe('a component imports', () => {
  it('fields by the names of WIT', async () => {
    const { runtime, call } = await calling('game:ecs/health#get-points', 'func(entity: u32) -> s32', '(param i32) (result i32)')
    expect(call(runtime.spawn({ Health: { points: -7 } }))).toBe(-7)
  })

  it('whether an entity has a component, and adds and removes it', async () => {
    const has = await calling('game:ecs/dead#has', 'func(entity: u32) -> bool', '(param i32) (result i32)')
    const [dead, alive] = [has.runtime.spawn({ Dead: {} }), has.runtime.spawn({})]
    expect([has.call(dead), has.call(alive)]).toEqual([1, 0])
    const add = await calling('game:ecs/dead#add', ENTITY, '(param i32)')
    const entity = add.runtime.spawn({})
    add.call(entity)
    expect(hasComponent(add.world, entity, add.components.Dead)).toBe(true)
    const remove = await calling('game:ecs/dead#remove', ENTITY, '(param i32)')
    const other = remove.runtime.spawn({ Dead: {} })
    remove.call(other)
    expect(hasComponent(remove.world, other, remove.components.Dead)).toBe(false)
  })

  it('relations', async () => {
    const relations = { ChildOf: createRelation() }
    const { runtime, call } = await calling('game:ecs/child-of#relate', 'func(entity: u32, target: u32)', '(param i32 i32)', { relations })
    const [one, two] = [runtime.spawn({}), runtime.spawn({})]
    call(one, two)
    const target = await calling('game:ecs/child-of#target', 'func(entity: u32) -> u32', '(param i32) (result i32)', {
      relations: { ChildOf: createRelation() },
    })
    expect(target.call(target.runtime.spawn({}))).toBe(0)
  })

  it('time, math and entities', async () => {
    const seconds = await calling('bitscript:game/time#seconds', 'func() -> f64', '(result f64)')
    seconds.runtime.tick(0.25)
    expect(seconds.call()).toBe(0.25)
    const ticks = await calling('bitscript:game/time#ticks', 'func() -> u32', '(result i32)')
    ticks.runtime.tick(1)
    expect(ticks.call()).toBe(1)
    const { call } = await calling('bitscript:game/math#atan2', 'func(y: f64, x: f64) -> f64', '(param f64 f64) (result f64)')
    expect(call(1, 1)).toBeCloseTo(Math.PI / 4)
    const random = await calling('bitscript:game/math#random', 'func() -> f64', '(result f64)', { seed: 3 })
    expect(random.call()).not.toBe(random.call())
    const exists = await calling('bitscript:game/entities#exists', 'func(entity: u32) -> bool', '(param i32) (result i32)')
    expect([exists.call(exists.runtime.spawn({})), exists.call(900)]).toEqual([1, 0])
  })

  it('events, which have the names of scripts', async () => {
    const { runtime, call } = await calling('game:script/events#big-hit', 'func(power: f32, by: u32)', '(param f32 i32)')
    const heard: unknown[] = []
    runtime.on('event', (event) => heard.push(event))
    call(0.5, 3)
    expect(heard).toEqual([{ name: 'big_hit', args: [0.5, 3], script: 'caller' }])
  })

  it('queries by the components in their names', async () => {
    const count = await calling('game:script/queries#count-health-and-not-dead', 'func() -> u32', '(result i32)')
    count.runtime.spawn({ Health: {} })
    count.runtime.spawn({ Health: {}, Dead: {} })
    count.runtime.spawn({ Health: {} })
    expect(count.call()).toBe(2)
  })

  it('attach other scripts by their names', async () => {
    const attach = await calling('game:script/scripts#attach-drift', 'func(entity: u32)', '(param i32)')
    const drift = await attach.runtime.loadModule('(module (func (export "update") (param i32 f32)))', { name: 'drift' })
    const entity = attach.runtime.spawn({})
    attach.call(entity)
    attach.runtime.tick(1)
    expect(attach.runtime.script(drift).stats.entities).toBe(1)
  })

  it('log lines with a level', async () => {
    const bytes = await component(
      'import bitscript:game/log; export call: func(text: string);',
      `(module (import "bitscript:game/log" "write-level" (func $f (param i32 i32 i32))) ${ALLOCATOR}
        (func (export "call") (param i32 i32) (call $f (i32.const 2) (local.get 0) (local.get 1))))`,
    )
    const { runtime, logs } = await createGame()
    const id = await runtime.loadModule(bytes)
    runtime.callBytes(id, 'call', new TextEncoder().encode('Vorsicht ⚠'))
    expect(logs).toMatchObject([{ level: 'warn', message: 'Vorsicht ⚠' }])
  })

  const host = { audio: { playSound: (_: unknown, n: number) => n * 2 }, 'my:sounds/sound': { play: () => 5 } } as unknown as NonNullable<
    RuntimeOptions['host']
  >
  it('host functions of the module with the name of the interface, in the names of WIT', async () => {
    const { call } = await calling('my:game/audio#play-sound', 'func(n: s32) -> s32', '(param i32) (result i32)', { host })
    expect(call(21)).toBe(42)
    expect((await calling('my:sounds/sound#play', 'func() -> s32', '(result i32)', { host })).call()).toBe(5)
  })

  const UNKNOWN = {
    'game:ecs/healht#get-points': "did you mean 'game:ecs/health'?",
    'game:ecs/health#get-pionts': 'bitscript wit prints',
    'bitscript:game/tmie#ticks': "did you mean 'bitscript:game/time'?",
    'game:script/queries#count-nothing': 'does not exist',
    'wasi:clocks/monotonic-clock#now': 'a game has no WASI',
    'my:game/audio#stop': 'does not exist',
  }
  for (const [name, part] of Object.entries(UNKNOWN)) {
    it(`nothing that does not exist: ${name}`, async () => {
      const error = await errorOf(calling(name, 'func() -> u32', '(result i32)', { host }))
      expect(error.code).toBe('UnknownImport')
      expect(error.message).toContain(part)
    })
  }

  it('nothing of another type', async () => {
    expect((await errorOf(calling('game:ecs/health#get-points', 'func(entity: u32) -> f32', '(param i32) (result f32)'))).code).toBe(
      'ImportTypeMismatch',
    )
  })
})

describe('an export that the game calls', () => {
  const exporting = (name: string, type: string, core: string): Promise<Uint8Array> =>
    component(`export ${name}: ${type};`, `(module ${ALLOCATOR} (func (export "${name}") ${core}))`)
  const MISTAKES: readonly (readonly [name: string, type: string, core: string, part: string])[] = [
    ['update', 'func(entity: u32)', '(param i32)', 'must be func(entity: u32, dt: f32)'],
    ['update', 'func(entity: u64, dt: f32)', '(param i64 f32)', 'is func(entity: u64, dt: f32) and must be'],
    ['tick', 'func()', '', 'must be func(dt: f32)'],
    ['tick', 'func(dt: f32) -> u32', '(param f32) (result i32) (i32.const 0)', 'must be func(dt: f32)'],
    ['on-attach', 'func(entity: string)', '(param i32 i32)', 'must be func(entity: u32)'],
    ['on-hit', 'func(text: string)', '(param i32 i32)', 'must take numbers and return nothing'],
    ['get-state', 'func() -> u32', '(result i32) (i32.const 0)', 'must be func() -> string'],
    ['set-state', 'func(state: list<u8>)', '(param i32 i32)', 'must be func(state: string)'],
    ['init', 'func(config: u32)', '(param i32)', 'must be func() or func(config: string)'],
  ]
  it.each(MISTAKES)('%s is refused as %s', async (name, type, core, part) => {
    const { runtime } = await createGame()
    const error = await errorOf(runtime.loadModule(await exporting(name, type, core)))
    expect(error).toMatchObject({ code: 'SignatureMismatch', export: name })
    expect(error.message).toContain(part)
  })

  it('takes seconds as f64, too, and integers of its own size', async () => {
    const bytes = await component(
      'export tick: func(dt: f64); export on-hit: func(a: u8, b: s16, c: f64); export sum: func() -> f64;',
      `(module (global $sum (mut f64) (f64.const 0))
        (func $add (param f64) (global.set $sum (f64.add (global.get $sum) (local.get 0))))
        (func (export "tick") (param f64) (call $add (local.get 0)))
        (func (export "on-hit") (param i32 i32 f64)
          (call $add (f64.convert_i32_s (local.get 0))) (call $add (f64.convert_i32_s (local.get 1))) (call $add (local.get 2)))
        (func (export "sum") (result f64) (global.get $sum)))`,
    )
    const { runtime } = await createGame()
    const id = await runtime.loadModule(bytes)
    runtime.emit('hit', 257, 65_535, 0.25)
    runtime.tick(0.5)
    // 257 is 1 in eight bits, and 65,535 is -1 in sixteen.
    expect(runtime.call(id, 'sum')).toBe(1 - 1 + 0.25 + 0.5)
  })

  it('is called by each of its names', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(await exporting('get-it', 'func() -> u8', '(result i32) (i32.const 257)'))
    expect([runtime.call(id, 'get-it'), runtime.call(id, 'get_it')]).toEqual([1, 1])
    expect((await errorOf(() => runtime.call(id, 'get-if'))).message).toContain("did you mean 'get-it'?")
  })
})

describe('a call of the game', () => {
  it('passes numbers of the types of WIT, and refuses others', async () => {
    const bytes = await component(
      'export same: func(a: u8, b: s64, c: bool) -> s64;',
      '(module (func (export "same") (param i32 i64 i32) (result i64) (i64.add (local.get 1) (i64.extend_i32_u (i32.add (local.get 0) (local.get 2))))))',
    )
    const { runtime, errors } = await createGame()
    const id = await runtime.loadModule(bytes)
    expect(runtime.call(id, 'same', 255, 5n as never, 1)).toBe(261n)
    expect(runtime.callJson(id, 'same', { a: 1, b: 2, c: true })).toBe(4)
    for (const numbers of [
      [256, 5, 1],
      [-1, 5, 1],
      [1.5, 5, 1],
      [1, 5, 2],
      [1, 5],
    ])
      expect((await errorOf(() => runtime.call(id, 'same', ...numbers))).code).toBe('SignatureMismatch')
    expect(errors).toEqual([])
  })

  it('passes bytes to a list<u8> without a copy as text', async () => {
    const bytes = await component(
      'export echo: func(bytes: list<u8>) -> list<u8>; export size: func() -> list<u8>;',
      `(module ${ALLOCATOR}
        (func (export "echo") (param i32 i32) (result i32) (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
        (func (export "size") (result i32) (i32.store (i32.const 16) (i32.const 0)) (i32.store (i32.const 20) (i32.const 2)) (i32.const 16)))`,
    )
    const { runtime } = await createGame()
    const id = await runtime.loadModule(bytes)
    expect(runtime.callBytes(id, 'echo', Uint8Array.of(255, 0, 128))).toEqual(Uint8Array.of(255, 0, 128))
    expect(runtime.callBytes(id, 'size')?.length).toBe(2)
    expect((await errorOf(() => runtime.callBytes(id, 'size', Uint8Array.of(1)))).code).toBe('SignatureMismatch')
  })

  it('fails with the error of a result, whatever its type', async () => {
    const { runtime, errors } = await createGame()
    const id = await runtime.loadModule(
      await component(
        'export wrong: func() -> result<_, u64>;',
        `(module ${ALLOCATOR} (func (export "wrong") (result i32) (i32.store (i32.const 16) (i32.const 1)) (i64.store (i32.const 24) (i64.const -1)) (i32.const 16)))`,
      ),
    )
    expect(await errorOf(() => runtime.callJson(id, 'wrong'))).toMatchObject({ code: 'GuestError', detail: '"18446744073709551615"' })
    expect(errors).toEqual([])
  })

  it('calls what follows a result once it is read', async () => {
    const bytes = await component(
      'export text: func() -> string; export frees: func() -> u32;',
      `(module ${ALLOCATOR} (global $frees (mut i32) (i32.const 0)) (data (i32.const 32) "\\"abc\\"")
        (func (export "text") (result i32) (i32.store (i32.const 16) (i32.const 32)) (i32.store (i32.const 20) (i32.const 5)) (i32.const 16))
        (func (export "cabi_post_text") (param i32)
          (global.set $frees (i32.add (global.get $frees) (i32.eq (local.get 0) (i32.const 16)))) (i32.store (i32.const 16) (i32.const -1)))
        (func (export "frees") (result i32) (global.get $frees)))`,
    )
    const { runtime } = await createGame()
    const id = await runtime.loadModule(bytes)
    expect([runtime.callJson(id, 'text'), runtime.callJson(id, 'text'), runtime.call(id, 'frees')]).toEqual(['abc', 'abc', 2])
  })

  const WRONG: Readonly<Record<string, readonly [type: string, stores: string]>> = {
    'a text outside the memory': ['string', '(i32.store (i32.const 16) (i32.const 65530)) (i32.store (i32.const 20) (i32.const 100))'],
    'a text that is no UTF-8': [
      'string',
      '(i32.store8 (i32.const 64) (i32.const 255)) (i32.store (i32.const 16) (i32.const 64)) (i32.store (i32.const 20) (i32.const 1))',
    ],
    'a list that is not aligned': ['list<u32>', '(i32.store (i32.const 16) (i32.const 33)) (i32.store (i32.const 20) (i32.const 1))'],
    'a list longer than all memory': [
      'list<tuple<u64, u64>>',
      '(i32.store (i32.const 16) (i32.const 0)) (i32.store (i32.const 20) (i32.const -1))',
    ],
    'a case that does not exist': ['option<u32>', '(i32.store (i32.const 16) (i32.const 2))'],
    'a character that is none': ['tuple<char, char>', '(i32.store (i32.const 16) (i32.const 0xd800))'],
  }
  for (const [what, [type, stores]] of Object.entries(WRONG)) {
    it(`ends with a fault of the component for ${what}`, async () => {
      const { runtime } = await createGame()
      const id = await runtime.loadModule(
        await component(
          `export wrong: func() -> ${type};`,
          `(module ${ALLOCATOR} (func (export "wrong") (result i32) ${stores} (i32.const 16)))`,
        ),
      )
      expect(['InvalidPointer', 'TooLarge']).toContain((await errorOf(() => runtime.callJson(id, 'wrong'))).code)
    })
  }
})
