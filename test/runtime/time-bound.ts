import { describe, expect, it } from 'vitest'
import { ATTACKS } from '../fixtures/attacks/index.ts'
import { MAX_RATIO, measure } from '../fixtures/attacks/measure.ts'

const LINK = process.env.LINK === 'host' ? 'host' : 'inline'

/** The kinds whose time depends on how imports are linked. The others are tested once. */
const LINKED: readonly string[] = ['imports', 'the world', 'instances, events and faults']

/** Tests one of so many attacks, of the kinds whose time depends on the link, of the others, or of all: 1 is each of them. */
export function testAttacks(which: 'linked' | 'others' | 'all', every: number): void {
  let number = 0
  const kinds = Object.entries(ATTACKS).filter(([kind]) => which === 'all' || LINKED.includes(kind) === (which === 'linked'))
  const chosen = kinds.map(([kind, attacks]) => [kind, attacks.filter(() => number++ % every === 0)] as const)

  describe('fuel bounds the time of', () => {
    describe.each(chosen.filter(([, attacks]) => attacks.length > 0))('%s', (_, attacks) => {
      it.each(attacks.map((attack) => [attack.way, attack] as const))('%s', async (_, attack) => {
        const { fuel, ms, ratio } = await measure(attack, LINK)
        const told = `${ms.toFixed(1)} ms for ${fuel} units, ${ratio.toFixed(1)} times what the empty loop takes for them`
        expect(ratio, told).toBeLessThanOrEqual(MAX_RATIO)
      })
    })
  })
}
