import { describe, expect, it } from 'vitest'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { makeCanonical } from '../../../src/wasm/rewrite/float-scan.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { binary, leb, section, vector } from '../../fixtures/wasm/bytes.ts'
import { compileRewritten, rewriteForTest } from '../../fixtures/wasm/rewritten.ts'
import { withOtherNaN } from '../differential/nan-bits.ts'

/** NaN as arithmetic gives it, whose bits the engine chooses. */
const F32 = '(f32.div (local.get $zero) (local.get $zero))'
const F64 = '(f64.sqrt (f64.const -1))'
const F32X4 = '(f32x4.div (f32x4.splat (local.get $zero)) (v128.const f32x4 0 1 0 1))'
const CANONICAL = '7ff8000000000000'
const KEPT = 'fff0000000000123'

const HOST = { host: { nan: () => Number.NaN, take: () => undefined } }

/** Returns what a function with this body gives, as hexadecimal digits, on an engine that chooses unusual bits for NaN. */
async function bits(body: string, more = ''): Promise<string> {
  const bytes = await assembleWat(
    `(module (import "host" "nan" (func $nan (result f64))) (import "host" "take" (func $take (param f64)))
      (memory 1) (global $f64 (mut f64) (f64.const 0)) ${more}
      (func (export "bits") (param $given f64) (result i64) (local $zero f32) (local $f32 f32) (local $x f64) (local $y f64) (local $v v128) ${body}))`,
    'bits.wat',
  )
  const instance = compileRewritten(bytes, { change: withOtherNaN }).instantiate(HOST, 10_000)
  const run = instance.exports.bits as (given: number) => bigint
  return BigInt.asUintN(64, run(Number.NaN)).toString(16)
}

const shown = (float: string): string => `(i64.reinterpret_f64 ${float})`
const PAYLOAD = '(f64.reinterpret_i64 (i64.const 0xfff0000000000123))'
const LOADED = '(i64.store (i32.const 8) (i64.const 0xfff0000000000123))'

describe('a NaN that arithmetic gives is canonical', () => {
  it.each([
    ['as an integer', shown(F64)],
    ['as an integer of 32 bits', `(i64.extend_i32_u (i32.reinterpret_f32 ${F32}))`, '7fc00000'],
    ['after more arithmetic', shown(`(f64.max (f64.promote_f32 (f32.demote_f64 ${F64})) (f64.const 1))`)],
    ['after arithmetic with a NaN of the script', shown(`(f64.add ${PAYLOAD} (f64.const 1))`)],
    ['as the sign of copysign', `(i64.trunc_f64_s (f64.copysign (f64.const 5) ${F64}))`, '5'],
    ['as the size of copysign', shown(`(f64.copysign ${F64} (f64.const -1))`), `f${CANONICAL.slice(1)}`],
    ['negated', shown(`(f64.neg ${F64})`), `f${CANONICAL.slice(1)}`],
    ['stored', `(f64.store (i32.const 8) ${F64}) (i64.load (i32.const 8))`],
    ['in a local', `(local.set $x ${F64}) ${shown('(local.get $x)')}`],
    ['negated in a local', `(local.set $x (f64.neg ${F64})) ${shown('(local.get $x)')}`, `f${CANONICAL.slice(1)}`],
    ['in a local and on the stack', `(f64.store (i32.const 8) (local.tee $x ${F64})) (i64.load (i32.const 8))`],
    ['in a local that also has another NaN', `(local.set $x ${PAYLOAD}) (local.set $x ${F64}) ${shown('(local.get $x)')}`],
    [
      'copied to a local that also has another NaN',
      `(local.set $y ${PAYLOAD}) (local.set $x ${F64}) (local.set $y (local.get $x)) ${shown('(local.get $y)')}`,
    ],
    [
      'carried by a loop',
      `(local.set $f32 (f32.const 3)) (loop $l (local.set $x (f64.sub (f64.div (local.get $x) (f64.const 0)) (f64.const 1)))
        (br_if $l (f32.gt (local.tee $f32 (f32.sub (local.get $f32) (f32.const 1))) (f32.const 0)))) ${shown('(local.get $x)')}`,
    ],
    ['of a block', shown(`(block (result f64) ${F64})`)],
    ['of a branch', shown(`(block $b (result f64) (br $b ${F64}))`)],
    ['chosen by select', shown(`(select ${F64} (f64.const 1) (i32.const 1))`)],
    ['passed to a function', shown(`(call $same ${F64})`), CANONICAL, '(func $same (param f64) (result f64) (local.get 0))'],
    ['given by a function', shown('(call $new)'), CANONICAL, `(func $new (result f64) ${F64})`],
    [
      'passed to a function that calculates with it alone',
      shown(`(call $half (f64.neg ${F64}))`),
      CANONICAL,
      '(func $half (param f64) (result f64) (f64.mul (local.get 0) (f64.const 0.5)))',
    ],
    [
      'passed to a function that copies it',
      shown(`(call $copy ${F64})`),
      CANONICAL,
      '(func $copy (param f64) (result f64) (local $l f64) (local.set $l (local.get 0)) (local.get $l))',
    ],
    ['in a global', `(global.set $f64 ${F64}) ${shown('(global.get $f64)')}`],
    ['in a lane', `(i64x2.extract_lane 1 (f64x2.splat ${F64}))`],
    ['in a replaced lane', `(i64x2.extract_lane 1 (f64x2.replace_lane 1 (v128.const i64x2 0 0) ${F64}))`],
    ['of vectors', `(i64x2.extract_lane 1 ${F32X4})`, '7fc00000'],
    [
      'of vectors in a local',
      `(local.set $v ${F32X4}) (v128.store (i32.const 0) (f32x4.neg (local.get $v))) (i64.load (i32.const 8))`,
      '80000000ffc00000',
    ],
    [
      'of vectors in a local of two shapes',
      `(local.set $v ${F32X4}) (local.set $v (f64x2.sqrt (v128.const f64x2 -1 -1))) (i64x2.extract_lane 1 (local.get $v))`,
    ],
    ['of vectors taken as another shape', `(i64x2.extract_lane 1 (f64x2.min ${F32X4} (v128.const f64x2 -1 -1)))`, 'bff0000000000000'],
    ['of the host', shown('(call $nan)')],
    ['of the host, by a tail call', shown('(call $tail)'), CANONICAL, '(func $tail (result f64) (return_call $nan))'],
    ['given by the host', shown('(local.get $given)')],
    [
      'given by the host, in a local that also has another NaN',
      `(if (i32.const 0) (then (local.set $given ${PAYLOAD}))) ${shown('(local.get $given)')}`,
    ],
  ] as const)('%s', async (_, body, expected: string = CANONICAL, more: string = '') => {
    expect(await bits(body, more)).toBe(expected)
  })
})

describe('another NaN keeps its bits', () => {
  const same = '(func $same (param f64) (result f64) (local.get 0))'
  it.each([
    ['as a constant', shown('(f64.const -nan:0x4000000000123)'), 'fff4000000000123'],
    ['loaded and stored', `${LOADED} (f64.store (i32.const 16) (f64.load (i32.const 8))) (i64.load (i32.const 16))`],
    ['in a local', `${LOADED} (local.set $x (f64.load (i32.const 8))) ${shown('(local.get $x)')}`],
    ['in a local that also has results of arithmetic', `(local.set $x ${F64}) (local.set $x ${PAYLOAD}) ${shown('(local.get $x)')}`],
    [
      'copied to a local that has results of arithmetic',
      `(local.set $y ${PAYLOAD}) (local.set $x ${F64}) (local.set $x (local.get $y)) ${shown('(local.get $x)')}`,
    ],
    ['passed to and given by a function', shown(`(call $same ${PAYLOAD})`), KEPT, same],
    [
      'in a parameter that also has results of arithmetic',
      shown(`(call $other ${PAYLOAD})`),
      KEPT,
      `(func $other (param f64) (result f64) (if (i32.const 0) (then (local.set 0 ${F64}))) (local.get 0))`,
    ],
    [
      'passed through a table',
      shown(`(call_indirect (param f64) (result f64) ${PAYLOAD} (i32.const 0))`),
      KEPT,
      `(table funcref (elem $same)) ${same}`,
    ],
    ['of a block', shown(`(block (result f64) ${PAYLOAD})`)],
    ['chosen by select', shown(`(select ${PAYLOAD} ${F64} (i32.const 1))`)],
    ['negated', shown(`(f64.neg ${PAYLOAD})`), KEPT.replace('f', '7')],
    ['as a lane', shown(`(f64x2.extract_lane 1 (f64x2.splat ${PAYLOAD}))`)],
    [
      'of a vector that is compared',
      `(local.set $v (f64x2.splat ${PAYLOAD})) (drop (f64x2.eq (local.get $v) (local.get $v))) (i64x2.extract_lane 1 (f64x2.pmin (local.get $v) (local.get $v)))`,
    ],
  ] as const)('%s', async (_, body, expected: string = KEPT, more: string = '') => {
    expect(await bits(body, more)).toBe(expected)
  })
})

describe('arithmetic of vectors gives the canonical NaN', () => {
  const operations = [
    ...['sqrt', 'ceil', 'floor', 'trunc', 'nearest'].map((name) => [name, '(local.get $v)'] as const),
    ...['add', 'sub', 'mul', 'div', 'min', 'max'].map((name) => [name, '(local.get $v) (v128.const f64x2 1 1)'] as const),
  ]
  const shapes = [
    ['f32x4', 'ffc1234500000000', '7fc00000'],
    ['f64x2', 'fff123450000007f', CANONICAL],
  ] as const
  it.each(
    shapes.flatMap(([shape, given, expected]) =>
      operations.map(([name, operands]) => [`${shape}.${name}`, operands, given, expected] as const),
    ),
  )('%s', async (name, operands, given, expected) => {
    const result = await bits(`(local.set $v (v128.const i64x2 0x${given} 0x${given})) (i64x2.extract_lane 1 (${name} ${operands}))`)
    expect(result.slice(0, expected.length)).toBe(expected)
  })

  it('f32x4.demote_f64x2_zero and f64x2.promote_low_f32x4', async () => {
    expect(await bits('(i64x2.extract_lane 0 (f32x4.demote_f64x2_zero (v128.const i64x2 0xfff1234500000000 0)))')).toBe('7fc00000')
    expect(await bits('(i64x2.extract_lane 0 (f64x2.promote_low_f32x4 (v128.const i32x4 0xffc12345 0 0 0)))')).toBe(CANONICAL)
  })
})

describe('the code that is added', () => {
  const locals = '(local $x f64) (local $y f64) (local $v v128)'
  const written = async (body: string): Promise<number> => {
    const text = `(module (import "host" "take" (func $take (param f64))) (memory 1) (func (export "run") ${locals} ${body}))`
    const bytes = rewriteForTest(await assembleWat(text, 'code.wat')).bytes
    // The constant that it compares with.
    return Buffer.from(bytes).toString('latin1').split('\x44\0\0\0\0\0\0\xf8\x7f').length - 1
  }

  it('is left out where nothing but arithmetic and the host takes a result', async () => {
    expect(
      await written('(local.set $x (f64.sqrt (local.get $x))) (local.set $y (f64.mul (f64.neg (local.get $x)) (f64.load (i32.const 0))))'),
    ).toBe(0)
    expect(await written('(call $take (f64.sqrt (local.get $x)))')).toBe(0)
    expect(await written('(drop (f64.lt (f64.sqrt (local.get $x)) (f64.const 3)))')).toBe(0)
    expect(await written('(f64.store (i32.const 0) (f64.convert_i32_s (i32.const 3)))')).toBe(0)
    expect(await written('(f64.store (i32.const 0) (f64.sqrt (f64.add (local.get $x) (f64.const 1))))')).toBe(1)
  })

  it('costs no fuel', async () => {
    const spent = async (value: string): Promise<number> => {
      const text = `(module (memory 1) (func (export "run") (local $x f64) (local $v v128) (f64.store (i32.const 0) ${value})))`
      const instance = compileRewritten(await assembleWat(text, 'fuel.wat')).instantiate({}, 1000)
      ;(instance.exports.run as () => void)()
      return instance.spent
    }
    expect(await spent('(f64.sqrt (local.get $x))')).toBe(await spent('(f64.neg (local.get $x))'))
  })
})

describe('the time of the scan', () => {
  it('is in proportion to the locals of a chain of copies', () => {
    const count = 49_000
    const code: number[] = [1, ...leb(count), 0x7d]
    for (let local = 1; local < count; local++) code.push(0x20, ...leb(local - 1), 0x21, ...leb(local))
    // Floats are looked for only where there is arithmetic.
    code.push(0x20, 0, 0x91, 0x1a, 0x0b)
    const sections = [section(1, vector([0x60, 0x00, 0x00])), section(3, vector([0x00])), section(10, [1, ...leb(code.length), ...code])]
    const module = decodeModule(binary(...sections))
    const before = process.cpuUsage()
    makeCanonical(module, 0, { callable: new Set(), inGlobals: false, fromCalls: false, isLinked: false })
    // It takes about 0.05 s. With the square of the locals it would take 20 s.
    expect(process.cpuUsage(before).user).toBeLessThan(5_000_000)
  })
})
