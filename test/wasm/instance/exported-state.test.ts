import { describe, expect, it } from 'vitest'
import { inlining } from '../../../src/host/inline/inlined-code.ts'
import { describeModule } from '../../../src/index.ts'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { RESERVED } from '../../../src/wasm/format/reserved.ts'
import { type RewriteOptions, rewriteModule } from '../../../src/wasm/rewrite/rewrite.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { codeOf, createGame } from '../../fixtures/game.ts'
import { HAS_TWO_MEMORIES } from '../../fixtures/wasm/memories.ts'

const OPTIONS: RewriteOptions = { memoryPages: 10, tableElements: 20, jsonBytes: 0, manyMemories: HAS_TWO_MEMORIES }
/** State of every kind, some of it exported by the script. */
const STATEFUL = `
  (global $a (mut i32) (i32.const 1)) (global $constant i64 (i64.const 2)) (global $b (export "b") (mut i64) (i64.const 3))
  (global $c (mut f32) (f32.const 4)) (global $d (mut f64) (f64.const 5)) (global $f (mut funcref) (ref.null func)) (global $x (mut externref) (ref.null extern))
  (memory (export "memory") 1 2) (table $t (export "t") 2 funcref) (table $u 3 externref)
  (func (export "a") (result i32) (global.get $a)) (func (export "peek") (result i32) (i32.load (i32.const 8)))
  (func (export "update") (param i32 f32))`

async function exportsOf(wat: string, options: Partial<RewriteOptions> = {}): Promise<WebAssembly.Exports> {
  const rewritten = rewriteModule(decodeModule(await assembleWat(wat, 'script.wat')), { ...OPTIONS, ...options })
  const memories = rewritten.memories.map(({ minimum, maximum }, index) => [
    `${RESERVED.memory}${index}`,
    new WebAssembly.Memory({ initial: minimum, maximum }),
  ])
  const imports = { [RESERVED.module]: { ...Object.fromEntries(memories), [RESERVED.hostMemory]: new WebAssembly.Memory({ initial: 1 }) } }
  return new WebAssembly.Instance(new WebAssembly.Module(rewritten.bytes), imports).exports
}

const kept = (exports: WebAssembly.Exports, prefix: string): string[] =>
  Object.keys(exports)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))

describe('the state of a script', () => {
  // With a batch address, the memory is imported if the engine supports multiple memories.
  it.each([
    ['by itself', {}],
    ['beside the memory of the columns', { inlining: inlining(new Map(), 32) }],
  ])('is exported by index, %s: every mutable global, memory and table', async (_, options) => {
    const exports = await exportsOf(`(module ${STATEFUL})`, options)
    expect(kept(exports, RESERVED.global)).toEqual(['0', '2', '3', '4', '5', '6'])
    expect(kept(exports, RESERVED.memory)).toEqual(['0'])
    expect(kept(exports, RESERVED.table)).toEqual(['0', '1'])
    const global = (index: number): WebAssembly.Global => exports[`${RESERVED.global}${index}`] as WebAssembly.Global
    expect([0, 2, 3, 4, 5].map((index) => global(index).value)).toEqual([1, 3n, 4, 5, null])
    global(2).value = 33n
    expect((exports.b as WebAssembly.Global).value).toBe(33n)
    global(0).value = 77
    ;(exports[RESERVED.fuel] as WebAssembly.Global).value = 1000
    expect((exports.a as () => number)()).toBe(77)
    const memory = exports[`${RESERVED.memory}0`] as WebAssembly.Memory
    expect(memory.buffer).toBe((exports.memory as WebAssembly.Memory).buffer)
    new Uint32Array(memory.buffer)[2] = 99
    expect((exports.peek as () => number)()).toBe(99)
    ;(exports[`${RESERVED.table}0`] as WebAssembly.Table).set(1, exports.a)
    expect((exports.t as WebAssembly.Table).get(1)).toBe(exports.a)
    expect((exports[`${RESERVED.table}1`] as WebAssembly.Table).length).toBe(3)
  })

  it('is exported even if the script exports none of it', async () => {
    const exports = await exportsOf('(module (global (mut i32) (i32.const 1)) (memory 1) (table 1 funcref) (func (export "a")))')
    expect(kept(exports, RESERVED.global)).toEqual(['0'])
    expect(kept(exports, RESERVED.memory)).toEqual(['0'])
    expect(kept(exports, RESERVED.table)).toEqual(['0'])
  })

  it.runIf(HAS_TWO_MEMORIES)('is exported of each of several memories, and not the memory of the columns', async () => {
    const exports = await exportsOf('(module (memory 1) (memory (export "memory") 2) (func (export "update") (param i32 f32)))', {
      inlining: inlining(new Map(), 32),
    })
    expect(kept(exports, RESERVED.memory)).toEqual(['0', '1'])
    const sizes = [0, 1].map((index) => (exports[`${RESERVED.memory}${index}`] as WebAssembly.Memory).buffer.byteLength / 65_536)
    expect(sizes).toEqual([1, 2])
    expect((exports[`${RESERVED.memory}1`] as WebAssembly.Memory).buffer).toBe((exports.memory as WebAssembly.Memory).buffer)
  })

  it('includes v128 globals, which are read and written as two numbers', async () => {
    const exports =
      await exportsOf(`(module (global i32 (i32.const 0)) (global $v (mut v128) (v128.const i64x2 1 -2)) (global v128 (v128.const i64x2 5 6))
      (func (export "low") (result i32) (i32x4.extract_lane 0 (global.get $v))))`)
    expect(kept(exports, RESERVED.global)).toEqual([])
    expect(kept(exports, RESERVED.readVector)).toEqual(['1'])
    const read = exports[`${RESERVED.readVector}1`] as () => unknown
    const write = exports[`${RESERVED.writeVector}1`] as (low: bigint, high: bigint) => void
    expect(read()).toEqual([1n, -2n])
    write(7n, 2n ** 63n - 1n)
    expect(read()).toEqual([7n, 2n ** 63n - 1n])
    ;(exports[RESERVED.fuel] as WebAssembly.Global).value = 1000
    expect((exports.low as () => number)()).toBe(7)
  })

  it('does not include the counters of metering', async () => {
    const exports = await exportsOf('(module (func (export "a")))')
    for (const prefix of [RESERVED.global, RESERVED.memory, RESERVED.table]) expect(kept(exports, prefix)).toEqual([])
    expect(exports[RESERVED.fuel]).toBeInstanceOf(WebAssembly.Global)
  })
})

describe('a reserved export', () => {
  it('cannot be called and is not described', async () => {
    const { runtime } = await createGame()
    const wat = `(module ${STATEFUL} (func $start) (start $start))`
    const id = await runtime.loadModule(wat)
    const { driver, start, fuel, depth, fault, operand, global, memory, table } = RESERVED
    for (const name of [driver, start, fuel, depth, fault, operand, `${global}0`, `${memory}0`, `${table}0`]) {
      expect(await codeOf(() => runtime.call(id, name))).toBe('ExportNotFound')
      expect(await codeOf(() => runtime.callJson(id, name))).toBe('ExportNotFound')
    }
    expect(await codeOf(() => runtime.call(id, driver, 0, 1))).toBe('ExportNotFound')
    for (const described of [await describeModule(wat), await runtime.checkModule(wat)]) {
      expect(described.exports.map(({ name }) => name)).toEqual(['b', 'memory', 't', 'a', 'peek', 'update'])
      expect(described.imports).toEqual([])
      expect(described.functions).toBe(4)
    }
    runtime.emit(driver)
    expect(runtime.tick(1).faults).toBe(0)
  })

  it('is not suggested for a similar name', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule('(module (func (export "a")) (func (export "update") (param i32 f32)))')
    expect(() => runtime.call(id, 'bitscript:drive')).toThrow(/exports no function 'bitscript:drive'(?!.*bitscript:driver)/)
  })
})
