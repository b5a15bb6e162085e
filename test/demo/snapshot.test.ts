import { hashWorld, Snapshot } from 'bitscript'
import { expect, it } from 'vitest'
import { createSimulation, SCRIPTS } from '../../demo/sim/index.ts'
import { linkBy } from '../fixtures/game.ts'

it('a snapshot as bytes contains the whole demo', async () => {
  const play = async (): Promise<Awaited<ReturnType<typeof createSimulation>>> => {
    const made = await createSimulation({ seed: 7 })
    made.runtime.on('log', () => undefined)
    await made.load()
    return made
  }
  const one = await play()
  for (let tick = 0; tick < 120; tick++) one.runtime.tick(1 / 60)
  const bytes = one.runtime.snapshot().toBytes()
  for (let tick = 0; tick < 60; tick++) one.runtime.tick(1 / 60)
  const other = await play()
  other.runtime.restore(Snapshot.fromBytes(bytes))
  for (let tick = 0; tick < 60; tick++) other.runtime.tick(1 / 60)
  expect(hashWorld(other.world, other.components)).toBe(hashWorld(one.world, one.components))
})

it.each(['inline', 'host'] as const)('the demo repeats the same ticks from a snapshot, with link: %s', async (link) => {
  const game = await createSimulation({ seed: 7, recorded: [] })
  linkBy(game.runtime, link)
  game.runtime.on('log', () => undefined)
  game.runtime.on('error', (error) => {
    throw error
  })
  await game.load()
  const play = (ticks: number): string[] =>
    Array.from({ length: ticks }, () => {
      expect(game.step(1 / 60).faults).toBe(0)
      return hashWorld(game.world, game.components)
    })
  play(120)
  const start = hashWorld(game.world, game.components)
  const snapshot = game.runtime.snapshot()
  const first = play(120)
  expect(game.runtime.restore(snapshot).scripts.map(({ state }) => state)).toEqual(SCRIPTS.map(() => 'restored'))
  expect(hashWorld(game.world, game.components)).toBe(start)
  expect(play(120)).toEqual(first)
  game.runtime.dispose()
})
