import { describe, expect, it } from 'vitest'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { RESERVED } from '../../../src/wasm/format/reserved.ts'
import type { ChargePlan } from '../../../src/wasm/rewrite/charge-plan.ts'
import { findCharges } from '../../../src/wasm/rewrite/charges.ts'
import { planFunctions } from '../../../src/wasm/rewrite/function-plans.ts'
import { INSERTION, Insertions } from '../../../src/wasm/rewrite/insertions.ts'
import { rewriteModule } from '../../../src/wasm/rewrite/rewrite.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'

const BUDGET = 1_000_000
const PLAN: ChargePlan = {
  calls: new Map(),
  priceOf: () => 0,
  mayCharge: () => false,
  isLinked: false,
  floats: { callable: new Set(), inGlobals: false, fromCalls: false, isLinked: false },
  firstShifted: Number.POSITIVE_INFINITY,
  memoryPages: 1,
}
const NAMES: Readonly<Record<number, string>> = { [INSERTION.entry]: 'entry', [INSERTION.loop]: 'loop', [INSERTION.block]: 'block' }

const run = (body: string): string => `(module (memory 1) (func (export "run") (param i32) (result i32) (local i32) ${body}))`

/** Returns what each basic block of the first function charges. */
async function chargesOf(body: string): Promise<readonly string[]> {
  const module = decodeModule(await assembleWat(run(body), 'script.wat'))
  const insertions = new Insertions()
  const charges = findCharges(module, 0, PLAN, insertions)
  planFunctions(module, [charges], false)
  const { kind, argument, isChecked } = insertions
  return Array.from({ length: charges.end }, (_, each) => each)
    .filter((each) => NAMES[kind[each] as number] !== undefined)
    .map((each) => `${NAMES[kind[each] as number]} ${argument[each]}${isChecked[each] === 1 ? ', checked' : ''}`)
}

/** Calls `run` with an argument, and returns the fuel that it spent, with the message of its trap. */
async function spend(body: string, argument: number): Promise<{ readonly fuel: number; readonly trap: string | undefined }> {
  const options = { memoryPages: 1, tableElements: 1, jsonBytes: 0 }
  const { bytes } = rewriteModule(decodeModule(await assembleWat(run(body), 'script.wat')), options)
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
  const fuel = exports[RESERVED.fuel] as WebAssembly.Global
  fuel.value = BUDGET
  let trap: string | undefined
  try {
    ;(exports.run as (argument: number) => number)(argument)
  } catch (error) {
    trap = (error as Error).message
  }
  return { fuel: BUDGET - fuel.value, trap }
}

const DOWN = '(local.set 0 (i32.sub (local.get 0) (i32.const 1)))'
const ROUNDS = `(loop $again
  (if (i32.and (local.get 0) (i32.const 1)) (then (nop) (nop)) (else (nop)))
  ${DOWN}
  (br_if $again (local.get 0)))
  (local.get 1)`

describe('the charges of a function', () => {
  it('are one in each round of a loop, whichever arm it takes', async () => {
    // The function pays for the start of the first round, and each arm for the rest of its round and the start of the next.
    expect(await chargesOf(ROUNDS)).toEqual(['entry 4, checked', 'loop 0, checked', 'block 13', 'block 12', 'block 0'])
    const { fuel } = await spend(ROUNDS, 10)
    expect(fuel).toBe(4 + 5 * 13 + 5 * 12)
  })

  it('are paid in the arms if nothing before them can end the function', async () => {
    const arms = '(if (local.get 0) (then (nop) (nop) (nop)) (else (nop))) (local.get 1)'
    expect(await chargesOf(arms)).toEqual(['entry 0, checked', 'block 8', 'block 6'])
  })

  it.each([
    ['a load', '(local.set 1 (i32.load (local.get 0)))', 'memory access out of bounds'],
    [
      'a load behind a block',
      '(block $b (br_if $b (local.get 0)) (nop)) (local.set 1 (i32.load (local.get 0)))',
      'memory access out of bounds',
    ],
    ['unreachable', '(if (i32.lt_s (local.get 0) (i32.const 0)) (then (unreachable)))', 'unreachable'],
  ])('are paid before %s that traps', async (_, trap, message) => {
    const body = `(loop $again ${trap} (if (local.get 1) (then (nop) (nop)) (else (nop))) ${DOWN} (br_if $again (local.get 0))) (local.get 1)`
    const straight = body.replace('(loop $again', '(block $again')
    const [ended, plain] = [await spend(body, -1), await spend(straight, -1)]
    expect(ended.trap).toBe(message)
    expect(ended.fuel).toBeGreaterThanOrEqual(3)
    expect(ended.fuel - plain.fuel).toBeGreaterThanOrEqual(0)
  })

  it('stay where they are if too much would be paid ahead', async () => {
    const start = (units: number): string => ROUNDS.replace('(if', `${'(nop)'.repeat(units)} (if`)
    expect((await chargesOf(start(200)))[1]).toBe('loop 0, checked')
    expect((await chargesOf(start(300)))[1]).toBe('loop 313, checked')
  })

  it('stay where they are in a function that catches exceptions', async () => {
    const charges = await chargesOf(`(try (do (nop)) (catch_all (nop))) ${ROUNDS}`)
    expect(charges).toContain('loop 12, checked')
  })
})
