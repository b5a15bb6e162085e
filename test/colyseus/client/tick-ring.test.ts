import { describe, expect, it } from 'vitest'
import { TickRing } from '../../../src/colyseus/client/tick-ring.ts'

describe('a ring of ticks', () => {
  it('has the entries of the last ticks, and no more than its size', () => {
    const ring = new TickRing<string>(4)
    for (let tick = 0; tick < 100; tick++) ring.set(tick, `tick ${tick}`)
    expect([95, 96, 97, 98, 99, 100].map((tick) => ring.get(tick))).toEqual([
      undefined,
      'tick 96',
      'tick 97',
      'tick 98',
      'tick 99',
      undefined,
    ])
  })

  it('finds the newest entry that passes, at a tick or before it', () => {
    const ring = new TickRing<number>(8)
    for (let tick = 10; tick < 16; tick++) ring.set(tick, tick * 10)
    expect(ring.latest(14, (entry) => entry % 40 === 0)).toEqual([12, 120])
    expect(ring.latest(11, (entry) => entry % 40 === 0)).toBeUndefined()
  })

  it('forgets the ticks before one, and all', () => {
    const ring = new TickRing<number>(8)
    for (let tick = 0; tick < 6; tick++) ring.set(tick, tick)
    ring.dropBefore(4)
    expect([3, 4, 5].map((tick) => ring.get(tick))).toEqual([undefined, 4, 5])
    ring.clear()
    expect(ring.get(5)).toBeUndefined()
  })
})
