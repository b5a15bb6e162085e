import { expect, it } from 'vitest'
import { heapGrowth } from './fixtures/heap-growth.ts'
import { soakSize } from './fixtures/soak-size.ts'

const LOADS = soakSize(500)
const RELOADS = soakSize(2500)
const TAKEN_BACK = soakSize(600)

it(`${LOADS} loads, reloads and unloads leave the heap as it was`, async () => {
  // One retained instance would be some 5,000 bytes a round.
  expect(await heapGrowth('heap.js', LOADS, 2000)).toBeLessThan(200_000)
})

it(`${RELOADS} reloads in a row of one script, with its state and ever other texts, leave the heap as it was`, async () => {
  // One retained instance would be some 5,000 bytes a reload.
  expect(await heapGrowth('reload-heap.js', RELOADS, 5000)).toBeLessThan(400_000)
})

it(`${TAKEN_BACK} reloads that are taken back leave the heap as it was`, async () => {
  // The script's queries alone, if they were kept, would be more than 1,000 bytes a round.
  expect(await heapGrowth('probation-heap.js', TAKEN_BACK, 1500)).toBeLessThan(500_000)
})
