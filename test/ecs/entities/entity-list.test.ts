import { describe, expect, it } from 'vitest'
import { Reserve } from '../../../src/ecs/components/reserve.ts'
import { EntityList } from '../../../src/ecs/entities/entity-list.ts'

const reserve = (start: number): Reserve => new Reserve(new WebAssembly.Memory({ initial: 1, maximum: 1 }), start)

describe('EntityList', () => {
  it('is a view of the ECS memory', () => {
    const room = reserve(1024)
    const list = new EntityList(room)
    list.ensureLength(3)
    list.array.set([5, 6, 7])
    const address = list.address as number
    expect(address).toBeGreaterThanOrEqual(1024)
    expect([...new Uint32Array(room.memory.buffer, address, 3)]).toEqual([5, 6, 7])
  })

  it('has at least the requested length, and moves only to grow', () => {
    const list = new EntityList(reserve(1024))
    const { array } = list
    list.ensureLength(array.length)
    expect(list.array).toBe(array)
    list.ensureLength(array.length + 1)
    expect(list.array).not.toBe(array)
    for (const count of [100, 300, 1000, 5000]) {
      list.ensureLength(count)
      expect(list.array.length).toBeGreaterThanOrEqual(count)
      expect(list.array.byteOffset).toBe(list.address)
    }
  })

  it('frees its old memory when it grows', () => {
    const room = reserve(0)
    const list = new EntityList(room)
    for (let count = 1; count < 8000; count += 37) list.ensureLength(count)
    expect(list.address).toBeDefined()
    list.release()
    expect(room.allocate(65_536)).toBeDefined()
    expect([list.array.length, list.address]).toEqual([0, undefined])
  })

  it('has memory of its own if it does not fit in the ECS memory', () => {
    for (const where of [undefined, reserve(65_536), reserve(65_536 - 64)]) {
      const list = new EntityList(where)
      list.ensureLength(200)
      list.array[199] = 9
      expect([list.address, list.array[199], list.array.length >= 200]).toEqual([undefined, 9, true])
      list.release()
    }
  })

  it('frees its ECS memory once it no longer fits there', () => {
    const room = reserve(65_536 - 512)
    const list = new EntityList(room)
    expect(list.address).toBe(65_536 - 512)
    list.ensureLength(129)
    expect(list.address).toBeUndefined()
    expect(room.allocate(512)).toBeDefined()
  })
})
