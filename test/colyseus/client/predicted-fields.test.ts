import { prepare } from 'bitscript'
import { columns, defineGame, type GameScript, q, type Sync } from 'bitscript/colyseus'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { resolveClientOptions } from '../../../src/colyseus/client/client-options.ts'
import { PredictedFields } from '../../../src/colyseus/client/predicted-fields.ts'
import { closeRooms, openMatchMaker } from '../room/room-in-memory.ts'
import { arena, MOVER, PLAYER } from './arena.ts'
import { Columns, openArena } from './play.ts'

const components = { ...arena.components, Score: { points: 'u32' } } as const
/** Gives every player a point in each tick. */
const SCORER = `(module
  (import "ecs.get" "Score.points" (func $points (param i32) (result i32)))
  (import "ecs.set" "Score.points" (func $set_points (param i32 i32)))
  (func (export "update") (param $e i32) (param f32)
    (call $set_points (local.get $e) (i32.add (call $points (local.get $e)) (i32.const 1)))))`

const defineScores = (mover = MOVER) => defineGame({ components, capacity: 4000, scripts: { player: PLAYER, mover, scorer: SCORER } })

/** Returns rooms in which the server alone gives points. */
const scoresOf = (game: ReturnType<typeof defineScores>) =>
  class extends Columns {
    override readonly game = game as never
    override readonly sync: Sync = columns({ Position: q(1 / 16), Velocity: q(1 / 16), Score: 'exact' }, { own: true })

    override onSeat(): number {
      const entity = super.onSeat()
      this.runtime.write(entity, { Score: {} } as never)
      this.runtime.attach(entity, this.running.scripts.scorer as never)
      return entity
    }
  }

beforeAll(openMatchMaker)
afterEach(closeRooms)

describe('a field that the server alone changes', () => {
  it('is shown as it comes, and makes no prediction wrong', async () => {
    const game = defineScores()
    const { run, join, room } = await openArena({ latency: 50 }, scoresOf(game))
    const player = await join({ game } as never)
    await run(500)
    player.send({ x: 1, y: 0 })
    await run(700)
    expect(player.value(player.own, 'Score.points')).toBeGreaterThan(room.tick - 4)
    expect(player.stats).toMatchObject({ corrected: 0, replayed: 0 })
    for (const { entity } of room.seats) room.runtime.write(entity, { Velocity: { x: 300 } } as never)
    await run(300)
    expect(player.stats.corrected).toBe(1)
    expect(player.value(player.own, 'Score.points')).toBeGreaterThan(room.tick - 4)
  })

  it('is predicted if a predicted script reads it: what came of it would be wrong', async () => {
    const game = defineScores(MOVER.replace('(module', '(module (import "ecs.get" "Score.points" (func (param i32) (result i32)))'))
    const { run, join } = await openArena({ latency: 50 }, scoresOf(game))
    const player = await join({ game } as never)
    await run(700)
    expect(player.stats.corrected).toBeGreaterThan(5)
  })
})

describe('the fields that are predicted', () => {
  const FIELDS = ['Position.x', 'Velocity.x', 'Score.points']
  const READS = '(module (import "ecs.get" "Position.x" (func (param i32) (result f32))) (func (export "update") (param i32 f32)))'
  const CALLS = '(module (import "rules" "win" (func (param i32))) (func (export "update") (param i32 f32)))'

  /** Returns which fields are predicted if a script is, beside one that is not. */
  async function predicted(script: GameScript, others: object = {}): Promise<readonly string[]> {
    const game = defineGame({ components, scripts: { script, scorer: SCORER }, host: { rules: { win: () => undefined } } })
    const fields = await PredictedFields.read(resolveClientOptions({ game, predict: ['script'], ...others } as never))
    return FIELDS.filter((name) => fields.has(...(name.split('.') as [string, string])))
  }

  it('are those that predicted scripts read or write', async () => {
    expect(await predicted(READS)).toEqual(['Position.x'])
    expect(await predicted(SCORER)).toEqual(['Score.points'])
    expect(await predicted('(module (import "ecs.add" "Score" (func (param i32))) (func (export "update") (param i32 f32)))')).toEqual([
      'Score.points',
    ])
  })

  it('are all if the game could write any: in a host function, an actor, a hook, or where it applies inputs', async () => {
    expect(await predicted(CALLS)).toEqual(FIELDS)
    expect(await predicted({ source: READS, hooks: [{ on: 'change', component: 'Score.points', export: 'update' }] })).toEqual(FIELDS)
    expect(await predicted(READS, { onInput: () => undefined })).toEqual(FIELDS)
  })

  it('follow a script that gets other code', async () => {
    const game = defineGame({ components, scripts: { script: READS } })
    const fields = await PredictedFields.read(resolveClientOptions({ game: game as never, predict: ['script'] }))
    expect(fields.has('Score', 'points')).toBe(false)
    const { module } = await prepare(SCORER)
    fields.take('scorer', module)
    expect(fields.has('Score', 'points')).toBe(false)
    fields.take('script', module)
    expect([fields.has('Score', 'points'), fields.has('Position', 'x')]).toEqual([true, false])
  })
})
