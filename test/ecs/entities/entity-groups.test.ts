import { describe, expect, it } from 'vitest'
import { Reserve } from '../../../src/ecs/components/reserve.ts'
import { EntityGroups } from '../../../src/ecs/entities/entity-groups.ts'

function make(capacity: number): { readonly groups: EntityGroups; readonly bytes: () => readonly number[]; readonly reserve: Reserve } {
  const reserve = new Reserve(new WebAssembly.Memory({ initial: 1, maximum: 1 }), 1024)
  const groups = EntityGroups.in(reserve, capacity) as EntityGroups
  return { groups, reserve, bytes: () => [...new Uint8Array(reserve.memory.buffer, groups.address, groups.end)] }
}

describe('EntityGroups', () => {
  it('has a byte for each group of four, with a bit for each entity', () => {
    const { groups, bytes } = make(100)
    for (const entity of [1, 4, 5, 6, 7, 14]) groups.set(entity, true)
    expect(bytes()).toEqual([0b0010, 0b1111, 0, 0b0100])
    expect(groups).toMatchObject({ count: 6, occupied: 3, full: 1, end: 4 })
  })

  it('takes entities out again, and takes each once', () => {
    const { groups, bytes } = make(100)
    for (const entity of [4, 4, 5, 6, 7]) groups.set(entity, true)
    groups.set(6, false)
    groups.set(6, false)
    expect(bytes()).toEqual([0, 0b1011])
    expect(groups).toMatchObject({ count: 3, occupied: 1, full: 0 })
    groups.clear()
    expect(groups).toMatchObject({ count: 0, occupied: 0, full: 0, end: 0 })
  })

  it('leaves out entities at the capacity or above', () => {
    const { groups } = make(6)
    groups.set(5, true)
    groups.set(6, true)
    groups.set(1_000_000, true)
    expect(groups.count).toBe(1)
  })

  it('begins empty where other data lay, with zeros behind for those that read eight groups at once', () => {
    const { groups, reserve } = make(4)
    new Uint8Array(reserve.memory.buffer, groups.address, 9).fill(255)
    groups.dispose()
    const again = EntityGroups.in(reserve, 4) as EntityGroups
    expect(again.address).toBe(groups.address)
    expect([...new Uint8Array(reserve.memory.buffer, again.address, 9)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('is undefined if it does not fit', () => {
    expect(EntityGroups.in(undefined, 100)).toBeUndefined()
    expect(EntityGroups.in(new Reserve(new WebAssembly.Memory({ initial: 1, maximum: 1 }), 65_000), 10_000)).toBeUndefined()
  })
})
