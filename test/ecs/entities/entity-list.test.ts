import { describe, expect, it } from 'vitest'
import { Reserve } from '../../../src/ecs/components/reserve.ts'
import { EntityList } from '../../../src/ecs/entities/entity-list.ts'

const reserve = (start: number): Reserve => new Reserve(new WebAssembly.Memory({ initial: 1, maximum: 1 }), start)

describe('EntityList', () => {
  it('lies in the ECS memory, and is its words', () => {
    const room = reserve(1024)
    const list = new EntityList(room)
    list.hold(3)
    list.array.set([5, 6, 7])
    const address = list.address as number
    expect(address).toBeGreaterThanOrEqual(1024)
    expect([...new Uint32Array(room.memory.buffer, address, 3)]).toEqual([5, 6, 7])
  })

  it('has room for as many as it was told to hold, and moves only when it must', () => {
    const list = new EntityList(reserve(1024))
    const { array } = list
    list.hold(array.length)
    expect(list.array).toBe(array)
    list.hold(array.length + 1)
    expect(list.array).not.toBe(array)
    for (const count of [100, 300, 1000, 5000]) {
      list.hold(count)
      expect(list.array.length).toBeGreaterThanOrEqual(count)
      expect(list.array.byteOffset).toBe(list.address)
    }
  })

  it('takes no more room than it uses, however often it grows', () => {
    const room = reserve(0)
    const list = new EntityList(room)
    for (let count = 1; count < 8000; count += 37) list.hold(count)
    expect(list.address).toBeDefined()
    list.release()
    expect(room.take(65_536)).toBeDefined()
    expect([list.array.length, list.address]).toEqual([0, undefined])
  })

  it('is a list elsewhere where there is no room', () => {
    for (const where of [undefined, reserve(65_536), reserve(65_536 - 64)]) {
      const list = new EntityList(where)
      list.hold(200)
      list.array[199] = 9
      expect([list.address, list.array[199], list.array.length >= 200]).toEqual([undefined, 9, true])
      list.release()
    }
  })

  it('leaves the room for others once it has outgrown it', () => {
    const room = reserve(65_536 - 512)
    const list = new EntityList(room)
    expect(list.address).toBe(65_536 - 512)
    list.hold(129)
    expect(list.address).toBeUndefined()
    expect(room.take(512)).toBeDefined()
  })
})
