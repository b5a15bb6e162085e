import { describe, expect, it } from 'vitest'
import { compareTraced } from './sweep.ts'
import { createGuests, SCRIPTS } from './sweep-games.ts'

/** Each amount that ends the first instructions, and of more each thirteenth. */
const FUELS = [...Array.from({ length: 40 }, (_, index) => index + 1), ...Array.from({ length: 30 }, (_, index) => 41 + 13 * index), 1e6]

describe.each(Object.entries(SCRIPTS))('a traced tick of %s does what a plain one does', (name, text) => {
  it.each(['inline', 'host', 'window'] as const)('with each amount of fuel, linked by %s', async (link) => {
    const shared = { instances: 'shared', onFault: 'stop' } as const
    const swept = await compareTraced({ scripts: { script: text, other: text }, link, fuels: FUELS, options: shared })
    expect(swept.records).toBeGreaterThan(0)
    // Code that runs on several entities at once is compared with traced code, which runs on one after the other.
    expect(swept.hasVectors).toBe(name === 'several entities at once' && link !== 'host')
    const perEntity = { instances: 'entity', onFault: 'detach' } as const
    const fuels = FUELS.filter((_, index) => index % 3 === 0)
    expect((await compareTraced({ scripts: { script: text }, link, fuels, options: perEntity })).records).toBeGreaterThan(0)
  })
})

describe('a traced tick of another guest does what a plain one does', () => {
  it.each(['inline', 'window'] as const)('with each amount of fuel, linked by %s', async (link) => {
    const fuels = [...FUELS, ...Array.from({ length: 20 }, (_, index) => 431 + 197 * index)]
    for (const [name, source] of Object.entries(await createGuests())) {
      const { records } = await compareTraced({ scripts: { [name]: source }, link, fuels })
      expect(records, name).toBeGreaterThan(0)
    }
  })
})
