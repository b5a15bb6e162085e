import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/abi/limits.ts'
import { ScriptError } from '../../src/errors.ts'
import { type Budget, createBudget } from '../../src/guest/budget.ts'
import { compileCoreModule, instantiateCoreModule, rewriteCoreModule, rewriteLimits } from '../../src/guest/core-module.ts'
import { InstanceMeter } from '../../src/guest/instance-meter.ts'
import { Invocations } from '../../src/host/services/invocations.ts'
import { decodeModule } from '../../src/wasm/decode/decode.ts'
import { assembleWat } from '../../src/wasm/text/assemble.ts'
import { errorOf } from '../fixtures/game.ts'

type Exports = Readonly<Record<string, (...args: number[]) => unknown>>

/** Rewrites modules that import each other's exports, and links them into one program with one budget. */
async function link(...texts: readonly string[]): Promise<{ readonly exports: readonly Exports[]; readonly budget: Budget }> {
  const budget = createBudget()
  const exports: Exports[] = []
  for (const text of texts) {
    const module = decodeModule(await assembleWat(text, 'linked.wat'))
    const plan = { ...rewriteLimits(DEFAULT_LIMITS), imports: [], isLinked: true }
    const core = await compileCoreModule(rewriteCoreModule(module, plan))
    const others = Object.fromEntries(exports.map((each, index) => [`m${index}`, each]))
    exports.push(instantiateCoreModule(core, others as unknown as WebAssembly.Imports, { budget }).exports as unknown as Exports)
  }
  return { exports, budget }
}

/** Runs a call with a limit of fuel, as the runtime does. Returns its result and the fuel it spent. */
function run(budget: Budget, units: number, call: () => unknown): { readonly result: unknown; readonly spent: number } {
  const meter = new InstanceMeter(budget, {
    countsDepth: true,
    windows: [],
    stackPointers: [],
    outOfRange: () => undefined,
    trace: () => ({}),
  })
  const left = { fuel: units }
  const enter = (): unknown => {
    meter.enter()
    return call()
  }
  const result = new Invocations(() => undefined).run(meter, left, enter, undefined)
  return { result, spent: units - left.fuel }
}

const LIBRARY = `(module (global $calls (mut i32) (i32.const 0)) (global $kept i32 (i32.const 7)) (table (export "table") 1 funcref) (elem (i32.const 0) $count)
  (func $count (export "count") (param i32) (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1))) (i32.add (local.get 0) (global.get $kept)))
  (func (export "calls") (result i32) (global.get $calls))
  (func (export "spin") (loop (br 0)))
  (func $sink (export "sink") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (call $sink (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 5)))))`

const MAIN = `(module
  (import "m0" "count" (func $count (param i32) (result i32))) (import "m0" "spin" (func $spin))
  (import "m0" "sink" (func $sink (param i32) (result i32))) (import "m0" "table" (table 1 funcref))
  (global $own (mut i32) (i32.const 100)) (export "own" (global $own))
  (func (export "run") (param $rounds i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (call $count (local.get $sum)))
      (global.set $own (i32.add (global.get $own) (i32.const 1)))
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br_if $next (local.get $rounds)))
    (local.get $sum))
  (func (export "through_table") (result i32) (call_indirect (param i32) (result i32) (i32.const 1) (i32.const 0)))
  (func (export "call_spin") (call $spin))
  (func (export "call_sink") (param i32 i32) (result i32) (local $last i32)
    (loop $next (local.set $last (call $sink (local.get 1)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $next (local.get 0)))
    (local.get $last)))`

describe('a program of two linked modules', () => {
  it('computes what the modules compute, each with its own globals', async () => {
    const { exports, budget } = await link(LIBRARY, MAIN)
    expect(run(budget, 1000, () => exports[1]?.run?.(3)).result).toBe(21)
    expect(run(budget, 1000, () => exports[0]?.calls?.()).result).toBe(3)
    const [, main] = exports
    expect((main as unknown as { readonly own: WebAssembly.Global }).own.value).toBe(103)
  })

  it('spends one budget, whichever module runs', async () => {
    const { exports, budget } = await link(LIBRARY, MAIN)
    const once = run(budget, 1000, () => exports[1]?.run?.(1)).spent
    const twice = run(budget, 1000, () => exports[1]?.run?.(2)).spent
    // A round takes 13 instructions in one module and 8 in the other, including the ends of functions.
    expect(twice - once).toBe(21)
    expect(run(budget, 1000, () => exports[1]?.through_table?.()).spent).toBe(4 + 8)
    const error = await errorOf(() => run(budget, 1000, () => exports[1]?.call_spin?.()))
    expect(error.code).toBe('OutOfFuel')
  })

  it('counts depth across modules, without calls that have returned', async () => {
    const { exports, budget } = await link(LIBRARY, MAIN)
    // 20,000 calls into the other module, each 20 deep, one after another.
    expect(run(budget, 2 ** 29, () => exports[1]?.call_sink?.(20_000, 20)).result).toBe(5)
    const error = await errorOf(() => run(budget, 2 ** 29, () => exports[1]?.call_sink?.(1, 100_000)))
    expect(error.code).toBe('StackOverflow')
  })

  it('refuses a constant that reads a global of its own, whose index would shift', async () => {
    const module = Uint8Array.of(
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 6, 11, 2, 0x7f, 0, 0x41, 1, 0x0b, 0x7f, 0, 0x23, 0, 0x0b],
    ) as Uint8Array<ArrayBuffer>
    const plan = { ...rewriteLimits(DEFAULT_LIMITS), imports: [], isLinked: true }
    expect(() => rewriteCoreModule(decodeModule(module), plan)).toThrow(ScriptError)
  })
})
