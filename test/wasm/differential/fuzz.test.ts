import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_MANY_MEMORIES } from '../../fixtures/wasm/rewritten.ts'
import { type FuzzResult, fuzz } from './fuzz.ts'
import { ModuleGenerator } from './generator.ts'

const COUNT = 300

let generator: ModuleGenerator

beforeAll(() => {
  generator = new ModuleGenerator()
})
afterAll(() => generator.dispose())

describe('a generated module', () => {
  it('does the same when it is rewritten, and burns one unit of fuel an instruction', { timeout: 120_000 }, async () => {
    const results: FuzzResult[] = []
    const mismatches: string[] = []
    for (let number = 0; number < COUNT; number++) {
      const result = await fuzz(generator, number)
      results.push(result)
      if (result.verdict === 'mismatch') mismatches.push(`module ${number}: ${result.detail}`)
    }
    expect(mismatches).toEqual([])
    const sum = (pick: (result: FuzzResult) => number): number => results.reduce((total, result) => total + pick(result), 0)
    expect(sum(({ verdict }) => (verdict === 'same' ? 1 : 0))).toBeGreaterThan(COUNT * 0.75)
    expect(sum(({ calls }) => calls)).toBeGreaterThan(5 * COUNT)
    expect(sum(({ hostCalls }) => hostCalls)).toBeGreaterThan(COUNT)
    // A call's fuel is only exact in a module that catches no exceptions, as those for newer engines mostly do.
    expect(sum(({ exact }) => exact)).toBeGreaterThan(HAS_MANY_MEMORIES ? COUNT : 5 * COUNT)
  })
})
