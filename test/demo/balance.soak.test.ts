import { describe, expect, it } from 'vitest'
import { handsOff, letPlay, runInCircles, standStill, takeCare } from './bots.ts'

const SEEDS = [1, 3, 4, 5]

describe('over several seeds', () => {
  it('hands off, all lives are lost by wave 2', async () => {
    for (const seed of SEEDS)
      expect(await letPlay(handsOff, { seed })).toMatchObject({ lives: 0, wave: expect.toSatisfy((wave: number) => wave <= 2) })
  })

  it('who takes care reaches wave 4 and has a better score than who stands still or runs in circles', async () => {
    for (const seed of SEEDS) {
      const careful = await letPlay(takeCare, { seed, untilWave: 5 })
      expect(careful.wave).toBeGreaterThanOrEqual(4)
      for (const bot of [standStill, runInCircles]) {
        const careless = await letPlay(bot, { seed })
        expect(careless.lives).toBe(0)
        expect(careless.earned).toBeLessThan(careful.earned * 0.75)
      }
    }
  })
})
