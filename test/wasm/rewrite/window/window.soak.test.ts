import { expect, it } from 'vitest'
import { ADDRESSES, compareEdges, OFFSETS } from './window-edges.ts'

it('every load, store, lane, bulk instruction and growth does what it does on a memory of its own, at every edge', async () => {
  const { differences, accesses, traps } = await compareEdges(OFFSETS, ADDRESSES)
  expect(differences).toEqual([])
  expect(accesses).toBeGreaterThan(85_000)
  expect(traps).toBeGreaterThan(50_000)
})
