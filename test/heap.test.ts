import { expect, it } from 'vitest'
import { heapGrowth } from './fixtures/heap-growth.ts'

/** Rounds, after as many to warm up. `heap.soak.test.ts` runs thousands, also reloads, and has tighter bounds. */
const ROUNDS = 200
/** Bytes a round: one retained instance would be some 5,000. */
const BOUND = 2500

it('loads, reloads and unloads leave the heap as it was', async () => {
  expect(await heapGrowth('heap.js', ROUNDS, ROUNDS)).toBeLessThan(BOUND * ROUNDS)
})
