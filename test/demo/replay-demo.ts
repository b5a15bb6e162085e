import { Recorder, Recording, Replay } from 'bitscript'
import { expect } from 'vitest'
import { createSimulation, type Game } from '../../demo/sim/index.ts'
import { linkBy } from '../fixtures/game.ts'

/** The demo with 10,000 ticks of input. */
async function playDemo(link: 'inline' | 'host'): Promise<Game> {
  const recorded = Array.from({ length: 200 }, (_, index) => ({
    tick: index * 50,
    x: ((index % 3) - 1) as -1 | 0 | 1,
    y: ((Math.floor(index / 2) % 3) - 1) as -1 | 0 | 1,
    fire: index % 5 !== 0,
  }))
  // Small waves, so that enemies of every kind come in.
  const game = await createSimulation({ seed: 7, recorded, swarm: 20 })
  linkBy(game.runtime, link)
  game.runtime.on('log', () => undefined)
  await game.load()
  return game
}

/** Records a number of ticks of the demo, and replays them linked in both ways. The world must have this hash every time. */
export async function replayDemo(ticks: number, hash: string): Promise<void> {
  const one = await playDemo('inline')
  const recorder = new Recorder(one.runtime)
  for (let tick = 0; tick < ticks; tick++) one.step(1 / 60)
  const recording = Recording.fromBytes(recorder.stop().toBytes())
  one.runtime.dispose()
  for (const link of ['inline', 'host'] as const) {
    const other = await playDemo(link)
    const replay = await Replay.begin(other.runtime, recording)
    expect(await replay.run()).toEqual({ ticks, hash, matches: true })
    other.runtime.dispose()
  }
}
