import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/host/services/random.ts'

const draw = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.next())

describe('Random', () => {
  it('returns fixed numbers for a seed and a stream', () => {
    expect(draw(new Random(7, 'dice'), 3)).toEqual([0.21688885082074194, 0.01577887099992148, 0.35612247384592666])
  })

  it('differs for each seed, including seeds over 32 bits, and for each stream', () => {
    const firsts = [new Random(0, 'a'), new Random(1, 'a'), new Random(2 ** 32, 'a'), new Random(0, 'b')].map((random) => random.next())
    expect(new Set(firsts).size).toBe(4)
  })

  it('is spread evenly over [0, 1)', () => {
    const counts = new Array(10).fill(0)
    for (const value of draw(new Random(1, 'spread'), 10_000)) counts[Math.floor(value * 10)]++
    expect(counts).toHaveLength(10)
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  it('continues from a saved state', () => {
    const random = new Random(3, 'x')
    random.next()
    const state = random.save()
    const next = draw(random, 5)
    random.restore(state)
    expect(draw(random, 5)).toEqual(next)
  })
})
