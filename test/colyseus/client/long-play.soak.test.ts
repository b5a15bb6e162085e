import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { closeRooms, openMatchMaker } from '../room/room-in-memory.ts'
import { openArena } from './play.ts'

beforeAll(openMatchMaker)
afterEach(closeRooms)

describe('a minute of two players at 100 ms there and back', () => {
  for (const loss of [0, 0.05]) {
    it(`corrects at most one frame of 200 with ${100 * loss} % lost`, async () => {
      const { run, join, steer } = await openArena({ latency: 50, jitter: 10, loss, seed: 11 })
      const both = [await join(), await join()]
      both.forEach(steer)
      await run(3000)
      const before = both.map(({ stats }) => stats)
      await run(60_000)
      both.forEach(({ stats }, index) => {
        const frames = stats.frames - (before[index]?.frames ?? 0)
        expect(frames).toBeGreaterThan(900)
        expect(stats.corrected - (before[index]?.corrected ?? 0)).toBeLessThanOrEqual(frames / 200)
      })
    })
  }
})
