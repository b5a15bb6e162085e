import { describe, expect, it } from 'vitest'
import { knownEntities } from '../../../src/host/inline/known-entities.ts'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import type { FunctionBody } from '../../../src/wasm/format/module.ts'
import { findCharges } from '../../../src/wasm/rewrite/charges.ts'
import type { Accessor } from '../../../src/wasm/rewrite/inline-call.ts'
import { Insertions } from '../../../src/wasm/rewrite/insertions.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { inlinedCalls, planOf } from '../../fixtures/wasm/charge-plan.ts'

const ACCESSORS: ReadonlyMap<number, Accessor> = new Map([
  [0, { access: 'get', type: 'i32', base: 0, capacity: 10 }],
  [1, { access: 'set', type: 'i32', base: 64, capacity: 10 }],
  [2, { access: 'entity', result: 128 }],
])

/** Returns, for each access in an `update` with these instructions, whether its entity is known. */
async function known(body: string, more = ''): Promise<boolean[]> {
  const bytes = await assembleWat(
    `(module
      (type $pair (func (result i32 i32))) (type $one (func (param i32) (result i32)))
      (import "a" "get" (func $get (param i32) (result i32))) (import "a" "set" (func $set (param i32 i32)))
      (import "a" "entity" (func $entity (param i32) (result i32)))
      (table 1 externref) (table $t funcref (elem $id)) (memory 1) (global $g (mut i32) (i32.const 0)) (tag $e) ${more}
      (func $id (type $one) (local.get 0)) (func $two (type $pair) (i32.const 1) (i32.const 2)) (func $none)
      (func (export "update") (param $e i32) (param f32) (local $a i32) (local $b i32) (local $l i64) ${body}))`,
    'update.wat',
  )
  const module = decodeModule(bytes)
  const update = module.exports.find(({ name }) => name === 'update')?.index as number
  const plan = planOf(ACCESSORS)
  const charges = findCharges(module, update, plan, new Insertions())
  const end = (module.bodies[update - 3] as FunctionBody).body.end
  const places = knownEntities(module, { bytes, end, charges, calls: plan.calls })
  return inlinedCalls(charges).map(({ at }) => places.has(at))
}

const E = '(local.get $e)'
const READ = `(drop (call $get ${E}))`

/** Values for `$set` that lie above the entity on the stack. Each is one i32 and contains no access. */
const VALUES: readonly [string, string][] = [
  ['a constant', '(i32.const 1)'],
  ['the entity', E],
  ['arithmetic', '(i32.add (i32.mul (local.get $a) (i32.const 3)) (i32.eqz (local.get $b)))'],
  ['every kind of number', '(i32.trunc_f32_s (f32.demote_f64 (f64.sqrt (f64.convert_i64_s (i64.extend_i32_u (local.get $a))))))'],
  [
    'comparisons of every kind',
    '(i32.or (f64.lt (f64.const 1) (f64.const 2)) (i64.eqz (i64.ge_u (local.get $l) (i64.const 2)) (i64.extend_i32_u)))',
  ],
  ['an if with a result', `(if (result i32) ${E} (then (i32.const 1)) (else (local.get $a)))`],
  ['an if in an if', `(if (result i32) (if (result i32) ${E} (then (i32.const 1)) (else (i32.const 0))) (then ${E}) (else (i32.const 1)))`],
  ['an if whose branch leaves', '(if (result i32) (local.get $a) (then (return)) (else (i32.const 1)))'],
  ['an if both of whose branches leave', '(if (result i32) (local.get $a) (then (return)) (else (unreachable)))'],
  ['an if without a result before it', '(if (local.get $a) (then (local.set $b (i32.const 1)))) (i32.const 1)'],
  ['a block with a result', '(block (result i32) (i32.const 1))'],
  ['a block that a branch ends with its result', '(block $x (result i32) (drop (br_if $x (i32.const 1) (local.get $a))) (i32.const 2))'],
  ['a block that ends in a branch', `(block $x (result i32) (br $x (i32.const 1)) (drop ${E}) (i32.const 2))`],
  ['a table of branches', '(block $x (result i32) (block $y (result i32) (br_table $x $y (i32.const 1) (local.get $a))))'],
  ['a loop with a result', '(loop $x (result i32) (br_if $x (local.get $a)) (i32.const 1))'],
  ['a block with two results', '(i32.add (block (type $pair) (i32.const 1) (i32.const 2)))'],
  ['a call', `(call $id ${E})`],
  ['a call with two results', '(i32.add (call $two))'],
  ['a call without results', '(call $none) (i32.const 1)'],
  ['a call through a table', '(call_indirect $t (type $one) (local.get $a) (i32.const 0))'],
  ['a select', `(select ${E} (i32.const 2) (local.get $a))`],
  ['a select with its type', `(select (result i32) ${E} (i32.const 2) (local.get $a))`],
  ['a local that is set', '(local.set $a (i32.const 1)) (local.get $a)'],
  ['a local that is set and got', '(local.tee $a (i32.const 1))'],
  ['a global', '(global.set $g (i32.const 2)) (global.get $g)'],
  ['a load and a store', '(i32.store8 (i32.const 1) (local.get $a)) (i32.load16_s (i32.const 2))'],
  ['the size of a memory', '(i32.add (memory.size) (memory.grow (i32.const 1)))'],
  ['nop and drop', '(nop) (drop (i64.const 5)) (i32.const 1)'],
]

/** Operands that are not known to be the entity, although some are. Each is one i32. */
const OTHERS: readonly [string, string][] = [
  ['a constant', '(i32.const 1)'],
  ['another local', '(local.get $a)'],
  ['another local set to the entity', `(local.set $a ${E}) (local.get $a)`],
  ['the entity plus 0', `(i32.add ${E} (i32.const 0))`],
  ['the entity, extended', `(i32.extend16_s ${E})`],
  ['a typed select of the entity twice', `(select (result i32) ${E} ${E} (local.get $a))`],
  ['a select of the entity twice', `(select ${E} ${E} (local.get $a))`],
  ['the result of a block', `(block (result i32) ${E})`],
  ['the result of an if', `(if (result i32) (local.get $a) (then ${E}) (else ${E}))`],
  ['the result of a loop', `(loop (result i32) ${E})`],
  ['the result of a branch', `(block $x (result i32) (br $x ${E}))`],
  ['the result of a call', `(call $id ${E})`],
  ['a global', '(global.get $g)'],
  ['a loaded value', '(i32.load (i32.const 0))'],
  ['a converted number', `(i32.wrap_i64 (i64.extend_i32_u ${E}))`],
]

describe('knownEntities', () => {
  it('knows the parameter as the operand of an access', async () => {
    expect(await known(READ)).toEqual([true])
    expect(await known(`(call $set ${E} (i32.const 1))`)).toEqual([true])
    expect(await known(`(call $set ${E} (call $get ${E}))`)).toEqual([true, true])
    expect(await known(`(call $set ${E} (call $get (i32.const 2)))`)).toEqual([false, true])
    expect(await known(`(call $set (i32.const 2) ${E})`)).toEqual([false])
    expect(await known(`(call $set (call $get ${E}) (call $get ${E}))`)).toEqual([true, true, false])
    expect(await known(`(drop (call $get (call $get ${E})))`)).toEqual([true, false])
    expect(await known(`${E} (block ${READ}) (drop (i32.const 1)) call $get drop`)).toEqual([true, true])
  })

  it.each(VALUES)('tracks the operands past %s', async (_, value) => {
    expect(await known(`(call $set ${E} ${value})`)).toEqual([true])
    expect(await known(`(call $set (local.get $a) ${value})`)).toEqual([false])
    expect(await known(`(drop ${value}) ${READ}`)).toEqual([true])
    expect(await known(`(call $set ${E} (i32.add (call $get (local.get $b)) ${value}))`)).toEqual([false, true])
  })

  it.each(OTHERS)('does not know %s', async (_, other) => {
    expect(await known(`(drop (call $get ${other}))`)).toEqual([false])
    expect(await known(`(call $set ${other} ${E})`)).toEqual([false])
    expect(await known(`${other} ${E} call $set ${READ}`)).toEqual([false, true])
  })

  it('does not confuse neighbouring operands', async () => {
    // The entity is the value that is written elsewhere, or lies below it.
    for (const [, value] of VALUES) {
      expect(await known(`${E} (call $set (local.get $a) ${value}) call $get drop`)).toEqual([false, true])
      expect(await known(`(local.get $a) ${E} (drop ${value}) call $set`)).toEqual([false])
    }
    expect(await known(`(local.get $a) (block $x ${E} (local.get $b) (br_if $x) drop) call $get drop`)).toEqual([false])
    expect(await known(`(block $x (local.get $a) ${E} (br_if $x (local.get $b)) call $set)`)).toEqual([false])
    expect(await known(`(block $x ${E} (local.get $a) (br_if $x (local.get $b)) call $set)`)).toEqual([true])
    expect(await known(`(local.get $a) ${E} (block (param i32) (result i32)) call $set`)).toEqual([false])
    expect(await known(`(local.get $a) ${E} (loop (param i32) (result i32)) call $set`)).toEqual([false])
    expect(await known(`(local.get $a) ${E} (i32.const 1) (if (param i32) (result i32) (then)) call $set`)).toEqual([false])
  })

  it('does not treat the index into a query result as an entity', async () => {
    expect(await known(`(drop (call $entity ${E})) (drop (call $get (call $entity ${E}))) ${READ}`)).toEqual([false, false, false, true])
  })

  it('knows the entity after local.tee of another local', async () => {
    expect(await known(`(drop (call $get (local.tee $a ${E})))`)).toEqual([true])
    expect(await known('(drop (call $get (local.tee $a (local.get $b))))')).toEqual([false])
  })

  it.each([
    '(local.set $e (i32.const 5))',
    '(drop (local.tee $e (i32.const 5)))',
    '(local.set $e (local.get $e))',
    '(if (i32.const 0) (then (local.set $e (i32.const 5))))',
    '(block (loop (local.set $e (i32.add (local.get $e) (i32.const 1)))))',
    '(block $x (br_if $x (local.get $a)) (local.set $e (i32.const 5)))',
  ])('knows nothing in a function that writes the parameter anywhere: %s', async (write) => {
    expect(await known(`${READ} ${write} ${READ}`)).toEqual([false, false])
    expect(await known(`(loop $l ${READ} ${write} (br_if $l (local.get $a)))`)).toEqual([false])
  })

  it.each([
    ['SIMD', '(drop (i32x4.splat (i32.const 1)))'],
    ['a saturating conversion', '(drop (i32.trunc_sat_f32_s (f32.const 1)))'],
    ['a bulk instruction', '(memory.fill (i32.const 0) (i32.const 0) (i32.const 0))'],
    ['a reference', '(drop (ref.null func))'],
    ['a table', '(drop (table.get 0 (i32.const 0)))'],
    ['a tail call', '(if (local.get $a) (then (return_call $none)))'],
    ['a handler of exceptions', '(try (do (nop)) (catch_all))'],
    ['an exception', '(if (local.get $a) (then (throw $e)))'],
    ['a block that takes an operand', '(i32.const 1) (block (param i32) (drop))'],
    ['a loop that takes an operand', '(i32.const 1) (loop (param i32) (drop))'],
    ['an if that takes an operand', '(i32.const 1) (local.get $a) (if (param i32) (then (drop)) (else (drop)))'],
  ])('knows nothing in a function with %s, which is not tracked', async (_, body) => {
    expect(await known(`${READ} ${body} ${READ}`)).toEqual([false, false])
  })

  it.each([
    ['br', '(block $x (br $x) HERE)'],
    ['return', '(block (return) HERE)'],
    ['unreachable', '(block (unreachable) HERE)'],
    ['br_table', '(block $x (br_table $x $x (i32.const 0)) HERE)'],
  ])('knows nothing after %s in a block, and tracks the code after the block', async (_, code) => {
    const dead = `(call $set ${E} (if (result i32) (call $get) (then ${E}) (else (i32.const 1)))) ${READ} drop drop (block (loop ${READ}))`
    expect(await known(`${READ} ${code.replace('HERE', dead)} ${READ}`)).toEqual([true, false, false, false, false, true])
  })

  it('knows nothing after a return, and tracks the code after a block that always leaves', async () => {
    expect(await known(`${READ} (return) ${READ}`)).toEqual([true, false])
    expect(await known(`(if (i32.const 1) (then (return)) (else (return))) ${READ}`)).toEqual([true])
    expect(await known(`(block $x (loop $l (br_if $x (local.get $a)) (br $l)) ${READ}) ${READ}`)).toEqual([true, true])
  })

  it('is not misled by unreachable code', async () => {
    // Operands that unreachable code pushes are dropped at the end of its block.
    expect(await known(`(i32.const 9) (block (br 0) ${E} ${E} ${E} drop drop drop) (call $get) drop`)).toEqual([false])
    expect(await known(`(i32.const 9) (block (br 0) ${E} br 0) call $get drop`)).toEqual([false])
    expect(await known(`(i32.const 9) (if (local.get $a) (then (return) ${E} return) (else)) call $get drop`)).toEqual([false])
    expect(await known(`(i32.const 9) (block (return) (block (result i32) ${E}) drop) call $get drop`)).toEqual([false])
    expect(await known(`${E} (block (br 0) drop (local.set $e (i32.const 5)) drop) call $get drop`)).toEqual([true])
    expect(await known(`(block (result i32) (br 0 (i32.const 9)) (loop (result i32) ${E})) call $get drop`)).toEqual([false])
    expect(await known(`(i32.const 9) (if (result i32) (local.get $a) (then ${E} (br 0)) (else ${E})) drop call $get drop`)).toEqual([
      false,
    ])
    expect(await known(`(i32.const 9) (block (br 0) (if (then ${E} return) (else ${E} return)) ${E} return) call $get drop`)).toEqual([
      false,
    ])
  })
})
