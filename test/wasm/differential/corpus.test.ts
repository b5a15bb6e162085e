import { describe, expect, it } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { realModules } from '../../fixtures/wasm/modules.ts'
import { compareModules } from './fuzz.ts'

/** Bodies of functions `(param i32) (result i32)` that leave in different ways. */
const BODIES: Readonly<Record<string, string>> = {
  'a branch out of everything, with a value': '(block (loop (if (local.get 0) (then (br 3 (i32.const 5)))))) (i32.const 6)',
  'a branch from nested blocks with a value': '(block $a (result i32) (block (br_if $a (i32.const 1) (local.get 0)) (drop)) (i32.const 2))',
  'a table of branches to everywhere':
    '(block $a (result i32) (block $b (result i32) (loop $l (result i32) (br_table $a $b $a (i32.const 4) (local.get 0)))) (i32.add (i32.const 1)))',
  'a loop with a parameter':
    '(i32.const 0) (loop $l (param i32) (result i32) (i32.add (local.get 0)) (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $l (i32.gt_s (local.get 0) (i32.const 0))))',
  'a block with parameters': '(local.get 0) (i32.const 3) (block (param i32 i32) (result i32) (i32.mul))',
  'code that is never come to': '(return (i32.const 1)) (block (result i32) (br 0 (unreachable))) (loop (br 0)) (drop) (if (then) (else))',
  'an unreachable select': '(block (result i32) (br 0 (i32.const 3)) (select)) (drop) (i32.const 2)',
  'a return in a loop in a branch':
    '(loop $l (if (i32.gt_s (local.get 0) (i32.const 3)) (then (return (local.get 0)))) (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br $l)) (unreachable)',
  'an exception out of a loop': '(loop $l (br_if $l (i32.eqz (call $sometimes (local.get 0))))) (i32.const 3)',
  'an exception caught around a loop':
    '(try (result i32) (do (loop $l (local.set 0 (i32.add (local.get 0) (call $sometimes (local.get 0)))) (br_if $l (i32.lt_s (local.get 0) (i32.const 9)))) (i32.const 1)) (catch $e) (catch_all (i32.const 9)))',
  'an exception handed on':
    '(try (result i32) (do (try (result i32) (do (call $sometimes (i32.const 1))) (catch $e (drop) (rethrow 0)))) (catch $e (i32.add (i32.const 1))))',
  'an exception delegated':
    '(try (result i32) (do (try (result i32) (do (call $sometimes (i32.const 1))) (delegate 0))) (catch $e (i32.add (i32.const 2))))',
  'two traps in one block':
    '(drop (i32.div_s (i32.const 1) (local.get 0))) (i32.rem_u (i32.const 9) (i32.sub (local.get 0) (i32.const 2)))',
  'a tail call out of a loop':
    '(loop $l (br_if $l (i32.lt_s (local.get 0) (i32.const -100))) (return_call $add (local.get 0) (i32.const 1))) (unreachable)',
  'a tail call through a table': '(return_call_indirect (param i32 i32) (result i32) (local.get 0) (i32.const 4) (i32.const 1))',
  'calls through a table, some of another type': '(call_indirect (param i32) (result i32) (local.get 0) (i32.const 1))',
  'several results': '(call $both (local.get 0)) (i32.sub)',
  'a memory that grows': '(drop (memory.grow (local.get 0))) (memory.size)',
  'bulk instructions':
    '(memory.init $d (i32.const 5) (i32.const 1) (i32.const 3)) (memory.fill (i32.const 40) (local.get 0) (i32.const 9)) (memory.copy (i32.const 41) (i32.const 4) (i32.const 11)) (data.drop $d) (i32.load (i32.const 41))',
  'a data segment that was dropped':
    '(data.drop $d) (memory.init $d (i32.const 5) (i32.const 0) (i32.and (local.get 0) (i32.const 3))) (i32.const 1)',
  'tables in bulk':
    '(table.copy (i32.const 2) (i32.const 0) (i32.const 2)) (table.fill $t (i32.const 0) (ref.func $add) (i32.const 1)) (drop (table.grow $t (ref.null func) (local.get 0))) (table.size $t)',
  'numbers and their bits':
    '(f32.store (i32.const 8) (f32.div (f32.const 0) (f32.convert_i32_s (local.get 0)))) (i64.store (i32.const 16) (i64.reinterpret_f64 (f64.sqrt (f64.promote_f32 (f32.load (i32.const 8)))))) (i32.load (i32.const 20))',
  'vectors of floats': `(local $v v128) (local.set $v (f32x4.splat (f32.convert_i32_s (local.get 0))))
    (v128.store (i32.const 8) (f32x4.neg (f32x4.sub (f32x4.div (local.get $v) (v128.const f32x4 0 1 2 3)) (f32x4.sqrt (local.get $v)))))
    (v128.store (i32.const 24) (v128.xor (local.get $v) (f64x2.max (f64x2.promote_low_f32x4 (v128.load (i32.const 8))) (local.get $v))))
    (i32x4.extract_lane 3 (f32x4.add (v128.load (i32.const 24)) (local.get $v)))`,
  vectors: '(i32x4.extract_lane 2 (i32x4.add (i32x4.splat (local.get 0)) (v128.const i32x4 1 2 3 4)))',
}

const moduleWith = (body: string): string => `(module
  (tag $e (param i32)) (memory (export "memory") 1 3) (data $d "passive") (data (i32.const 60) "active")
  (table $t 6 20 funcref) (elem (i32.const 0) $sometimes $add) (global $g (mut i64) (i64.const 1)) (start $begin)
  (func $begin (global.set $g (i64.add (global.get $g) (i64.const 41))))
  (func $sometimes (export "sometimes") (param i32) (result i32)
    (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (i32.const 7)))) (i32.const 1))
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $both (param i32) (result i32 i32) (local.get 0) (i32.const 1))
  (func $run (export "run") (param i32) (result i32) ${body})
  ${Array.from({ length: 9 }, (_, index) => `(func (export "run ${index - 2}") (result i32) (call $run (i32.const ${index - 2})))`).join('\n')})`

describe('a module', () => {
  it.each(Object.entries(BODIES))('with %s behaves the same after rewriting', async (_, body) => {
    const bytes = await assembleWat(moduleWith(body), 'corpus.wat')
    // With odd numbers, the module also imports the ECS memory.
    for (const number of [0, 1]) expect(compareModules(bytes, number)).toMatchObject({ verdict: 'same', detail: '' })
  })
})

describe('an example script', () => {
  it('behaves the same after rewriting', async () => {
    for (const [name, bytes] of await realModules()) {
      for (const number of [0, 1]) expect(compareModules(bytes, number), name).toMatchObject({ verdict: 'same', detail: '' })
    }
  })
})
