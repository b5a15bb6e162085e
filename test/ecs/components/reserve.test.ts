import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reserve, type Room } from '../../../src/ecs/components/reserve.ts'

const PAGE = 65_536
const START = 1000 * 16

const reserve = (start = START): Reserve => new Reserve(new WebAssembly.Memory({ initial: 1, maximum: 1 }), start)

describe('Reserve', () => {
  it('hands out rooms behind the columns, at multiples of 16, none over another', () => {
    const made = reserve()
    const rooms = [1, 16, 17, 100].map((bytes) => made.take(bytes) as Room)
    expect(rooms).toEqual([
      { address: START, bytes: 16 },
      { address: START + 16, bytes: 16 },
      { address: START + 32, bytes: 32 },
      { address: START + 64, bytes: 112 },
    ])
  })

  it('hands out all there is, and not a byte more', () => {
    const made = reserve()
    expect(made.take(PAGE - START + 1)).toBeUndefined()
    const all = made.take(PAGE - START) as Room
    expect(all).toEqual({ address: START, bytes: PAGE - START })
    expect(made.take(1)).toBeUndefined()
    made.give(all)
    expect(made.take(PAGE - START)).toEqual(all)
  })

  it('has nothing to hand out where the columns fill the memory', () => {
    const made = reserve(PAGE)
    expect(made.take(1)).toBeUndefined()
    expect(made.take(4)).toBeUndefined()
  })

  it.each([[[0, 1, 2, 3]], [[3, 2, 1, 0]], [[1, 3, 0, 2]], [[2, 0, 3, 1]], [[1, 2, 0, 3]]])(
    'is as free as before when all is given back, in the order %s',
    (order) => {
      const made = reserve()
      const rooms = [64, 16, 1024, 48].map((bytes) => made.take(bytes) as Room)
      for (const index of order) made.give(rooms[index] as Room)
      expect(made.take(PAGE - START)).toEqual({ address: START, bytes: PAGE - START })
    },
  )

  it('hands out again what was given back, the first room that is large enough', () => {
    const made = reserve()
    const [first, second, third] = [32, 64, 32].map((bytes) => made.take(bytes) as Room) as [Room, Room, Room]
    made.take(16)
    made.give(first)
    made.give(third)
    expect(made.take(48)?.address).toBeGreaterThan(third.address)
    expect(made.take(32)).toEqual(first)
    made.give(second)
    expect(made.take(96)).toEqual({ address: second.address, bytes: 96 })
  })

  it('gives the words of a room, which are those of the memory', () => {
    const made = reserve()
    const room = made.take(12) as Room
    const words = made.words(room)
    words[1] = 7
    expect([words.length, words.byteOffset, new Uint32Array(made.memory.buffer)[START / 4 + 1]]).toEqual([4, START, 7])
  })

  it('never hands out a byte twice, nor loses one, whatever is taken and given back', () => {
    const step = fc.record({ bytes: fc.integer({ min: 1, max: 9000 }), gives: fc.boolean(), which: fc.nat(1000) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const made = reserve()
        const held: Room[] = []
        for (const { bytes, gives, which } of steps) {
          if (gives && held.length > 0) made.give(held.splice(which % held.length, 1)[0] as Room)
          else {
            const room = made.take(bytes)
            if (room !== undefined) held.push(room)
          }
          const sorted = held.toSorted((one, other) => one.address - other.address)
          for (const [index, { address, bytes: size }] of sorted.entries()) {
            const end = sorted[index + 1]?.address ?? PAGE
            if (address % 16 !== 0 || address < START || address + size > end) throw new Error('rooms lie over each other')
          }
        }
        for (const room of held) made.give(room)
        expect(made.take(PAGE - START)).toEqual({ address: START, bytes: PAGE - START })
      }),
      { seed: 7, numRuns: 300 },
    )
  })
})
