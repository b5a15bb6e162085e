import { describe, expect, it } from 'vitest'
import { ATTACKS } from '../fixtures/attacks/index.ts'
import { MOST_RATIO, measure } from '../fixtures/attacks/measure.ts'

const LINK = process.env.LINK === 'host' ? 'host' : 'inline'

describe('fuel bounds the time of', () => {
  describe.each(Object.entries(ATTACKS))('%s', (_, attacks) => {
    it.each(attacks.map((attack) => [attack.way, attack] as const))('%s', async (_, attack) => {
      const { fuel, ms, ratio } = await measure(attack, LINK)
      const told = `${ms.toFixed(1)} ms for ${fuel} units, ${ratio.toFixed(1)} times what the empty loop takes for them`
      expect(ratio, told).toBeLessThanOrEqual(MOST_RATIO)
    })
  })
})
