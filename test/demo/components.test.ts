import { readFileSync } from 'node:fs'
import { describeGame, hashWorld } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createSimulation, type Game, SCRIPTS, type ScriptName } from '../../demo/sim/index.ts'
import { gameWit } from '../../src/node/game-wit.ts'
import { editSparks } from '../fixtures/component.ts'
import { linkBy } from '../fixtures/game.ts'
import { FIXED_WIT } from '../fixtures/wit.ts'

const FOLDER = new URL('../../demo/guests/components/', import.meta.url)
const SPARK = new URL('spark.wasm', FOLDER)
const COMPONENTS: Readonly<Partial<Record<ScriptName, URL>>> = { spark: SPARK, stars: new URL('stars.wasm', FOLDER) }

/** A game whose sparks are the component in C, and whose stars are that in WAT. */
async function createGame(): Promise<Game> {
  const wat = new URL('../../scripts-wat/', import.meta.url)
  const scripts = Object.fromEntries(SCRIPTS.map((name) => [name, COMPONENTS[name] ?? new URL(`${name}.wat`, wat)]))
  const game = await createSimulation({ seed: 7, scripts: scripts as Record<ScriptName, URL> })
  linkBy(game.runtime, process.env.LINK === 'host' ? 'host' : 'inline')
  game.runtime.on('log', () => undefined)
  await game.load()
  return game
}

describe('the components of the demo', () => {
  it('make the same world as the scripts', async () => {
    const game = await createGame()
    const { runtime, world, components } = game
    for (let tick = 0; tick < 600; tick++) expect(game.step(1 / 60).faults).toBe(0)
    for (const name of Object.keys(COMPONENTS)) expect(runtime.find(name)?.guest).toBe('component')
    expect(hashWorld(world, components)).toBe('47e4ced5a3b21675')
    runtime.dispose()
  })

  it('are edited while they run, and keep their state', async () => {
    const game = await createGame()
    const { runtime } = game
    const spark = runtime.find('spark')?.id
    if (spark === undefined) throw new Error('there is no spark')
    for (let tick = 0; tick < 120; tick++) game.step(1 / 60)
    const bursts = runtime.call(spark, 'burst-count')
    expect(bursts).toBeGreaterThan(0)
    const report = await runtime.reloadModule(spark, { url: SPARK, content: editSparks(readFileSync(SPARK)) })
    expect(report).toMatchObject({ generation: 2, state: 'restored', warnings: [] })
    expect(runtime.call(spark, 'burst-count')).toBe(bursts)
    for (let tick = 0; tick < 120; tick++) expect(game.step(1 / 60).faults).toBe(0)
    expect(runtime.call(spark, 'burst-count')).toBeGreaterThan(bursts as number)
    runtime.dispose()
  })

  it('are built with the WIT of the game as it is', async () => {
    const game = await createGame()
    expect(gameWit(describeGame(game.runtime), FIXED_WIT)).toBe(readFileSync(new URL('game.wit', FOLDER), 'utf8'))
    game.runtime.dispose()
  })
})
