import { describe, expect, it } from 'vitest'
import { HAS_MANY_MEMORIES } from '../../fixtures/wasm/rewritten.ts'
import { compareModules, type FuzzResult } from './fuzz.ts'
import { KEPT_COUNT, readKeptModules } from './generated.ts'

describe('a generated module', () => {
  it('does the same when it is rewritten, and burns one unit of fuel an instruction', { timeout: 120_000 }, async () => {
    const results: FuzzResult[] = []
    const mismatches: string[] = []
    for (const [number, module] of (await readKeptModules()).entries()) {
      const result = compareModules(module, number)
      results.push(result)
      if (result.verdict === 'mismatch') mismatches.push(`module ${number}: ${result.detail}`)
    }
    expect(mismatches).toEqual([])
    const sum = (pick: (result: FuzzResult) => number): number => results.reduce((total, result) => total + pick(result), 0)
    expect(sum(({ verdict }) => (verdict === 'same' ? 1 : 0))).toBeGreaterThan(KEPT_COUNT * 0.75)
    expect(sum(({ calls }) => calls)).toBeGreaterThan(5 * KEPT_COUNT)
    expect(sum(({ hostCalls }) => hostCalls)).toBeGreaterThan(KEPT_COUNT)
    // A call's fuel is only exact in a module that catches no exceptions, as those for newer engines mostly do.
    expect(sum(({ exact }) => exact)).toBeGreaterThan(HAS_MANY_MEMORIES ? KEPT_COUNT : 5 * KEPT_COUNT)
  })
})
