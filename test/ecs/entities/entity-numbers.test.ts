import { describe, expect, it } from 'vitest'
import { COPIES } from '../../../src/array-image.ts'
import { EntityNumbers } from '../../../src/ecs/entities/entity-numbers.ts'

describe('EntityNumbers', () => {
  it('has a number for every entity, 0 by default', () => {
    const numbers = new EntityNumbers<Uint32Array>(Uint32Array)
    numbers.set(5, 7)
    numbers.set(10_000, 8)
    expect([0, 5, 9999, 10_000, 10_001, 1_000_000].map((entity) => numbers.of(entity))).toEqual([0, 7, 0, 8, 0, 0])
    numbers.clear()
    expect(numbers.of(5)).toBe(0)
  })

  it('restores an image and drops later numbers', () => {
    const numbers = new EntityNumbers<Float64Array>(Float64Array)
    for (let entity = 0; entity < 100; entity++) numbers.set(entity, entity / 2)
    const image = numbers.save('path', 50, COPIES)
    expect([...image.read()]).toEqual(Array.from({ length: 51 }, (_, entity) => entity / 2))
    numbers.set(3, 1000)
    numbers.set(5000, 1000)
    numbers.restore(image)
    expect([3, 50, 51, 5000].map((entity) => numbers.of(entity))).toEqual([1.5, 25, 0, 0])
  })

  it('returns the same image until a number changes', () => {
    const numbers = new EntityNumbers<Uint32Array>(Uint32Array)
    numbers.set(1, 1)
    const image = numbers.save('path', 10, COPIES)
    expect(numbers.save('path', 10, COPIES)).toBe(image)
    expect(numbers.save('path', 11, COPIES)).not.toBe(image)
    const longer = numbers.save('path', 11, COPIES)
    numbers.set(2, 2)
    expect(numbers.save('path', 11, COPIES)).not.toBe(longer)
    numbers.restore(longer)
    expect(numbers.save('path', 11, COPIES)).toBe(longer)
  })
})
