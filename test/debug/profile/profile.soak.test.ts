import { describe, expect, it } from 'vitest'
import { compareTraced } from '../trace/sweep.ts'
import { SCRIPTS } from '../trace/sweep-games.ts'

/** Each amount that ends the first instructions, and of more each nineteenth. */
const FUELS = [...Array.from({ length: 20 }, (_, index) => index + 1), ...Array.from({ length: 10 }, (_, index) => 21 + 19 * index), 1e6]

describe.each(Object.entries(SCRIPTS))('a profiled tick of %s does what a plain one does', (_, text) => {
  it.each(['inline', 'host', 'window'] as const)('with each amount of fuel, linked by %s', async (link) => {
    const shared = { instances: 'shared', onFault: 'stop' } as const
    const game = { scripts: { script: text, other: text }, link, fuels: FUELS, options: shared }
    expect((await compareTraced(game, 'profiled')).records).toBeGreaterThan(0)
    const perEntity = { instances: 'entity', onFault: 'detach' } as const
    const fuels = FUELS.filter((_, index) => index % 3 === 0)
    expect((await compareTraced({ scripts: { script: text }, link, fuels, options: perEntity }, 'profiled')).records).toBeGreaterThan(0)
  })
})
