import { describe, expect, it } from 'vitest'
import { LIMIT_RANGES } from '../../../src/abi/limits.ts'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { RESERVED } from '../../../src/wasm/format/reserved.ts'
import { FRAME, MAX_DEPTH } from '../../../src/wasm/rewrite/depth-code.ts'
import { rewriteModule } from '../../../src/wasm/rewrite/rewrite.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { binary, leb, section, vector } from '../../fixtures/wasm/bytes.ts'

const BUDGET = 1_000_000

/** Calls `run` of a module. Returns its result or trap, the fuel spent, and what `left` returns afterwards, if the module exports that. */
async function spend(wat: string, budget = BUDGET, ...args: number[]): Promise<{ result: unknown; fuel: number; left: unknown }> {
  const { bytes } = rewriteModule(decodeModule(await assembleWat(wat, 'script.wat')), {
    memoryPages: 10,
    tableElements: 10,
    jsonBytes: 100,
  })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
  const fuel = exports[RESERVED.fuel] as WebAssembly.Global
  fuel.value = budget
  let result: unknown
  try {
    result = (exports.run as (...args: number[]) => unknown)(...args)
  } catch (error) {
    result = (error as Error).message
  }
  const spent = budget - fuel.value
  fuel.value = budget
  return { result, fuel: spent, left: (exports.left as undefined | (() => unknown))?.() }
}

const run = (body: string, more = ''): string => `(module ${more} (func (export "run") (param i32) (result i32) (local i32) ${body}))`

/** Modules and the fuel they burn: one unit for each instruction reached, including `end` and `else`. */
const TABLE: readonly [string, string, number, unknown, number][] = [
  ['a constant', run('(i32.const 7)'), 0, 7, 2],
  ['three instructions', run('(i32.add (local.get 0) (i32.const 1))'), 4, 5, 4],
  ['if, taken', run('(if (local.get 0) (then (nop) (nop))) (i32.const 1)'), 1, 1, 7],
  ['if, not taken', run('(if (local.get 0) (then (nop) (nop))) (i32.const 1)'), 0, 1, 4],
  ['if and else, taken', run('(if (result i32) (local.get 0) (then (i32.const 1)) (else (nop) (i32.const 2)))'), 1, 1, 5],
  ['if and else, not taken', run('(if (result i32) (local.get 0) (then (i32.const 1)) (else (nop) (i32.const 2)))'), 0, 2, 6],
  ['a loop of ten', run('(loop $l (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $l (local.get 0))) (i32.const 0)'), 10, 0, 64],
  ['code behind a branch', run('(block $b (br $b) (nop) (loop (br 0))) (i32.const 0)'), 0, 0, 4],
  ['code behind a return', run('(return (i32.const 3)) (nop) (nop)'), 0, 3, 2],
  ['a table of branches', run('(block $a (block $b (br_table $a $b (local.get 0))) (return (i32.const 1))) (i32.const 2)'), 0, 2, 6],
  ['a call', run('(call $one)', '(func $one (result i32) (nop) (i32.const 1))'), 0, 1, 5],
  [
    'a call through a table',
    run('(call_indirect (result i32) (i32.const 0))', '(table funcref (elem $one)) (func $one (result i32) (i32.const 1))'),
    0,
    1,
    5,
  ],
  [
    'recursion',
    run(
      '(call $sum (local.get 0))',
      '(func $sum (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (local.get 0) (call $sum (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))',
    ),
    10,
    55,
    108,
  ],
  [
    'a tail call',
    run(
      '(return_call $down (local.get 0))',
      '(func $down (param i32) (result i32) (if (i32.eqz (local.get 0)) (then (return (i32.const 9)))) (return_call $down (i32.sub (local.get 0) (i32.const 1))))',
    ),
    100,
    9,
    707,
  ],
  [
    'an exception, caught',
    run('(try (result i32) (do (call $fail) (i32.const 1)) (catch $e))', '(tag $e (param i32)) (func $fail (throw $e (i32.const 8)))'),
    0,
    8,
    // The throw with 10 units of stack to unwind, and the clause.
    8 + 400 + 32 * 10 + 20,
  ],
  [
    'filling 1,000 bytes',
    run('(memory.fill (i32.const 0) (i32.const 1) (local.get 0)) (i32.const 0)', '(memory 1)'),
    1000,
    0,
    6 + 30 + 250,
  ],
  ['copying 1,000 bytes', run('(memory.copy (i32.const 0) (i32.const 9) (local.get 0)) (i32.const 0)', '(memory 1)'), 1000, 0, 6 + 250],
  [
    'filling more bytes than the memory has',
    run('(memory.fill (i32.const 0) (i32.const 1) (local.get 0)) (i32.const 0)', '(memory 1)'),
    -1,
    'memory access out of bounds',
    6 + 30,
  ],
  [
    'copying more elements than the table has',
    run('(table.copy (i32.const 0) (i32.const 0) (local.get 0)) (i32.const 0)', '(table 1 funcref)'),
    -1,
    'table index is out of bounds',
    6 + 30,
  ],
  ['growing a memory', run('(memory.grow (local.get 0))', '(memory 1)'), 1, 1, 3 + 800 + 5000],
  ['growing a memory in vain', run('(memory.grow (local.get 0))', '(memory 1)'), 60_000, -1, 3 + 800],
  ['growing a table', run('(table.grow 0 (ref.null func) (local.get 0))', '(table 1 funcref)'), 1, 1, 4 + 800 + 4],
  ['a trap', run('(if (local.get 0) (then (drop (i32.div_u (i32.const 1) (i32.const 0))))) (i32.const 1)'), 1, 'divide by zero', 9],
  ['SIMD', run('(i32x4.extract_lane 1 (i32x4.splat (local.get 0)))'), 6, 6, 4],
]

describe('the fuel that a module burns', () => {
  it.each(TABLE)('by %s', async (_, wat, argument, result, fuel) => {
    expect(await spend(wat, BUDGET, argument)).toMatchObject({ result, fuel })
  })

  it('ends the module with unreachable when used up, after charging for the whole path', async () => {
    const { result, fuel } = await spend(run('(loop $l (br $l)) (i32.const 0)'), 1000, 0)
    expect(result).toBe('unreachable')
    expect(fuel).toBeGreaterThan(1000)
    expect(fuel).toBeLessThan(1010)
  })

  it('is enough or one unit short', async () => {
    const wat = run('(loop $l (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $l (local.get 0))) (i32.const 0)')
    const { fuel } = await spend(wat, BUDGET, 10)
    expect((await spend(wat, fuel, 10)).result).toBe(0)
    // Fuel is not checked at the end of the last path, but at the next function or loop.
    expect((await spend(wat, fuel - 7, 10)).result).toBe('unreachable')
  })
})

describe('a trap in a loop that does not repeat', () => {
  it('is paid with all that came before it', async () => {
    const text = run(`
      (loop $l (br_if $l (i32.and (local.get 0) (i32.const 0))))
      (if (i32.eqz (local.get 0)) (then (unreachable)) (else (nop) (nop) (nop) (nop) (nop) (nop)))
      (loop (local.set 1 (i32.div_s (i32.const 1) (i32.sub (local.get 0) (i32.const 1)))))
      (local.get 1)`)
    const { fuel } = await spend(text, BUDGET, 2)
    const { result, fuel: untilTrap } = await spend(text, BUDGET, 1)
    expect(result).toMatch(/divide by zero/)
    // All but `local.set`, `end` and `local.get`, and no more than all.
    expect(untilTrap).toBeGreaterThanOrEqual(fuel - 4)
    expect(untilTrap).toBeLessThanOrEqual(fuel)
  })
})

describe('the fuel of functions that call each other', () => {
  const LEAF = '(func $leaf (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))'

  it.each([
    ['called', '(call $leaf (local.get 0))', LEAF, 2 + 5],
    [
      'called twice, by a function that is called',
      '(call $both (local.get 0))',
      `${LEAF} (func $both (param i32) (result i32) (i32.add (call $leaf (local.get 0)) (call $leaf (local.get 0))))`,
      3 + 6 + 2 * 4,
    ],
    [
      'called through a table',
      '(call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))',
      `(table funcref (elem $leaf)) ${LEAF}`,
      4 + 4,
    ],
    ['exported and called', '(call $leaf (local.get 0))', `(export "leaf" (func $leaf)) ${LEAF}`, 3 + 4],
    ['referred to', '(drop (ref.func $leaf)) (call $leaf (local.get 0))', `(elem declare func $leaf) ${LEAF}`, 5 + 4],
  ])('is spent by a function without branches that is %s', async (_, body, more, fuel) => {
    expect(await spend(run(body, more), BUDGET, 3)).toMatchObject({ fuel })
  })

  it('ends a tree of calls that is too large, though each function is short', async () => {
    const tree = Array.from({ length: 40 }, (_, index) => `(func $f${index} (call $f${index + 1}) (call $f${index + 1}))`).join(' ')
    const { result, fuel } = await spend(run('(call $f0) (i32.const 0)', `${tree} (func $f40)`), BUDGET, 0)
    expect(result).toBe('unreachable')
    expect(fuel).toBeLessThan(BUDGET + 10_000)
  })

  it('of a function that returns at once is spent too', async () => {
    const calls = (count: number): string =>
      run(
        `${'(drop (call $down (i32.const 0)))'.repeat(count)} (call $down (local.get 0))`,
        '(func $down (param i32) (result i32) (if (i32.eqz (local.get 0)) (then (return (i32.const 7)))) (call $down (i32.sub (local.get 0) (i32.const 1))))',
      )
    const [none, many] = [await spend(calls(0), BUDGET, 9), await spend(calls(100), BUDGET, 9)]
    expect(many.fuel - none.fuel).toBe(100 * (3 + 5))
  })
})

describe('the depth of calls', () => {
  it('is limited to the same depth on every engine', async () => {
    const wat = `(module
      (func $deep (param i32) (result i32) (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (call $deep (local.get 0)))
      (memory 1) (func (export "run") (param i32) (result i32) (call $deep (local.get 0)))
      (func (export "left") (result i32) (i32.load (i32.const 0))))`
    const { result, left } = await spend(wat, BUDGET, 0)
    expect(result).toBe('unreachable')
    // A parameter and three operands.
    expect(left).toBe(Math.floor(MAX_DEPTH / (FRAME + 4)))
  })

  it.each([
    ['through a table', '(table funcref (elem $deep))', '(call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))'],
    ['through others', '(func $next (param i32) (result i32) (call $deep (local.get 0)))', '(call $next (local.get 0))'],
    ['after a test', '', '(if (result i32) (i32.eq (local.get 0) (i32.const 5)) (then (i32.const 1)) (else (call $deep (local.get 0))))'],
  ])('is limited for a function that calls itself %s', async (_, more, call) => {
    const wat = `(module ${more} (func $deep (param i32) (result i32) ${call}) (func (export "run") (param i32) (result i32) (call $deep (local.get 0))))`
    const { result, fuel } = await spend(wat, BUDGET, 0)
    expect(result).toBe('unreachable')
    expect(fuel).toBeLessThan(BUDGET)
  })

  it('is the same for each of many calls of a function that counts', async () => {
    const wat = `(module (func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))))
      (func (export "run") (param i32) (result i32)
        (loop $again (call $deep (i32.const 3)) (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $again (local.get 0))) (i32.const 6)))`
    expect((await spend(wat, BUDGET, 20_000)).result).toBe(6)
  })

  it('is not counted by functions that cannot call themselves, unless their chain is long', async () => {
    const chain = (length: number): string =>
      `(module (func (export "run") (call $f0)) ${Array.from({ length }, (_, index) => `(func $f${index} (call $f${index + 1}))`).join(' ')} (func $f${length}))`
    const counts = async (length: number): Promise<boolean> =>
      rewriteModule(decodeModule(await assembleWat(chain(length), 'a.wat')), { memoryPages: 1, tableElements: 1, jsonBytes: 2 }).countsDepth
    expect([await counts(70), await counts(90)]).toEqual([false, true])
  })

  it('does not grow with tail calls', async () => {
    const wat = `(module (func $g)
      (func $f (export "run") (param i32) (result i32) (call $g)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 7))))
        (return_call $f (i32.sub (local.get 0) (i32.const 1)))))`
    expect((await spend(wat, BUDGET, 30_000)).result).toBe(7)
  })

  it('is not counted by functions that call only imports', async () => {
    const module = decodeModule(await assembleWat('(module (import "a" "b" (func $b)) (func (export "run") (call $b)))', 'a.wat'))
    expect(rewriteModule(module, { memoryPages: 1, tableElements: 1, jsonBytes: 2 }).countsDepth).toBe(false)
  })
})

describe('a block that costs more than 32 bits hold', () => {
  it('ends the script, whatever its fuel', async () => {
    const wat = `(module (import "a" "b" (func $b)) (func (export "run") ${'(call $b)'.repeat(8)}))`
    const options = { memoryPages: 1, tableElements: 1, jsonBytes: 2, priceOf: () => 2 ** 29 }
    const { bytes } = rewriteModule(decodeModule(await assembleWat(wat, 'a.wat')), options)
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { a: { b() {} } })
    const fuel = exports[RESERVED.fuel] as WebAssembly.Global
    fuel.value = LIMIT_RANGES.fuel[1]
    expect(exports.run).toThrow('unreachable')
    expect(fuel.value).toBeLessThan(0)
  })
})

describe('a try_table', () => {
  it('may have more handlers than a function takes arguments', () => {
    const count = 200_000
    const handlers = new Array<number[]>(count).fill([0x02, 0x00]).flat()
    const body = [0x00, 0x1f, 0x40, ...leb(count), ...handlers, 0x0b, 0x0b]
    const sections = [section(1, vector([0x60, 0x00, 0x00])), section(3, vector([0x00])), section(10, [1, ...leb(body.length), ...body])]
    expect(rewriteModule(decodeModule(binary(...sections)), { memoryPages: 1, tableElements: 1, jsonBytes: 2 }).bytes).toBeDefined()
  })
})
