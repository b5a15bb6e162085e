import { createWorld } from 'bitecs'
import { type CacheStats, defineComponents, type LoadOptions, type ScriptSource, WasmScriptRuntime } from 'bitscript'
import { beforeEach, describe, expect, it } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { component } from '../../fixtures/component.ts'
import { codeOf } from '../../fixtures/game.ts'
import { plugin } from '../../fixtures/plugin.ts'

/** All runtimes share the cache, so each test has a module of its own. */
let mark = 0
beforeEach(() => {
  mark++
})

/** Makes `Position.x` grow by 1 a tick. */
const mover = (): string => `(module
  (import "ecs.get" "Position.x" (func $get (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set (param i32 f32)))
  (global i32 (i32.const ${mark}))
  (func (export "update") (param i32 f32) (call $set (local.get 0) (f32.add (call $get (local.get 0)) (f32.const 1)))))`

async function create(schema: Record<string, Record<string, 'f32'>> = { Position: { x: 'f32' } }) {
  const components = defineComponents(schema, { capacity: 100 })
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), components, host: { game: { beep: () => undefined } } })
  let count = 0
  /** Loads a source. Returns what the cache did: hits and misses of decoding, and of compiling. */
  const load = async (source: ScriptSource, options: LoadOptions = {}): Promise<string> => {
    const before = runtime.cacheStats()
    await runtime.loadModule(source, { name: `script ${count++}`, ...options })
    return used(before, runtime.cacheStats())
  }
  return { runtime, load }
}

function used(before: CacheStats, after: CacheStats): string {
  const part = (name: 'decoded' | 'compiled'): string =>
    `${name}: ${after[name].hits - before[name].hits} hits, ${after[name].misses - before[name].misses} misses`
  return `${part('decoded')}; ${part('compiled')}`
}

const ALL_NEW = 'decoded: 0 hits, 1 misses; compiled: 0 hits, 1 misses'
const REWRITTEN = 'decoded: 1 hits, 0 misses; compiled: 0 hits, 1 misses'
const NOTHING_NEW = 'decoded: 1 hits, 0 misses; compiled: 1 hits, 0 misses'

describe('the same bytes', () => {
  it('are decoded, rewritten and compiled once for several scripts', async () => {
    const { load } = await create()
    const bytes = await assembleWat(mover(), 'mover.wat')
    expect(await load(bytes)).toBe(ALL_NEW)
    expect(await load(bytes)).toBe(NOTHING_NEW)
    expect(await load(mover())).toBe(NOTHING_NEW)
  })

  it('are decoded, rewritten and compiled once for a script that is edited and edited back', async () => {
    const { runtime } = await create()
    const id = await runtime.loadModule(mover())
    await runtime.reloadModule(id, mover().replace('f32.add', 'f32.sub'))
    const before = runtime.cacheStats()
    await runtime.reloadModule(id, mover())
    expect(used(before, runtime.cacheStats())).toBe(NOTHING_NEW)
    expect(runtime.script(id).generation).toBe(3)
  })

  it('are decoded, rewritten and compiled once for runtimes whose components lie at the same addresses', async () => {
    const [one, other] = [await create(), await create()]
    expect(await one.load(mover())).toBe(ALL_NEW)
    expect(await other.load(mover())).toBe(NOTHING_NEW)
  })

  it('make scripts that do not share memory or globals', async () => {
    const { runtime } = await create()
    const counter = `(module (global i32 (i32.const ${mark})) (global $n (mut i32) (i32.const 0)) (memory (export "memory") 1)
      (func (export "count") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1)))
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 10))) (i32.add (global.get $n) (i32.load (i32.const 0)))))`
    const [one, other] = [await runtime.loadModule(counter, { name: 'one' }), await runtime.loadModule(counter, { name: 'other' })]
    expect([runtime.call(one, 'count'), runtime.call(one, 'count'), runtime.call(other, 'count')]).toEqual([11, 22, 11])
  })
})

describe('the same bytes are rewritten again', () => {
  it('under another limit that rewriting depends on, and not under one that it does not', async () => {
    const { load } = await create()
    await load(mover())
    expect(await load(mover(), { limits: { memoryPages: 7 } })).toBe(REWRITTEN)
    expect(await load(mover(), { limits: { fuel: 1000 } })).toBe(NOTHING_NEW)
  })

  it('if columns lie elsewhere, and then reach those', async () => {
    const one = await create()
    await one.load(mover())
    const { runtime, load } = await create({ Other: { x: 'f32', y: 'f32' }, Position: { x: 'f32' } })
    expect(await load(mover())).toBe(REWRITTEN)
    const entity = runtime.spawn({ Position: { x: 5 } })
    runtime.attach(entity, runtime.scripts()[0]?.id as never)
    runtime.tick(1)
    const { Position, Other } = runtime.components as unknown as Record<string, Record<string, Float32Array>>
    expect([Position?.x?.[entity], Other?.x?.[entity], Other?.y?.[entity]]).toEqual([6, 0, 0])
  })

  it('with host functions in the place of inlined accesses', async () => {
    const { load } = await create()
    await load(mover(), { link: 'inline' })
    expect(await load(mover(), { link: 'host' })).toBe(REWRITTEN)
  })
})

describe('what is cached', () => {
  it('does not bring back what a script was granted', async () => {
    const { runtime, load } = await create()
    await load(mover())
    expect(await codeOf(runtime.loadModule(mover(), { name: 'other', grant: { read: ['Position'] } }))).toBe('GrantDenied')
  })

  it('does not hold mistakes', async () => {
    const { runtime } = await create()
    const wrong = `(module (global i32 (i32.const ${mark})) (memory 2) (func (export "update") (param i32 f32)))`
    for (const _ of [1, 2]) expect(await codeOf(runtime.loadModule(wrong, { limits: { memoryPages: 1 } }))).toBe('TooLarge')
    expect(runtime.cacheStats().compiled.hits).toBe(0)
    expect(await runtime.loadModule(wrong)).toBeGreaterThan(0)
  })

  it('is unaffected when a game changes the bytes that it gave', async () => {
    const { load } = await create()
    const bytes = await assembleWat(mover(), 'mover.wat')
    const given = bytes.slice()
    await load(given)
    given.fill(0)
    expect(await load(bytes)).toBe(NOTHING_NEW)
  })
})

describe('an Extism plugin', () => {
  const echo = (): string => plugin(`(global i32 (i32.const ${mark})) (func (export "echo") (result i32) (i32.const 0))`)
  /** With its kernel, which is a module of its own. */
  const BOTH = 'decoded: 2 hits, 0 misses; compiled: 2 hits, 0 misses'

  it('is decoded, rewritten and compiled once, with its kernel', async () => {
    const { load } = await create()
    await load(echo())
    expect(await load(echo())).toBe(BOTH)
    expect(await load(echo(), { limits: { memoryPages: 77 + mark } })).toBe('decoded: 2 hits, 0 misses; compiled: 0 hits, 2 misses')
  })

  it('shares nothing that is rewritten with a script of the same bytes', async () => {
    const { load } = await create()
    const module = `(module (global i32 (i32.const ${mark})) (func (export "run") (result i32) (i32.const 0)))`
    await load(module)
    expect(await load(module, { guest: 'extism' })).toMatch(/compiled: [01] hits, [12] misses/)
  })

  it('finds the modules of its manifest in the cache', async () => {
    const { load } = await create()
    const library = await assembleWat(
      `(module (global i32 (i32.const ${mark})) (func (export "one") (result i32) (i32.const 1)))`,
      'library.wat',
    )
    const main = await assembleWat(plugin(`(global i32 (i32.const ${mark})) (func (export "zero") (result i32) (i32.const 0))`), 'main.wat')
    const data = (bytes: Uint8Array): { data: string } => ({ data: Buffer.from(bytes).toString('base64') })
    const manifest = {
      wasm: [
        { name: 'library', ...data(library) },
        { name: 'main', ...data(main) },
      ],
    }
    await load(manifest)
    expect(await load(manifest)).toBe('decoded: 3 hits, 0 misses; compiled: 3 hits, 0 misses')
  })
})

describe('a component', () => {
  it('finds its core modules in the cache', async () => {
    const { runtime, load } = await create()
    const bytes = await component(
      'export update: func(entity: u32, dt: f32);',
      `(module (global i32 (i32.const ${mark})) (func (export "update") (param i32 f32)))`,
    )
    await load(bytes)
    const { decoded, compiled } = runtime.cacheStats()
    await load(bytes)
    expect(runtime.cacheStats()).toMatchObject({
      decoded: { hits: decoded.hits + decoded.misses, misses: decoded.misses },
      compiled: { hits: compiled.hits + compiled.misses, misses: compiled.misses },
    })
  })
})

it('counts the loads of one runtime, and the entries of all', async () => {
  const one = await create()
  await one.load(mover())
  const { runtime } = await create()
  expect(runtime.cacheStats()).toMatchObject({ decoded: { hits: 0, misses: 0 }, compiled: { hits: 0, misses: 0 } })
  expect(runtime.cacheStats().entries).toBeGreaterThanOrEqual(2)
  expect(runtime.cacheStats().bytes).toBeGreaterThan(100)
})
