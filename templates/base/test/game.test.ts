import { expect, it, onTestFinished } from 'vitest'
import { createSimulation, type Game } from '../sim/index.ts'
import { fireflies } from '../sim/scripts.ts'

async function startGame(): Promise<Game & { play(ticks: number): void; readonly scores: number[] }> {
  const game = await createSimulation({ seed: 7 })
  onTestFinished(() => game.runtime.dispose())
  // A mistake in a script fails the test.
  game.runtime.on('error', (error) => {
    throw error
  })
  const scores: number[] = []
  game.runtime.on('event', ({ name, args }) => {
    if (name === 'caught') scores.push(args[2] as number)
  })
  await game.load()
  const play = (ticks: number): void => {
    for (let tick = 0; tick < ticks; tick++) game.step(1 / 60)
  }
  return { ...game, play, scores }
}

it('moves the lantern to where the player points', async () => {
  const game = await startGame()
  game.point(100, 500)
  game.play(60)
  const { x, y } = game.components.Position
  expect(x[game.lantern]).toBeCloseTo(100, -2)
  expect(y[game.lantern]).toBeCloseTo(500, -2)
})

it('counts the fireflies that are caught, and goes on counting after a reload', async () => {
  const game = await startGame()
  game.play(600)
  expect(game.scores.length).toBeGreaterThan(0)
  expect(game.scores).toEqual(game.scores.map((_, index) => index + 1))

  const script = game.runtime.find('fireflies')
  if (script === undefined) throw new Error('there is no script fireflies')
  const report = await game.runtime.reloadModule(script.id, fireflies)
  expect(report.state).toBe('restored')
  game.play(600)
  expect(script.generation).toBe(2)
  expect(game.scores).toEqual(game.scores.map((_, index) => index + 1))
})
