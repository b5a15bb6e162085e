import { describe, expect, it } from 'vitest'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { countedLoop } from '../../../src/wasm/rewrite/counted-loops.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { compareLoops } from './counted-loop-cases.ts'

describe('a loop whose rounds are counted', () => {
  it('costs what its instructions cost, or ends where the fuel does', async () => {
    await compareLoops([0, 5, -1, 2 ** 31 - 1], 17)
  })

  /** Whether the only loop of a function is charged ahead, or may be. */
  const isCounted = async (code: string, more = ''): Promise<boolean> => {
    const bytes = await assembleWat(
      `(module ${more} (memory 1) (global $g (mut i32) (i32.const 9)) (func (param $i i32) (param $n i32) (param $s i32) ${code}))`,
      'loop.wat',
    )
    const module = decodeModule(bytes)
    const { body } = module.bodies.at(-1) as { body: { start: number; end: number } }
    const at = bytes.indexOf(0x03, body.start + 1)
    return countedLoop(module, at, at + 2, body.end, -64) !== undefined
  }
  const UP = '(local.set $i (i32.add (local.get $i) (i32.const 1)))'

  it.each([
    [
      'as clang and rustc write it',
      '(loop $l (i32.store8 (local.get $i) (i32.const 0)) (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))',
    ],
    ['down to zero', '(loop $l (br_if $l (local.tee $n (i32.add (local.get $n) (i32.const -1)))))'],
    ['as asc writes it', `(loop $l (if (i32.lt_s (local.get $i) (local.get $n)) (then (global.set $g (local.get $i)) ${UP} (br $l))))`],
    ['as people write it', `(block $done (loop $l (br_if $done (i32.ge_u (local.get $i) (local.get $n))) ${UP} (br $l)))`],
    [
      'with a step that does not change',
      '(loop $l (local.set $i (i32.add (local.get $i) (local.get $s))) (br_if $l (i32.lt_u (local.get $i) (local.get $n))))',
    ],
    [
      'with a vector',
      `(loop $l (v128.store (i32.const 0) (i32x4.add (v128.load (i32.const 0)) (v128.const i32x4 1 2 3 4))) ${UP} (br_if $l (i32.lt_u (local.get $i) (local.get $n))))`,
    ],
  ])('is one %s', async (_, code) => {
    expect(await isCounted(code)).toBe(true)
  })

  const WHILE = '(br_if $l (i32.lt_u (local.get $i) (local.get $n)))'
  it.each([
    ['whose bound changes', `(loop $l ${UP} (local.set $n (i32.shr_u (local.get $n) (i32.const 1))) ${WHILE})`],
    ['whose bound is in memory', `(loop $l ${UP} (br_if $l (i32.lt_u (local.get $i) (i32.load (i32.const 0)))))`],
    ['whose bound is in a global', `(loop $l ${UP} (br_if $l (i32.lt_u (local.get $i) (global.get $g))))`],
    ['whose step changes', `(loop $l (local.set $i (i32.add (local.get $i) (local.get $s))) (local.set $s (i32.const 0)) ${WHILE})`],
    ['that writes its counter twice', `(loop $l ${UP} (local.set $i (i32.mul (local.get $i) (i32.const 3))) ${WHILE})`],
    ['that doubles its counter', `(loop $l (local.set $i (i32.add (local.get $i) (local.get $i))) ${WHILE})`],
    ['that has no counter', '(loop $l (br_if $l (i32.lt_u (local.get $i) (local.get $n))))'],
    [
      'that goes away from its bound',
      '(loop $l (local.set $i (i32.sub (local.get $i) (i32.const 1))) (br_if $l (i32.lt_s (local.get $i) (local.get $n))))',
    ],
    ['with a branch', `(loop $l (if (local.get $s) (then (nop))) ${UP} ${WHILE})`],
    ['that calls an import', `(loop $l (call $import) ${UP} ${WHILE})`],
    ['that grows a memory', `(loop $l (drop (memory.grow (i32.const 0))) ${UP} ${WHILE})`],
    ['that fills memory', `(loop $l (memory.fill (i32.const 0) (i32.const 0) (i32.const 9)) ${UP} ${WHILE})`],
    ['that counts in i64', '(loop $l (br_if $l (i64.ne (i64.extend_i32_u (local.get $i)) (i64.const 0))))'],
  ])('is none %s', async (_, code) => {
    expect(await isCounted(code, code.includes('$import') ? '(import "a" "b" (func $import))' : '')).toBe(false)
  })
})
