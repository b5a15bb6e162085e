import { describe, expect, it } from 'vitest'
import { HAS_MANY_MEMORIES } from '../../fixtures/wasm/rewritten.ts'
import { compareModules, type FuzzResult } from './fuzz.ts'
import { readKeptModules } from './generated.ts'

/** Compares a number of the kept modules with their rewritten versions. */
export function testKeptModules(count: number): void {
  describe('a generated module', () => {
    it('behaves the same after rewriting and burns the fuel that its instructions cost', async () => {
      const results: FuzzResult[] = []
      const mismatches: string[] = []
      for (const [number, module] of (await readKeptModules()).slice(0, count).entries()) {
        const result = compareModules(module, number)
        results.push(result)
        if (result.verdict === 'mismatch') mismatches.push(`module ${number}: ${result.detail}`)
      }
      expect(mismatches).toEqual([])
      expect(results.length).toBe(count)
      const sum = (pick: (result: FuzzResult) => number): number => results.reduce((total, result) => total + pick(result), 0)
      expect(sum(({ verdict }) => (verdict === 'same' ? 1 : 0))).toBeGreaterThan(count * 0.75)
      expect(sum(({ calls }) => calls)).toBeGreaterThan(5 * count)
      expect(sum(({ hostCalls }) => hostCalls)).toBeGreaterThan(count)
      // Fuel is exact only in modules that catch no exceptions; most of those for newer engines do.
      expect(sum(({ exact }) => exact)).toBeGreaterThan(HAS_MANY_MEMORIES ? count : 5 * count)
    })
  })
}
