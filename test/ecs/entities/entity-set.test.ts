import { describe, expect, it } from 'vitest'
import { EntitySet } from '../../../src/ecs/entities/entity-set.ts'

describe('EntitySet', () => {
  it('has each entity once, in the order in which they were added', () => {
    const set = new EntitySet()
    for (const entity of [7, 3, 7, 1000, 3]) set.add(entity)
    expect(set.entities).toEqual([7, 3, 1000])
    expect([7, 3, 1000, 8].map((entity) => set.has(entity))).toEqual([true, true, true, false])
  })

  it('is empty after its entities were taken, which may be added again', () => {
    const set = new EntitySet()
    for (const entity of [7, 3]) set.add(entity)
    for (const entity of set.take()) {
      expect(set.has(entity)).toBe(false)
      set.add(entity)
    }
    expect(set.entities).toEqual([7, 3])
    expect(set.take()).toEqual([7, 3])
    expect([set.has(7), set.entities]).toEqual([false, []])
    set.add(3)
    expect(set.entities).toEqual([3])
  })
})
