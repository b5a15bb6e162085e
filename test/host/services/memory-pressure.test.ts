import { expect, it } from 'vitest'
import { memoryPressure } from '../../../src/host/services/memory-pressure.ts'

it('the pressure on a memory rises from a half, three quarters, seven eighths and fifteen sixteenths of its limit on', () => {
  const levels = [0, 31, 32, 47, 48, 55, 56, 59, 60, 64, 70].map((pages) => memoryPressure(pages, 64))
  expect(levels).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4])
})
