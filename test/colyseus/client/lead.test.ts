import { describe, expect, it } from 'vitest'
import { Lead } from '../../../src/colyseus/client/lead.ts'

describe('the lead of a client', () => {
  it('grows at once by the inputs that came too late', () => {
    const lead = new Lead(4, 20)
    lead.heed({ waiting: 1, missed: 7 })
    expect(lead.heed({ waiting: 0, missed: 9 })).toBe(2)
    expect(lead.ticks).toBe(6)
  })

  it('does not count what was missed before it', () => {
    const lead = new Lead(4, 20)
    expect(lead.heed({ waiting: 0, missed: 1000 })).toBe(0)
  })

  it('shrinks by half of the inputs that were waiting for long without need', () => {
    const lead = new Lead(10, 20)
    const changes = Array.from({ length: 180 }, () => lead.heed({ waiting: 5, missed: 0 }))
    expect(changes.filter((change) => change !== 0)).toEqual([-2, -2, -2])
  })

  it('stays as long as an input now and then is only just in time', () => {
    const lead = new Lead(10, 20)
    for (let frame = 0; frame < 300; frame++) lead.heed({ waiting: frame % 50 === 0 ? 1 : 6, missed: 0 })
    expect(lead.ticks).toBe(10)
  })

  it('has a limit, whatever the server says', () => {
    const lead = new Lead(4, 20)
    lead.heed({ waiting: 0, missed: 0 })
    lead.heed({ waiting: 0, missed: 1e9 })
    expect(lead.ticks).toBe(20)
  })

  it('is reached again after the server left ticks out, as soon as late frames cannot be the reason', () => {
    const lead = new Lead(6, 20)
    const changes = Array.from({ length: 45 }, (_, frame) => lead.watch(frame % 4 === 0 ? 36 : 50))
    expect(changes.filter((change) => change !== 0)).toEqual([-30, -30, -30])
    const calm = Array.from({ length: 45 }, (_, frame) => lead.watch(frame % 4 === 0 ? 7 : 30))
    expect(calm.every((change) => change === 0)).toBe(true)
    expect(lead.ticks).toBe(6)
  })

  it('is reached again at its limit, while the server drops every input', () => {
    const lead = new Lead(20, 20)
    const owed = Array.from({ length: 15 }, (_, frame) => {
      lead.heed({ waiting: 0, missed: frame * 3 })
      return lead.watch(80)
    })
    expect(owed.at(-1)).toBe(-60)
  })
})
