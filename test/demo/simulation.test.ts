import { readFile } from 'node:fs/promises'
import { query } from 'bitecs'
import { countEntities, hashWorld, type ScriptId } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createSimulation as createWithGuests } from '../../demo/guests/index.ts'
import { createSimulation, type Game } from '../../demo/sim/index.ts'
import { linkBy } from '../fixtures/game.ts'
import { editGuest } from '../fixtures/plugin.ts'

async function play(
  ticks: number,
  options: Partial<Parameters<typeof createSimulation>[0]> = {},
  link: 'inline' | 'host' = 'inline',
): Promise<Game> {
  const game = await createSimulation({ seed: 7, ...options })
  linkBy(game.runtime, link)
  game.runtime.on('log', () => undefined)
  game.runtime.on('error', (error) => {
    throw error
  })
  await game.load()
  for (let tick = 0; tick < ticks; tick++) expect(game.step(1 / 60).faults).toBe(0)
  return game
}

const hash = (game: Game): string => hashWorld(game.world, game.components)

describe('the game', () => {
  it('has one hash for one seed', async () => {
    const [first, again, other] = [await play(600), await play(600), await play(600, { seed: 8 })]
    expect(hash(again)).toBe(hash(first))
    expect(hash(other)).not.toBe(hash(first))
    // The same on every engine and machine. It changes only if the game or the semantics of the runtime change.
    expect(hash(first)).toBe('47e4ced5a3b21675')
  })

  it('loads scripts that are added to its own, with a tenth of the fuel and without what its own may not', async () => {
    const spins = '(module (func (export "tick") (param f32) (loop $again (br $again))))'
    const errors: string[] = []
    const game = await createSimulation({ seed: 7, added: new Map([['spins', spins]]) })
    game.runtime.on('error', ({ script, code }) => errors.push(`${script} ${code}`))
    await game.load()
    const before = game.step(1 / 60).fuel
    expect(errors).toEqual(['spins OutOfFuel'])
    expect(before).toBeGreaterThan(5_000_000)
    expect(before).toBeLessThan(50_000_000)
    const stranger = '(module (import "storage" "used" (func (result i32))) (func (export "tick") (param f32)))'
    const refused = await createSimulation({ seed: 7, added: new Map([['stranger', stranger]]) })
    await expect(refused.load()).rejects.toMatchObject({ code: 'GrantDenied' })
  })

  it('has the same world with a guest in the place of a script, in which a reload keeps the score', async () => {
    const game = await createWithGuests({ seed: 7 })
    game.runtime.on('log', () => undefined)
    await game.load()
    const id = game.runtime.find('score')?.id as ScriptId
    for (let tick = 0; tick < 600; tick++) {
      if (tick === 300) {
        const guest = await readFile(new URL('../../demo/guests/score.wasm', import.meta.url))
        const before = game.runtime.readState(id)
        expect(await game.runtime.reloadModule(id, editGuest(guest))).toMatchObject({ state: 'restored', generation: 2 })
        expect(game.runtime.readState(id)).toEqual(before)
      }
      expect(game.step(1 / 60).faults).toBe(0)
    }
    expect(game.runtime.script(id).guest).toBe('extism')
    expect(hash(game)).toBe('47e4ced5a3b21675')
    const { score, kills } = game.runtime.readState(id) as { score: number; kills: number }
    expect(game.components.Score.points[game.player]).toBe(score)
    expect(new TextDecoder().decode(game.runtime.readVariables(id).get('kills'))).toBe(String(kills))
    expect(game.runtime.callJson(id, 'process', { bonus: 50 })).toEqual({ score: score + 50, kills })
  })

  it('is the same with inlined accessors and with host functions, including fuel', async () => {
    const [inlined, reference] = [await play(300), await play(300, {}, 'host')]
    expect(hash(inlined)).toBe(hash(reference))
    const fuel = ({ runtime }: Game): number[] => runtime.scripts().map(({ stats }) => stats.fuel)
    expect(fuel(inlined)).toEqual(fuel(reference))
  })

  it('moves the player by the input, and lets it move by itself without input', async () => {
    const { components, player } = await play(60, { recorded: [{ tick: 0, x: 1, y: 0, fire: false }] })
    expect(components.Position.x[player]).toBeCloseTo(800 + 180, 0)
    expect(components.Position.y[player]).toBe(600)
    const idle = await play(240, { recorded: [] })
    expect(idle.components.Position.x[idle.player]).not.toBe(800)
    expect(idle.summary?.()).toMatchObject({ shots: expect.any(Number) })
  })

  it('scores, adds sparks and plays a sound when a bullet kills a hunter', async () => {
    const sounds: string[] = []
    const game = await play(400, { onSound: (sound) => sounds.push(sound) })
    const summary = game.summary?.() as Record<string, number>
    expect(summary.kills).toBeGreaterThan(10)
    expect(summary.score).toBeGreaterThan(0)
    expect(new Set(sounds)).toContain('shot')
    expect(new Set(sounds)).toContain('kill')
    const { Hunter, Bullet } = game.components
    expect(query(game.world, [Hunter]).length + (summary.kills as number)).toBeGreaterThanOrEqual(150)
    expect(game.runtime.call(game.runtime.find('gun')?.id as ScriptId, 'in_flight')).toBe(query(game.world, [Bullet]).length)
  })

  it('has thousands of enemies if it is told to', async () => {
    const game = await play(2, { swarm: 2400 })
    expect(countEntities(game.world)).toBeGreaterThan(2500)
  })

  it('sends waves, and keeps the wave and the score in a reload', async () => {
    const game = await play(300)
    const { runtime } = game
    const [waves, score] = [runtime.find('waves')?.id as ScriptId, runtime.find('score')?.id as ScriptId]
    expect(runtime.callJson(waves, 'get_state')).toEqual({ wave: 1, size: 150, first: 150 })
    const before = runtime.callJson(score, 'get_state') as { score: number; kills: number }
    expect(before.kills).toBeGreaterThan(0)
    expect(await runtime.reloadModule(score, new URL('score.wat', game.folder))).toMatchObject({ state: 'restored' })
    expect(runtime.callJson(score, 'process', { bonus: 50 })).toEqual({ score: before.score + 50, kills: before.kills })
    expect(game.components.Score.points[game.player]).toBe(before.score + 50)
  })

  it('shields the player at first, and hurts it afterwards', async () => {
    const sounds: string[] = []
    const shielded = await play(30)
    expect(query(shielded.world, [shielded.components.Shielded])).toEqual([shielded.player])
    const game = await play(900, {
      onSound: (sound) => sounds.push(sound),
      recorded: [
        { tick: 0, x: 1, y: 0, fire: false },
        { tick: 100, x: -1, y: 0, fire: false },
      ],
    })
    expect(sounds).toContain('hurt')
    expect(game.components.Health.points[game.player]).toBeGreaterThan(0)
  })
})
