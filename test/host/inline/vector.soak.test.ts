import { afterAll, beforeAll, expect, it } from 'vitest'
import { soakSize } from '../../fixtures/soak-size.ts'
import { VectorDifferential } from './vector-differential.ts'

const COUNT = soakSize(40)

let differential: VectorDifferential
beforeAll(async () => {
  differential = await VectorDifferential.create()
})
afterAll(() => differential.dispose())

it('many random updates give the same in groups, masked or not, one by one, and by host functions', async () => {
  const found: string[] = []
  let vectors = 0
  for (let seed = 1000; seed < 1000 + COUNT; seed++) {
    const { difference, isVector } = await differential.compare(seed)
    if (difference !== undefined) found.push(`seed ${seed}: ${difference}`)
    if (isVector) vectors++
  }
  expect(found).toEqual([])
  expect(vectors).toBeGreaterThan(COUNT / 3)
})
