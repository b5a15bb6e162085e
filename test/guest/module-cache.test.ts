import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/abi/limits.ts'
import type { CodePlan } from '../../src/guest/core-module.ts'
import { rewriteLimits } from '../../src/guest/core-module.ts'
import { type CacheCounts, createCacheCounts, ModuleCache } from '../../src/guest/module-cache.ts'
import * as SECTION from '../../src/wasm/format/section.ts'
import { Writer } from '../../src/wasm/format/writer.ts'
import { assembleWat } from '../../src/wasm/text/assemble.ts'
import { codeOf } from '../fixtures/game.ts'

const PLAN: CodePlan = { ...rewriteLimits(DEFAULT_LIMITS), imports: [] }
const WAT = `(module (import "a" "f" (func $f (param i32) (result f32)))
  (func (export "update") (param i32 f32) (drop (call $f (local.get 0)))))`

interface Cached {
  readonly cache: ModuleCache
  readonly counts: CacheCounts
  readonly bytes: Uint8Array<ArrayBuffer>
}

async function create(bounds?: { readonly entries: number; readonly bytes: number }): Promise<Cached> {
  return { cache: new ModuleCache(bounds), counts: createCacheCounts(), bytes: await assembleWat(WAT, 'a.wat') }
}

describe('decoding', () => {
  it('happens once for equal bytes, later and at the same time', async () => {
    const { cache, counts, bytes } = await create()
    const [one, other] = await Promise.all([cache.decode(bytes, counts), cache.decode(bytes.slice(), counts)])
    expect(other).toBe(one)
    expect(await cache.decode(bytes.slice(), counts)).toBe(one)
    expect(counts.decoded).toEqual({ hits: 2, misses: 1 })
  })

  it('happens again for bytes that differ, wherever they do', async () => {
    const { cache, counts, bytes } = await create()
    const longer = Uint8Array.of(...bytes, 0, 4, 1, 97, 1, 2)
    for (const last of [1, 2, 3]) await cache.decode(longer.with(-1, last), counts)
    expect(counts.decoded).toEqual({ hits: 0, misses: 3 })
  })

  it('is not kept if it fails, nor is the refusal of the engine', async () => {
    const { cache, counts, bytes } = await create()
    const malformed = bytes.subarray(0, -1).slice()
    const invalid = await assembleWat('(module (func (export "f") (drop (i32.add (i32.const 1) (i32.const 2)))))', 'a.wat')
    invalid[invalid.lastIndexOf(0x6a)] = 0x7c // i64.add
    for (const wrong of [malformed, malformed, invalid, invalid]) expect(await codeOf(cache.decode(wrong, counts))).toBe('InvalidBinary')
    expect(counts.decoded).toEqual({ hits: 0, misses: 4 })
    expect(cache.stats(counts)).toMatchObject({ entries: 0, bytes: 0 })
  })
})

describe('compiling a large module that is not valid', () => {
  /** More bytes than what is compiled at once. */
  const LENGTH = 100_000
  const column = { price: 1, mayCharge: false, accessor: { access: 'get', type: 'f32', base: 64, capacity: 8 } } as const

  it.each<[string, string, (code: Uint8Array) => void, RegExp]>([
    [
      'a wrong type',
      '(drop (i32.add (i32.const 1) (i32.const 2)))',
      (code) => code.set([0x7c], code.lastIndexOf(0x6a)),
      /i64\.add\[[01]\] expected type i64/,
    ],
    ['an access to the memory of columns', '(drop (memory.size))', () => undefined, /no memory|memory index 0/],
    [
      'a call that cannot be rewritten',
      '(drop (f32.add (f32.const 1) (f32.const 2))) (call $f)',
      (code) => code.set([99], code.lastIndexOf(0x10) + 1),
      /function index #99/,
    ],
  ])('is refused for what the engine finds: %s', async (_, body, spoil, reason) => {
    const { cache, counts } = await create()
    const text = `(module (import "a" "f" (func $column (param i32) (result f32))) (memory 1) (func $f (export "f") ${body}))`
    const assembled = await assembleWat(text, 'a.wat')
    // Without its memory section, whose id follows that of the functions.
    const memory = assembled.indexOf(5, 20)
    const code = Uint8Array.of(...assembled.subarray(0, memory), ...assembled.subarray(memory + 5))
    spoil(code)
    const out = new Writer().bytes(code).byte(SECTION.custom)
    const bytes = out.sized(() => out.bytes(new Uint8Array(LENGTH))).finish()
    const plan = { ...PLAN, imports: [column], inline: { batch: undefined } }
    for (const _ of [1, 2]) {
      const module = await cache.decodeToCompile(bytes, counts)
      await expect(cache.compile(module, plan, counts)).rejects.toThrow(reason)
      expect(await codeOf(cache.decode(bytes, counts))).toBe('InvalidBinary')
    }
    expect(cache.stats(counts).entries).toBe(1)
  })
})

describe('compiling', () => {
  it('happens once for equal modules and plans, later and at the same time', async () => {
    const { cache, counts, bytes } = await create()
    const module = await cache.decode(bytes, counts)
    const [one, other] = await Promise.all([cache.compile(module, PLAN, counts), cache.compile(module, { ...PLAN }, counts)])
    expect(other).toBe(one)
    expect(counts.compiled).toEqual({ hits: 1, misses: 1 })
  })

  const imported = { price: 1, mayCharge: false }
  const accessor = { access: 'get', type: 'f32', base: 64, capacity: 8 } as const
  it.each<[string, Partial<CodePlan>]>([
    ['pages of memory', { memoryPages: 3 }],
    ['elements of tables', { tableElements: 3 }],
    ['bytes of JSON', { jsonBytes: 3 }],
    ['the price of an import', { imports: [imported] }],
    ['whether the host may charge', { imports: [{ ...imported, mayCharge: true }] }],
    ['how an import is inlined', { imports: [{ ...imported, accessor }], inline: { batch: undefined } }],
    ['the address of a column', { imports: [{ ...imported, accessor: { ...accessor, base: 128 } }], inline: { batch: undefined } }],
    ['whether accesses are inlined', { imports: [{ ...imported, accessor }] }],
    ['the address of the batch', { inline: { batch: 64 } }],
    ['whether it is linked with others', { isLinked: true }],
    ['its name', { name: 'plugin' }],
  ])('happens again if this differs: %s', async (_, change) => {
    const { cache, counts, bytes } = await create()
    const module = await cache.decode(bytes, counts)
    const one = await cache.compile(module, PLAN, counts)
    const other = await cache.compile(module, { ...PLAN, ...change }, counts)
    expect(other).not.toBe(one)
    expect(counts.compiled).toEqual({ hits: 0, misses: 2 })
    expect(await cache.compile(module, { ...PLAN, ...change }, counts)).toBe(other)
  })

  it('happens again for another module', async () => {
    const { cache, counts, bytes } = await create()
    const one = await cache.compile(await cache.decode(bytes, counts), PLAN, counts)
    const longer = Uint8Array.of(...bytes, 0, 4, 1, 97, 1, 2)
    expect(await cache.compile(await cache.decode(longer, counts), PLAN, counts)).not.toBe(one)
  })

  it('is not kept if rewriting fails', async () => {
    const { cache, counts } = await create()
    const module = await cache.decode(await assembleWat('(module (memory 9) (func (export "f")))', 'a.wat'), counts)
    const plan = { ...PLAN, memoryPages: 8 }
    for (const _ of [1, 2]) expect(await codeOf(() => cache.compile(module, plan, counts))).toBe('TooLarge')
    expect(counts.compiled).toEqual({ hits: 0, misses: 2 })
    expect(cache.stats(counts).entries).toBe(1)
  })
})

it('keeps no more than its bounds', async () => {
  const { cache, counts, bytes } = await create({ entries: 2, bytes: 10_000 })
  const variants = [1, 2, 3].map((mark) => Uint8Array.of(...bytes, 0, 4, 1, 97, 1, mark))
  for (const variant of variants) await cache.compile(await cache.decode(variant, counts), PLAN, counts)
  expect(cache.stats(counts)).toMatchObject({ entries: 4, bytes: expect.closeTo(4 * bytes.length, -3) })
  for (const variant of variants.toReversed()) await cache.compile(await cache.decode(variant, counts), PLAN, counts)
  expect(counts).toEqual({ decoded: { hits: 2, misses: 4 }, compiled: { hits: 2, misses: 4 } })
})
