import { describe, expect, it } from 'vitest'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { checkCount, MAX_COUNTS, MAX_LOCALS_BY_BLOCKS, MAX_NESTED } from '../../../src/wasm/format/bounds.ts'
import { rewriteModule } from '../../../src/wasm/rewrite/rewrite.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'
import { type Bytes, binary, leb, section, text, vector } from '../../fixtures/wasm/bytes.ts'

type Module = Uint8Array<ArrayBuffer>

const OPTIONS = { memoryPages: 10, tableElements: 10_000, jsonBytes: 0 }
/** No instruction. */
const UNKNOWN = 0xff
const VOID_TYPE = section(1, vector([0x60, 0x00, 0x00]))

/** Returns bytes that are repeated so many times. */
function times(count: number, entry: Bytes): number[] {
  const bytes: number[] = []
  for (let left = count; left > 0; left--) for (const byte of entry) bytes.push(byte)
  return bytes
}

/** Returns a section with `count` equal entries. */
function many(id: number, count: number, entry: Bytes): number[] {
  const content = leb(count).concat(times(count, entry))
  return [id, ...leb(content.length)].concat(content)
}

/** Makers of modules with a given number of entries of one kind, otherwise valid. */
const KINDS: Readonly<Record<string, (count: number) => Module>> = {
  types: (count) => binary(many(1, count, [0x60, 0x00, 0x00])),
  imports: (count) => binary(VOID_TYPE, many(2, count, [...text('a'), ...text('b'), 0x00, 0x00])),
  functions: (count) => binary(VOID_TYPE, many(3, count, [0x00]), many(10, count, [0x02, 0x00, 0x0b])),
  tables: (count) => binary(many(4, count, [0x70, 0x00, 0x00])),
  memories: (count) => binary(many(5, count, [0x00, 0x00])),
  globals: (count) => binary(many(6, count, [0x7f, 0x00, 0x41, 0x00, 0x0b])),
  tags: (count) => binary(VOID_TYPE, many(13, count, [0x00, 0x00])),
  exports: (count) =>
    binary(
      VOID_TYPE,
      section(3, vector([0x00])),
      section(7, vector(...Array.from({ length: count }, (_, index) => [...text(index.toString(36)), 0x00, 0x00]))),
      section(10, vector([0x02, 0x00, 0x0b])),
    ),
  'element segments': (count) => binary(many(9, count, [0x01, 0x00, 0x00])),
  'data segments': (count) => binary(section(12, leb(count)), many(11, count, [0x01, 0x00])),
}

/** Returns a module of functions without parameters, each with these locals and this code. */
function functions(count: number, locals: number, code: Bytes = []): Module {
  const declared = locals === 0 ? [0x00] : [0x01, ...leb(locals), 0x7f]
  const size = declared.length + code.length + 1
  const entry = [...leb(size), ...declared]
  for (const byte of code) entry.push(byte)
  entry.push(0x0b)
  return binary(VOID_TYPE, many(3, count, [0x00]), many(10, count, entry))
}

describe('the limit', () => {
  it.each(Object.entries(MAX_COUNTS))('of %s is %i', async (kind, limit) => {
    const make = KINDS[kind]
    if (make === undefined) throw new Error(`there is no test module with many ${kind}`)
    expect(decodeModule(make(limit)).bytes.length).toBeGreaterThan(limit)
    const error = await errorOf(() => decodeModule(make(limit + 1)))
    expect([error.code, error.detail]).toEqual(['TooLarge', `it has ${limit + 1} ${kind}, the limit is ${limit}, which no option raises`])
  })

  it('is checked before memory is allocated', async () => {
    // The section has enough bytes, so that only the count is wrong.
    const bytes = binary(VOID_TYPE, section(3, [...leb(2_000_000), ...new Array<number>(2_000_000).fill(0)]))
    expect((await errorOf(() => decodeModule(bytes))).code).toBe('TooLarge')
  })

  it('is checked for kinds that have one', async () => {
    expect(() => checkCount('apples', 10 ** 9)).not.toThrow()
    expect(() => checkCount('apples', 5, 5)).not.toThrow()
    expect((await errorOf(() => checkCount('apples', 6, 5))).detail).toBe('it has 6 apples, the limit is 5, which no option raises')
  })
})

describe('a name', () => {
  const END = [section(3, vector([0x00])), section(10, vector([0x02, 0x00, 0x0b]))] as const
  const importing = (module: string, name: string): Module =>
    binary(VOID_TYPE, section(2, vector([...text(module), ...text(name), 0x00, 0x00])))
  const exporting = (name: string): Module => binary(VOID_TYPE, END[0], section(7, vector([...text(name), 0x00, 0x00])), END[1])

  it.each([
    ['the module of an import', (name: string) => importing(name, 'b')],
    ['the name of an import', (name: string) => importing('a', name)],
    ['the name of an export', exporting],
  ])('may have 10,000 characters as %s', async (what, make) => {
    expect(() => decodeModule(make('ü'.repeat(10_000)))).not.toThrow()
    const { code, detail } = await errorOf(() => decodeModule(make('n'.repeat(100_000))))
    expect([code, detail]).toEqual(['TooLarge', `it has 100000 characters in ${what}, the limit is 10000, which no option raises`])
  })
})

describe('local variables', () => {
  it('of one function are limited to what engines support, less those that metering adds', async () => {
    expect(decodeModule(functions(1, 49_968)).bodies).toHaveLength(1)
    expect(WebAssembly.validate(rewriteModule(decodeModule(functions(1, 49_968)), OPTIONS).bytes)).toBe(true)
    const error = await errorOf(() => decodeModule(functions(2, 49_969)))
    expect([error.code, error.detail]).toEqual([
      'TooLarge',
      'it has 49969 local variables in function 0, the limit is 49968, which no option raises',
    ])
    expect(await codeOf(() => decodeModule(functions(1, 0xffff_ffff)))).toBe('TooLarge')
  })

  it('of all functions are limited to two million', async () => {
    expect(decodeModule(functions(50, 40_000)).bodies).toHaveLength(50)
    const error = await errorOf(() => decodeModule(functions(51, 40_000)))
    expect([error.code, error.detail]).toEqual([
      'TooLarge',
      'it has 2040000 local variables in total, the limit is 2000000, which no option raises',
    ])
  })

  it('are refused if a small file declares millions', async () => {
    const bytes = functions(2000, 40_000)
    expect(bytes.length).toBeLessThan(20_000)
    const { runtime } = await createGame()
    expect((await errorOf(runtime.loadModule(bytes))).code).toBe('TooLarge')
    expect(runtime.scripts()).toEqual([])
  })

  it('are counted over all groups of a function, of any type', async () => {
    const of = (last: number): Module => {
      const groups = [...new Array<Bytes>(9).fill([...leb(5000), 0x7e]), [...leb(last), 0x70]]
      const body = [...vector(...groups), 0x0b]
      return binary(VOID_TYPE, section(3, vector([0x00])), section(10, vector([...leb(body.length), ...body])))
    }
    expect(decodeModule(of(4968)).bodies).toHaveLength(1)
    expect((await errorOf(() => decodeModule(of(4969)))).detail).toContain('49969 local variables in function 0')
  })

  it('times blocks are limited, since engines process each local where control flow merges', async () => {
    const loop = [0x03, 0x40, 0x0b]
    const blocks = 1199
    // The function body counts as a block.
    expect((blocks + 1) * 10_000).toBe(MAX_LOCALS_BY_BLOCKS)
    expect(rewriteModule(decodeModule(functions(1, 10_000, times(blocks, loop))), OPTIONS).bytes.length).toBeGreaterThan(blocks)
    const error = await errorOf(() => rewriteModule(decodeModule(functions(1, 10_000, times(blocks + 1, loop))), OPTIONS))
    expect([error.code, error.detail]).toEqual([
      'TooLarge',
      'it has 12010000 local variables times blocks, the limit is 12000000, which no option raises',
    ])
    // It is not even scanned to its end, where an instruction is unknown.
    const spread = functions(13, 1000, times(1000, loop))
    spread[spread.length - 1] = UNKNOWN
    expect((await errorOf(() => rewriteModule(decodeModule(spread), OPTIONS))).detail).toContain('local variables times blocks')
  })
})

describe('what takes engines more than linear time to compile', () => {
  const params = (count: number, type = 'i32'): string => `(param${` ${type}`.repeat(count)})`
  const rewritten = async (wat: string): Promise<unknown> =>
    rewriteModule(decodeModule(await assembleWat(`(module ${wat})`, 'bounds.wat')), OPTIONS)

  it.each([
    [
      'operands under blocks',
      (count: number) => `(func ${'i32.const 1 '.repeat(10_000)} ${'loop end '.repeat(count)} ${'drop '.repeat(10_000)})`,
      1000,
      1500,
      'operands times blocks',
    ],
    [
      'values that handlers catch',
      (count: number) => `(tag $t ${params(500)}) (func ${`(try (do) (catch $t ${'drop '.repeat(500)}))`.repeat(count)})`,
      990,
      1010,
      'operands carried by branches',
    ],
    [
      'results of calls',
      (count: number) => `(func $f (result${' i32'.repeat(900)}) unreachable) (func ${`call $f ${'drop '.repeat(900)}`.repeat(count)})`,
      60,
      62,
      'results of calls times operands and results',
    ],
  ])('is limited: %s', async (_, make, allowed, refused, what) => {
    expect(await rewritten(make(allowed))).toBeDefined()
    const error = await errorOf(rewritten(make(refused)))
    expect([error.code, error.detail]).toEqual(['TooLarge', expect.stringContaining(what)])
  })

  it('is limited: float parameters of imports, but not integers', async () => {
    const importing = (count: number, type: string): string => `(import "game" "f" (func ${params(count, type)}))`
    expect(await rewritten(importing(447, 'f64'))).toBeDefined()
    expect(await rewritten(importing(1000, 'i64'))).toBeDefined()
    const error = await errorOf(rewritten(importing(448, 'f64')))
    expect([error.code, error.detail]).toEqual([
      'TooLarge',
      'it has 200704 float parameters of imports, squared, the limit is 200000, which no option raises',
    ])
  })
})

describe('a function', () => {
  const nested = (depth: number): Module => functions(1, 0, times(depth, [0x02, 0x40]).concat(times(depth, [0x0b])))

  it('is refused with more nested blocks than the limit', async () => {
    expect(rewriteModule(decodeModule(nested(MAX_NESTED - 1)), OPTIONS).bytes.length).toBeGreaterThan(MAX_NESTED)
    const error = await errorOf(() => rewriteModule(decodeModule(nested(MAX_NESTED)), OPTIONS))
    expect([error.code, error.detail]).toEqual(['TooLarge', 'it has 50001 nested blocks, the limit is 50000, which no option raises'])
  })

  it('is refused if it is too large for engines after metering', async () => {
    const loops = (count: number): Module => functions(1, 0, times(count, [0x03, 0x40, 0x41, 0x00, 0x0d, 0x00, 0x0b]))
    expect(WebAssembly.validate(rewriteModule(decodeModule(loops(1000)), OPTIONS).bytes)).toBe(true)
    const bytes = loops(400_000)
    expect(bytes.length).toBeLessThan(3_000_000)
    const error = await errorOf(() => rewriteModule(decodeModule(bytes), OPTIONS))
    expect([error.code, error.detail]).toEqual([
      'TooLarge',
      expect.stringMatching(/^it has \d+ bytes in function 0 after metering, the limit/),
    ])
  })
})

describe('tables', () => {
  const tables = (count: number, minimum: number): Module =>
    binary(
      VOID_TYPE,
      section(3, vector([0x00])),
      many(4, count, [0x70, 0x00, ...leb(minimum)]),
      section(7, vector([...text('a'), 0x00, 0x00])),
      section(10, vector([0x02, 0x00, 0x0b])),
    )

  it.each([
    [1, 10_001],
    [2, 5001],
    [1000, 10_000],
    [1000, 11],
  ])('share the limit of elements: %i tables with %i elements are refused', async (count, minimum) => {
    const { runtime } = await createGame()
    const error = await errorOf(runtime.loadModule(tables(count, minimum)))
    expect([error.code, error.message]).toEqual(['TooLarge', expect.stringContaining('limits.tableElements')])
  })

  it('may have as many elements as the limit together', async () => {
    const { runtime } = await createGame()
    for (const [count, minimum] of [
      [1, 10_000],
      [100, 100],
      [1000, 10],
    ] as const)
      await runtime.loadModule(tables(count, minimum))
    expect(runtime.scripts()).toHaveLength(3)
  })

  it('are refused by number before their sizes', async () => {
    const { runtime } = await createGame()
    const error = await errorOf(runtime.loadModule(tables(1001, 10_000)))
    expect([error.code, error.message]).toEqual(['TooLarge', expect.stringContaining('1001 tables')])
  })
})
