import { describe, expect, it } from 'vitest'
import { EntityMarks, EntitySet } from '../../../src/ecs/entities/entity-set.ts'

describe('EntityMarks', () => {
  it('marks an entity once', () => {
    const marks = new EntityMarks()
    expect([marks.add(3), marks.add(3), marks.add(100_000)]).toEqual([true, false, true])
    expect([3, 4, 100_000, 100_001, 1e9].map((entity) => marks.has(entity))).toEqual([true, false, true, false, false])
  })

  it('takes the mark of an entity', () => {
    const marks = new EntityMarks()
    marks.add(3)
    for (const entity of [3, 4, 1e9]) marks.delete(entity)
    expect(marks.has(3)).toBe(false)
    expect(marks.add(3)).toBe(true)
  })
})

describe('EntitySet', () => {
  it('has each entity once, in the order in which they were added', () => {
    const set = new EntitySet()
    for (const entity of [7, 3, 7, 1000, 3]) set.add(entity)
    expect([set.size, set.toArray()]).toEqual([3, [7, 3, 1000]])
    expect([7, 3, 1000, 8].map((entity) => set.has(entity))).toEqual([true, true, true, false])
  })

  it('is empty after its entities were taken, which may be added again', () => {
    const set = new EntitySet()
    for (const entity of [7, 3]) set.add(entity)
    for (const entity of set.take()) {
      expect(set.has(entity)).toBe(false)
      set.add(entity)
    }
    expect(set.toArray()).toEqual([7, 3])
    set.clear()
    expect([set.size, set.has(7), set.toArray()]).toEqual([0, false, []])
    set.add(3)
    expect(set.toArray()).toEqual([3])
  })
})
