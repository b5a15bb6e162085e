import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Allocation, Reserve } from '../../../src/ecs/components/reserve.ts'

const PAGE = 65_536
const START = 1000 * 16

const reserve = (start = START): Reserve => new Reserve(new WebAssembly.Memory({ initial: 1, maximum: 1 }), start)

describe('Reserve', () => {
  it('allocates behind the columns, at multiples of 16 and without overlap', () => {
    const made = reserve()
    const allocations = [1, 16, 17, 100].map((bytes) => made.allocate(bytes) as Allocation)
    expect(allocations).toEqual([
      { address: START, bytes: 16 },
      { address: START + 16, bytes: 16 },
      { address: START + 32, bytes: 32 },
      { address: START + 64, bytes: 112 },
    ])
  })

  it('allocates the whole reserve and not a byte more', () => {
    const made = reserve()
    expect(made.allocate(PAGE - START + 1)).toBeUndefined()
    const all = made.allocate(PAGE - START) as Allocation
    expect(all).toEqual({ address: START, bytes: PAGE - START })
    expect(made.allocate(1)).toBeUndefined()
    made.free(all)
    expect(made.allocate(PAGE - START)).toEqual(all)
  })

  it('allocates nothing if the columns fill the memory', () => {
    const made = reserve(PAGE)
    expect(made.allocate(1)).toBeUndefined()
    expect(made.allocate(4)).toBeUndefined()
  })

  it.each([[[0, 1, 2, 3]], [[3, 2, 1, 0]], [[1, 3, 0, 2]], [[2, 0, 3, 1]], [[1, 2, 0, 3]]])(
    'merges all free ranges when allocations are freed in the order %s',
    (order) => {
      const made = reserve()
      const allocations = [64, 16, 1024, 48].map((bytes) => made.allocate(bytes) as Allocation)
      for (const index of order) made.free(allocations[index] as Allocation)
      expect(made.allocate(PAGE - START)).toEqual({ address: START, bytes: PAGE - START })
    },
  )

  it('allocates the first free range that is large enough', () => {
    const made = reserve()
    const [first, second, third] = [32, 64, 32].map((bytes) => made.allocate(bytes) as Allocation) as [Allocation, Allocation, Allocation]
    made.allocate(16)
    made.free(first)
    made.free(third)
    expect(made.allocate(48)?.address).toBeGreaterThan(third.address)
    expect(made.allocate(32)).toEqual(first)
    made.free(second)
    expect(made.allocate(96)).toEqual({ address: second.address, bytes: 96 })
  })

  it('returns an allocation as words of the memory', () => {
    const made = reserve()
    const allocation = made.allocate(12) as Allocation
    const words = made.words(allocation)
    words[1] = 7
    expect([words.length, words.byteOffset, new Uint32Array(made.memory.buffer)[START / 4 + 1]]).toEqual([4, START, 7])
  })

  it('never allocates a byte twice and never loses one, in any order of allocating and freeing', () => {
    const step = fc.record({ bytes: fc.integer({ min: 1, max: 9000 }), frees: fc.boolean(), which: fc.nat(1000) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const made = reserve()
        const held: Allocation[] = []
        for (const { bytes, frees, which } of steps) {
          if (frees && held.length > 0) made.free(held.splice(which % held.length, 1)[0] as Allocation)
          else {
            const allocation = made.allocate(bytes)
            if (allocation !== undefined) held.push(allocation)
          }
          const sorted = held.toSorted((one, other) => one.address - other.address)
          for (const [index, { address, bytes: size }] of sorted.entries()) {
            const end = sorted[index + 1]?.address ?? PAGE
            if (address % 16 !== 0 || address < START || address + size > end) throw new Error('allocations overlap')
          }
        }
        for (const allocation of held) made.free(allocation)
        expect(made.allocate(PAGE - START)).toEqual({ address: START, bytes: PAGE - START })
      }),
      { seed: 7, numRuns: 300 },
    )
  })
})
