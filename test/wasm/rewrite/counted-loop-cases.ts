import { expect } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { instantiateRewritten } from '../../fixtures/wasm/rewritten.ts'
import { COUNT, countInstructions } from '../differential/reference-meter.ts'

const I = '(local.get $i)'
const N = '(local.get $n)'
const grow = (step: string): string =>
  `(local.set $i (i32.add ${I} ${step})) (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) ${I}))`
const negated = (test: string): string => `(i32.eqz ${test})`

/** Loops that go on while a test holds, as compilers and people write them. */
const SHAPES: Readonly<Record<string, (test: string, step: string) => string>> = {
  'tests at its end': (test, step) => `(loop $l ${grow(step)} (br_if $l ${test}))`,
  'tests what it just wrote': (test, step) => `(loop $l (local.tee $i (i32.add ${I} ${step})) (drop) (br_if $l ${test}))`,
  'tests what it had before': (test, step) => `(loop $l ${test} ${grow(step)} (br_if $l))`,
  'leaves a block at its start': (test, step) => `(block $out (loop $l (br_if $out ${negated(test)}) ${grow(step)} (br $l)))`,
  'leaves a block in its midst': (test, step) =>
    `(block $out (loop $l (local.set $sum (i32.add (local.get $sum) ${I})) (br_if $out ${negated(test)}) ${grow(step)} (br $l)))`,
  'leaves two blocks': (test, step) => `(block $out (block (loop $l (br_if $out ${negated(test)}) ${grow(step)} (br $l))))`,
  'is all in an if': (test, step) => `(loop $l (if ${test} (then ${grow(step)} (br $l))))`,
  'has a block to leave': (test, step) => `(loop $l (block $out (br_if $out ${negated(test)}) ${grow(step)} (br $l)))`,
}
const SIGNED = ['lt_s', 'gt_s', 'le_s', 'ge_s', 'lt_u', 'gt_u', 'le_u', 'ge_u', 'ne', 'eq']
const TESTS: readonly (readonly [string, string])[] = [
  ...SIGNED.map((comparison) => [comparison, `(i32.${comparison} ${I} ${N})`] as const),
  ...SIGNED.map((comparison) => [`${comparison}, the other way round`, `(i32.${comparison} ${N} ${I})`] as const),
  ['ne, shifted', `(i32.ne (i32.sub ${I} (i32.const 2)) ${N})`],
  ['lt_u, shifted', `(i32.lt_u (i32.add ${I} (i32.const 3)) ${N})`],
  ['a constant', `(i32.lt_s ${I} (i32.const 6))`],
  ['a constant at the end of the range', `(i32.le_u ${I} (i32.const -2))`],
  ['not zero', I],
]
const STEPS = [
  '(i32.const 1)',
  '(i32.const -1)',
  '(i32.const 3)',
  '(i32.const 4)',
  '(i32.const -4)',
  '(i32.const 0)',
  '(i32.const 0x7fffffff)',
  '(local.get $s)',
]
const FUEL = 3000

const LOOPS = Object.entries(SHAPES).flatMap(([shape, write]) =>
  TESTS.flatMap(([test, code]) => STEPS.map((step) => ({ name: `${shape}, ${test}, ${step}`, code: write(code, step) }))),
)

function moduleOf(bodies: readonly string[]): string {
  return `(module ${bodies
    .map(
      (code, index) =>
        `(func (export "run${index}") (param $i i32) (param $n i32) (param $s i32) (result i32) (local $sum i32) ${code} (local.get $sum))`,
    )
    .join('\n')})`
}

type Run = (i: number, n: number, s: number) => number

/** Counts the rounds of a loop up to a number, by code of its own that does nothing else. */
function limited(code: string): string {
  // Each round passes the head of the loop.
  return code.replace(
    '(loop $l',
    '(loop $l (br_if $over (i32.gt_u (local.tee $rounds (i32.add (local.get $rounds) (i32.const 1))) (i32.const 100)))',
  )
}

/**
 * Runs loops of every shape, test and step, or one of so many of them, from each of the values to each of them. One that ends costs exactly its instructions;
 * one that does not end, or only after many rounds, ends with its fuel.
 */
export async function compareLoops(values: readonly number[], every = 1): Promise<void> {
  const loops = LOOPS.filter((_, index) => index % every === 0)
  const bytes = await assembleWat(moduleOf(loops.map(({ code }) => code)), 'loops.wat')
  const counted = new WebAssembly.Instance(new WebAssembly.Module(countInstructions(bytes).bytes)).exports
  const ends = new WebAssembly.Instance(
    new WebAssembly.Module(
      await assembleWat(
        `(module ${loops
          .map(
            ({ code }, index) =>
              `(func (export "run${index}") (param $i i32) (param $n i32) (param $s i32) (result i32) (local $sum i32) (local $rounds i32)
              (block $over ${limited(code)} (return (i32.const 1))) (i32.const 0))`,
          )
          .join('\n')})`,
        'ends.wat',
      ),
    ),
  ).exports
  const rewritten = instantiateRewritten(bytes)
  const count = counted[COUNT] as WebAssembly.Global<'i32'>
  const wrong: string[] = []
  let compared = 0
  let endless = 0
  for (const [index, { name }] of loops.entries()) {
    const run = `run${index}`
    for (const [place, i] of values.entries()) {
      for (const n of values) {
        const s = values[(place * 5 + n) & 7] as number
        const ended = (ends[run] as Run)(i, n, s) === 1
        rewritten.fuel = FUEL
        let outcome: number | string
        try {
          outcome = (rewritten.exports[run] as Run)(i, n, s)
        } catch (error) {
          outcome = (error as Error).message
        }
        const spent = FUEL - rewritten.fuel
        if (!ended) {
          endless++
          if (spent < 100) wrong.push(`${name} (${i}, ${n}, ${s}): ${outcome} for ${spent}`)
          continue
        }
        compared++
        const before = count.value
        const expected = (counted[run] as Run)(i, n, s)
        const units = count.value - before
        if (outcome !== expected || spent !== units)
          wrong.push(`${name} (${i}, ${n}, ${s}): ${outcome} for ${spent}, not ${expected} for ${units}`)
      }
    }
  }
  expect(wrong.slice(0, 5)).toEqual([])
  expect(Math.min(compared, endless)).toBeGreaterThan(loops.length * values.length)
}
