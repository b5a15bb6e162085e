import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_MANY_MEMORIES } from '../../fixtures/wasm/rewritten.ts'
import { type FuzzResult, fuzz } from './fuzz.ts'
import { ModuleGenerator } from './generator.ts'

/** Tests so many generated modules, each beside itself, rewritten. */
export function testGeneratedModules(count: number): void {
  let generator: ModuleGenerator

  beforeAll(() => {
    generator = new ModuleGenerator()
  })
  afterAll(() => generator.dispose())

  describe('a generated module', () => {
    it('does the same when it is rewritten, and burns one unit of fuel an instruction', async () => {
      const results: FuzzResult[] = []
      const mismatches: string[] = []
      for (let number = 0; number < count; number++) {
        const result = await fuzz(generator, number)
        results.push(result)
        if (result.verdict === 'mismatch') mismatches.push(`module ${number}: ${result.detail}`)
      }
      expect(mismatches).toEqual([])
      const sum = (pick: (result: FuzzResult) => number): number => results.reduce((total, result) => total + pick(result), 0)
      expect(sum(({ verdict }) => (verdict === 'same' ? 1 : 0))).toBeGreaterThan(count * 0.75)
      expect(sum(({ calls }) => calls)).toBeGreaterThan(5 * count)
      expect(sum(({ hostCalls }) => hostCalls)).toBeGreaterThan(count)
      // A call's fuel is only exact in a module that catches no exceptions, as those for newer engines mostly do.
      expect(sum(({ exact }) => exact)).toBeGreaterThan(HAS_MANY_MEMORIES ? count : 5 * count)
    })
  })
}
