import { describe, expect, it } from 'vitest'
import { handsOff, letPlay, takeCare } from './bots.ts'

describe('the game is balanced', () => {
  it('hands off, all lives are lost by wave 2, and no point counts', async () => {
    const { wave, lives, score, earned } = await letPlay(handsOff)
    expect({ lives, isEarly: wave <= 2 }).toEqual({ lives: 0, isEarly: true })
    expect(score).toBeGreaterThan(0)
    // The two seconds until the autopilot takes over.
    expect(earned).toBeLessThan(100)
  })

  it('who takes care reaches wave 4', async () => {
    expect(await letPlay(takeCare, { untilWave: 4 })).toMatchObject({ wave: 4, lives: expect.toSatisfy((lives: number) => lives > 0) })
  })
})
