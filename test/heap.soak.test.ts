import { expect, it } from 'vitest'
import { heapGrowth } from './fixtures/heap-growth.ts'

it('2,000 loads, reloads and unloads leave the heap as it was', async () => {
  // One retained instance would be some 5,000 bytes a round.
  expect(await heapGrowth('heap.js', 2000, 3000)).toBeLessThan(100)
})

it('10,000 reloads in a row of one script, with its state and ever other texts, leave the heap as it was', async () => {
  // One retained instance would be some 5,000 bytes a reload.
  expect(await heapGrowth('reload-heap.js', 10_000, 9000)).toBeLessThan(30)
})

it('900 reloads that are taken back leave the heap as it was', async () => {
  // The script's queries alone, if they were kept, would be more than 1,000 bytes a round.
  expect(await heapGrowth('probation-heap.js', 900, 1500)).toBeLessThan(555)
})
