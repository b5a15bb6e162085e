import { describe, expect, it } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { loopsAroundConstants } from '../../fixtures/wasm/loops-around-constants.ts'
import { compileRewritten, rewriteForTest } from '../../fixtures/wasm/rewritten.ts'

const NEXT = (label: string): string => `(br_if ${label} (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))`
const ADD = (constant: string): string => `(local.set $x (f64.add (local.get $x) (f64.const ${constant})))`

/** Returns a module with a function of a number of rounds. */
function moduleOf(body: string, signature = '(param $n i32)'): Promise<Uint8Array<ArrayBuffer>> {
  const locals = '(local $i i32) (local $x f64) (local $v v128)'
  return assembleWat(`(module (memory 1) (func (export "run") ${signature} ${locals} ${body}))`, 'loop.wat')
}

describe('a constant in a loop', () => {
  const many = Array.from({ length: 14 }, (_, number) => ADD(`${number}`)).join(' ')
  // Each counted loop is written twice.
  it.each([
    ['is set once before it', `(loop $l ${ADD('1.5')} ${ADD('1.5')} ${NEXT('$l')})`, [0]],
    ['is set before it if it is one of several', `(loop $l ${ADD('1.5')} ${ADD('2.5')} ${NEXT('$l')})`, [0, 0]],
    ['is set before it if it is in a branch', `(loop $l (if (local.get $n) (then ${ADD('1.5')})) ${NEXT('$l')})`, [0]],
    [
      'is set before it if it is a vector',
      `(loop $l (local.set $v (i32x4.add (local.get $v) (v128.const i32x4 1 2 3 4))) ${NEXT('$l')})`,
      [0],
    ],
    ['is set before it if it is the canonical NaN', `(loop $l (f64.store (local.get $i) (f64.sqrt (local.get $x))) ${NEXT('$l')})`, [0]],
    ['is set before the inner of two', `(loop $l ${ADD('1.5')} (loop $m ${ADD('2.5')} ${NEXT('$m')}) ${NEXT('$l')})`, [1, 1]],
    ['stays in it if it has too many', `(loop $l ${many} ${NEXT('$l')})`, [...new Array(12).fill(0), 1, 1, 1, 1]],
    ['stays behind it if it is there', `(loop $l ${NEXT('$l')}) ${ADD('1.5')}`, [0]],
  ])('%s', async (_, body, expected) => {
    expect(loopsAroundConstants(rewriteForTest(await moduleOf(body)).bytes, 0)).toEqual(expected)
  })

  it.each([
    ['in loops that follow each other', `(loop $l ${ADD('1.5')} ${NEXT('$l')}) (loop $m ${ADD('2.5')} ${NEXT('$m')})`],
    [
      'in loops of different types',
      `(loop $l ${ADD('1.5')} ${NEXT('$l')}) (loop $m (local.set $x (f64.promote_f32 (f32.const 3))) ${NEXT('$m')})`,
    ],
    [
      'in a loop in a loop',
      `(loop $l (local.set $i (i32.const 0)) (loop $m ${ADD('2.5')} ${NEXT('$m')}) ${ADD('1.5')} (br_if $l (f64.lt (local.get $x) (f64.const 99))))`,
    ],
    [
      'at the start of a branch',
      `(loop $l (if (i32.and (local.get $i) (i32.const 1)) (then (f64.const 2) (local.set $x)) (else ${ADD('1.5')})) ${NEXT('$l')})`,
    ],
    [
      'with the bits of a NaN',
      `(loop $l (i64.store (i32.const 0) (i64.reinterpret_f64 (f64.const -nan:0x4000000000123))) ${NEXT('$l')}) (local.set $x (f64.convert_i32_u (i32.load16_u (i32.const 0))))`,
    ],
  ])('keeps its value %s', async (_, body) => {
    const bytes = await moduleOf(`${body} (local.get $x)`, '(param $n i32) (result f64)')
    const run = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.run as (n: number) => number
    const { exports } = compileRewritten(bytes).instantiate({}, 100_000)
    // A loop that ends in its first round is not charged ahead.
    for (const n of [0, 1, 5]) expect((exports.run as typeof run)(n), `${n}`).toBe(run(n))
  })
})
