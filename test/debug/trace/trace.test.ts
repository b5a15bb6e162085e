import { describe, expect, it } from 'vitest'
import { compareTraced } from './sweep.ts'
import { SCRIPTS } from './sweep-games.ts'

describe('a traced tick does what a plain one does, to the last unit of fuel', () => {
  it.each(Object.entries(SCRIPTS))('for %s', async (_, text) => {
    const scripts = { script: text }
    const fuels = [1, 5, 21, 55, 144, 1e6]
    const shared = await compareTraced({ scripts, link: 'inline', fuels, options: { onFault: 'detach' } })
    expect(shared.records).toBeGreaterThan(0)
    await compareTraced({ scripts, link: 'host', fuels: fuels.slice(3), options: { instances: 'entity' } })
  })
})
