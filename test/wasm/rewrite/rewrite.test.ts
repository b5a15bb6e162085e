import { describe, expect, it } from 'vitest'
import { PAGE_BYTES } from '../../../src/abi/types.ts'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { RESERVED } from '../../../src/wasm/format/reserved.ts'
import { type RewriteOptions, type RewrittenModule, rewriteModule } from '../../../src/wasm/rewrite/rewrite.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { codeOf, errorOf } from '../../fixtures/game.ts'
import { customSection, text } from '../../fixtures/wasm/bytes.ts'
import { HAS_TWO_MEMORIES } from '../../fixtures/wasm/memories.ts'
import { realModules } from '../../fixtures/wasm/modules.ts'

const OPTIONS: RewriteOptions = { memoryPages: 10, tableElements: 20, jsonBytes: PAGE_BYTES }

async function rewrite(wat: string, options: Partial<RewriteOptions> = {}): Promise<RewrittenModule> {
  return rewriteModule(decodeModule(await assembleWat(wat, 'script.wat')), { ...OPTIONS, ...options })
}

const limitsOf = async (wat: string): Promise<unknown> => {
  const { memories, tables } = decodeModule((await rewrite(wat)).bytes)
  return [...memories, ...tables.map((table) => table.limits)].map(({ minimum, maximum }) => [minimum, maximum])
}

describe('rewriteModule', () => {
  it('limits every memory and table, and keeps lower limits', async () => {
    expect(await limitsOf('(module (memory 1))')).toEqual([[1, 10]])
    expect(await limitsOf('(module (memory 1 5))')).toEqual([[1, 5]])
    expect(await limitsOf('(module (memory 1 500))')).toEqual([[1, 10]])
    expect(await limitsOf('(module (table 3 funcref))')).toEqual([[3, 20]])
    expect(await limitsOf('(module (table 3 7 externref))')).toEqual([[3, 7]])
    expect(await limitsOf('(module (table 20 900 funcref))')).toEqual([[20, 20]])
  })

  it('divides the limit between several tables', async () => {
    expect(await limitsOf('(module (table 3 funcref) (table 4 6 externref) (table 1 900 funcref))')).toEqual([
      [3, 7],
      [4, 6],
      [1, 5],
    ])
    expect(await codeOf(rewrite('(module (table 11 funcref) (table 10 funcref))'))).toBe('TooLarge')
  })

  it('keeps the sections that debuggers read: DWARF and the URL of a source map', async () => {
    const custom = [
      customSection('.debug_info', [1, 2, 3]),
      customSection('.debug_line', [4, 5]),
      customSection('sourceMappingURL', text('game.map')),
    ]
    const bytes = new Uint8Array([...(await assembleWat('(module (func (export "f") (loop)))', 'script.wat')), ...custom.flat()])
    const rewritten = WebAssembly.Module.customSections.bind(
      undefined,
      await WebAssembly.compile(rewriteModule(decodeModule(bytes), OPTIONS).bytes),
    )
    expect([...new Uint8Array(rewritten('.debug_info')[0] as ArrayBuffer)]).toEqual([1, 2, 3])
    expect([...new Uint8Array(rewritten('.debug_line')[0] as ArrayBuffer)]).toEqual([4, 5])
    expect([...new Uint8Array(rewritten('sourceMappingURL')[0] as ArrayBuffer)]).toEqual(text('game.map'))
  })

  it('refuses larger initial sizes', async () => {
    expect((await errorOf(rewrite('(module (memory 11))'))).message).toContain('limits.memoryPages')
    expect((await errorOf(rewrite('(module (table 21 funcref))'))).message).toContain('limits.tableElements')
    expect(await codeOf(rewrite('(module (memory 11))'))).toBe('TooLarge')
  })

  it('adds the host arena to the limit of the memory', async () => {
    const text = '(func (export "set_state") (param i32 i32))'
    const rewritten = await rewrite(`(module (memory (export "memory") 2 5) ${text})`)
    expect(rewritten.arena).toEqual({ memory: 0, start: 2 * PAGE_BYTES, end: 3 * PAGE_BYTES })
    expect(await limitsOf(`(module (memory (export "memory") 2 5) ${text})`)).toEqual([[3, 6]])
    expect(await limitsOf(`(module (memory (export "memory") 2) ${text})`)).toEqual([[3, 11]])
    const without = [
      '(module (memory (export "memory") 2 5))',
      `(module (memory 2 5) ${text})`,
      `(module (memory (export "memory") 2 5) ${text} (func (export "alloc") (param i32) (result i32) (i32.const 0)))`,
    ]
    for (const wat of without) {
      expect((await rewrite(wat)).arena).toBeUndefined()
      expect(await limitsOf(wat)).toEqual([[2, 5]])
    }
  })

  it('exports the start function, which the host calls once the fuel is set', async () => {
    const { bytes } = await rewrite(
      '(module (global $ran (export "ran") (mut i32) (i32.const 0)) (func $go (global.set $ran (i32.const 1))) (start $go))',
    )
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    const ran = exports.ran as WebAssembly.Global
    expect(ran.value).toBe(0)
    ;(exports[RESERVED.fuel] as WebAssembly.Global).value = 100
    ;(exports[RESERVED.start] as () => void)()
    expect(ran.value).toBe(1)
  })

  it.skipIf(!HAS_TWO_MEMORIES)('lets all memories grow to the pages that the host sets, together', async () => {
    const text = `(module (memory $a 1) (memory $b 2)
      (func (export "a") (param i32) (result i32) (memory.grow $a (local.get 0)))
      (func (export "b") (param i32) (result i32) (memory.grow $b (local.get 0))))`
    const module = decodeModule(await assembleWat(text, 'script.wat'))
    const rewritten = rewriteModule(module, { ...OPTIONS, memoryPages: 100, manyMemories: true })
    expect(rewritten.growsMemory).toBe(true)
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(rewritten.bytes))
    const { a, b } = exports as Record<string, (pages: number) => number>
    ;(exports[RESERVED.fuel] as WebAssembly.Global).value = 1_000_000
    expect([a?.(1), b?.(1)]).toEqual([1, 2])
    ;(exports[RESERVED.pages] as WebAssembly.Global).value = 8
    expect([a?.(4), b?.(4), a?.(2), b?.(-1), b?.(1), a?.(1), b?.(0)]).toEqual([-1, -1, 2, -1, 3, -1, 4])
  })

  it('keeps every index and name', async () => {
    const bytes = await assembleWat(
      `(module (import "a" "b" (func $imported)) (import "a" "g" (global i32)) (global $own (export "own") (mut i32) (i32.const 5))
        (table 1 funcref) (elem (i32.const 0) $last) (func $first (export "first") (call $imported) (call $last)) (func $last (global.set $own (i32.const 6))))`,
      'script.wat',
    )
    const before = decodeModule(bytes)
    const after = decodeModule(rewriteModule(before, OPTIONS).bytes)
    expect(after.imports).toEqual(before.imports)
    expect(after.functions).toEqual(before.functions)
    expect(after.exports.slice(0, before.exports.length)).toEqual(before.exports)
    expect(after.globals.slice(0, before.globals.length).map(({ mutable }) => mutable)).toEqual([false, true])
    expect(after.names).toEqual(before.names)
  })

  it('refuses a module that exports a reserved name', async () => {
    expect(await codeOf(rewrite('(module (func (export "bitscript:fuel")))'))).toBe('InvalidBinary')
  })

  it('returns the same bytes for the same module', async () => {
    const wat = '(module (memory 1) (func (export "a") (loop (br 0))))'
    expect((await rewrite(wat)).bytes).toEqual((await rewrite(wat)).bytes)
  })

  it('returns a valid module for every real module', async () => {
    for (const [name, bytes] of Object.entries(await realModules())) {
      let rewritten: RewrittenModule
      try {
        rewritten = rewriteModule(decodeModule(bytes as Uint8Array<ArrayBuffer>), {
          memoryPages: 1000,
          tableElements: 10_000,
          jsonBytes: PAGE_BYTES,
        })
      } catch (error) {
        expect((error as Error).message, name).toMatch(/scripts (may|can)not/)
        continue
      }
      expect(WebAssembly.validate(rewritten.bytes), name).toBe(true)
    }
  })

  it('refuses more locals than engines accept after metering', async () => {
    const body = [0x01, ...[0xcf, 0x86, 0x03], 0x7f, 0x0b] // 49,999 locals
    const module = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, body.length + 2, 1, body.length, ...body]
    expect(await codeOf(() => rewriteModule(decodeModule(Uint8Array.from(module)), OPTIONS))).toBe('TooLarge')
  })
})

describe('an instruction that scripts may not use', () => {
  const running = (...code: number[]): (() => unknown) => {
    const body = [0x00, ...code, 0x0b]
    const module = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, body.length + 2, 1, body.length, ...body]
    return () => rewriteModule(decodeModule(Uint8Array.from(module)), OPTIONS)
  }

  it.each([
    ['atomics', [0xfe, 0x03, 0x00], /atomic instructions.*offset 0x17/],
    ['relaxed SIMD', [0xfd, 0x80, 0x02], /relaxed SIMD.*offset 0x17/],
    ['the relaxed instruction of groups', [0xfd, 0x8b, 0x02], /relaxed SIMD.*offset 0x17/],
    ['structs', [0xfb, 0x00, 0x00], /structs and arrays.*offset 0x17/],
    ['one that nobody knows', [0x27], /0x27 is not known.*offset 0x17/],
    ['one behind a prefix that nobody knows', [0xfc, 0x20], /0xfc 32 is not known/],
    ['a SIMD one that nobody knows', [0xfd, 0xff, 0x7f], /SIMD instruction 16383 is not known/],
    ['a branch to nowhere', [0x0c, 0x05], /no label 5/],
    ['an else without an if', [0x05], /else without its if/],
  ])('(%s) is refused with its offset', async (_, code, message) => {
    const error = await errorOf(running(...code))
    expect(error.code).toBe('InvalidBinary')
    expect(error.message).toMatch(message)
  })
})
