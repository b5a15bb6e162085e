import { hashWorld, Mods, type ScriptId } from 'bitscript'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSimulation, type Game } from '../../demo/sim/index.ts'
import { MODS_HASH } from '../fixtures/demo-mods.ts'
import { codeOf } from '../fixtures/game.ts'

const FOLDER = new URL('../../demo/mods/', import.meta.url)
const NAMES = ['bounty', 'medic', 'pulse', 'terrain', 'wind']

async function createGame(): Promise<{ game: Game; mods: Mods; play(ticks: number): void }> {
  const game = await createSimulation({ seed: 7 })
  onTestFinished(() => game.runtime.dispose())
  game.runtime.on('log', () => undefined)
  game.runtime.on('error', (error) => {
    throw error
  })
  await game.load()
  const mods = new Mods(game.runtime)
  await mods.load(FOLDER)
  await game.useMods?.(mods)
  const play = (ticks: number): void => {
    for (let tick = 0; tick < ticks; tick++) game.step(1 / 60)
  }
  return { game, mods, play }
}

describe('the mods of the demo', () => {
  it('play, each of another kind, in one world for one seed', async () => {
    const { game, mods, play } = await createGame()
    const { runtime, components } = game
    play(600)
    expect(mods.list().map(({ name, status }) => [name, status, runtime.find(name)?.guest])).toEqual([
      ['bounty', 'enabled', 'script'],
      ['medic', 'enabled', 'extism'],
      ['pulse', 'enabled', 'script'],
      ['terrain', 'enabled', 'script'],
      ['wind', 'enabled', 'component'],
    ])
    expect(hashWorld(game.world, components, runtime.relations)).toBe(MODS_HASH)
    play(400)
    const bounty = runtime.find('bounty')
    if (bounty === undefined) throw new Error('there is no bounty')
    expect(runtime.call(bounty.id, 'kills')).toBeGreaterThan(20)
    // What the player lost, the medic gives back, a point in two seconds.
    for (const part of ['lost', 'healed']) expect(runtime.call(bounty.id, part)).toBeGreaterThan(0)
  })

  it('bear that a whole wave is gone in one tick', async () => {
    const { game, play } = await createGame()
    const { runtime } = game
    const kills = (): number => runtime.call(runtime.find('bounty')?.id as ScriptId, 'kills') as number
    play(2)
    const before = kills()
    const wave = Array.from({ length: 600 }, () => runtime.spawn({ Hunter: {} }))
    for (const hunter of wave) runtime.despawn(hunter)
    play(2)
    expect(kills() - before).toBe(600)
  })

  it('have metrics', async () => {
    const { game, play } = await createGame()
    play(600)
    expect(game.runtime.metrics()).toEqual([
      {
        script: 'bounty',
        kind: 'counter',
        name: 'kills',
        tags: {},
        value: game.runtime.call(game.runtime.find('bounty')?.id as ScriptId, 'kills'),
      },
      { script: 'bounty', kind: 'gauge', name: 'health', tags: { of: 'player' }, value: expect.any(Number) },
      {
        ...{ script: 'bounty', kind: 'histogram', name: 'damage', tags: { to: 'player' } },
        value: expect.objectContaining({ count: expect.any(Number), min: 1 }),
      },
    ])
  })

  it('are reloaded while they run, disabled, enabled and unloaded', async () => {
    const { game, mods, play } = await createGame()
    /** The calls of a mod in so many ticks. */
    const callsOf = (name: string, ticks: number): number => {
      let calls = 0
      for (let tick = 0; tick < ticks; tick++) {
        play(1)
        calls += game.runtime.find(name)?.stats.calls ?? 0
      }
      return calls
    }
    play(100)
    const reports = await mods.reload()
    expect(reports.map(({ script }) => script).sort()).toEqual(NAMES)
    play(10)
    expect(await codeOf(() => mods.disable('bounty'))).toBe('DependencyUnmet')
    mods.disable('medic')
    mods.disable('bounty')
    expect(callsOf('medic', 240)).toBe(0)
    mods.enable('bounty')
    mods.enable('medic')
    expect(callsOf('medic', 240)).toBe(2)
    for (const name of ['medic', 'bounty', 'wind']) mods.unload(name)
    play(10)
    expect(mods.list().map(({ name }) => name)).toEqual(['pulse', 'terrain'])
  })
})
