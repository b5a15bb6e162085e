import { Recorder, Recording, Replay } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createSimulation, type Game } from '../../demo/sim/index.ts'
import { linkBy } from '../fixtures/game.ts'

/** On every engine: the same tests pass on Node 20 and Node 24. */
const DEMO_HASH = 'd9b94a44c22657c5'

/** The demo with someone at the keys for all of it. */
async function playDemo(link: 'inline' | 'host'): Promise<Game> {
  const recorded = Array.from({ length: 200 }, (_, index) => ({
    tick: index * 50,
    x: ((index % 3) - 1) as -1 | 0 | 1,
    y: ((Math.floor(index / 2) % 3) - 1) as -1 | 0 | 1,
    fire: index % 5 !== 0,
  }))
  const game = await createSimulation({ seed: 7, recorded })
  linkBy(game.runtime, link)
  await game.load()
  return game
}

describe('10,000 ticks of the demo', () => {
  it('come to one hash, replayed with accessors inlined and with host functions', { timeout: 120_000 }, async () => {
    const one = await playDemo('inline')
    const recorder = new Recorder(one.runtime)
    for (let tick = 0; tick < 10_000; tick++) one.step(1 / 60)
    const recording = Recording.fromBytes(recorder.stop().toBytes())
    one.runtime.dispose()
    for (const link of ['inline', 'host'] as const) {
      const other = await playDemo(link)
      const replay = await Replay.begin(other.runtime, recording)
      expect(await replay.run()).toEqual({ ticks: 10_000, hash: DEMO_HASH, matches: true })
      other.runtime.dispose()
    }
  })
})
