import { addComponent, addEntity, entityExists, getAllEntities, query, removeComponent, removeEntity } from 'bitecs'
import { hashWorld, type ScriptId } from 'bitscript'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGame, type Game } from '../../fixtures/game.ts'

/** Moves by random numbers; sometimes marks, spawns and kills; logs the events it handles. */
const WILD = `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32))) (import "ecs.set" "Position.x" (func $set (param i32 f32)))
  (import "ecs" "spawn" (func $spawn (result i32))) (import "ecs" "despawn" (func $despawn (param i32)))
  (import "ecs" "attach" (func $attach (param i32))) (import "ecs" "detach" (func $detach (param i32)))
  (import "ecs.add" "Position" (func $place (param i32))) (import "ecs.add" "Dead" (func $mark (param i32)))
  (import "ecs.remove" "Dead" (func $unmark (param i32)))
  (import "ecs.query" "Position !Dead" (func $query (result i32))) (import "ecs.entity" "Position !Dead" (func $at (param i32) (result i32)))
  (import "emit" "hit" (func $hit (param i32 f32))) (import "host" "random" (func $random (result f64)))
  (import "host" "log" (func $log (param i32 i32))) (import "host" "tick" (func $now (result i32)))
  (memory (export "memory") 1) (global $n (mut i32) (i32.const 0)) (global $found (mut i32) (i32.const 0))
  (func $chance (param f64) (result i32) (f64.lt (call $random) (local.get 0)))
  (func $tell (param i32) (i32.store8 (i32.const 0) (i32.add (i32.const 97) (i32.rem_u (local.get 0) (i32.const 26))))
    (call $log (i32.const 0) (i32.const 1)))
  (func (export "tick") (param f32) (local $eid i32)
    ;; What was found in the tick before.
    (if (i32.gt_u (global.get $found) (i32.const 0)) (then
      (local.set $eid (call $at (i32.rem_u (call $now) (global.get $found))))
      (call $tell (local.get $eid))
      (if (call $chance (f64.const 0.3)) (then (call $mark (local.get $eid))))
      (if (call $chance (f64.const 0.2)) (then (call $unmark (local.get $eid))))))
    (global.set $found (call $query))
    (if (call $chance (f64.const 0.4)) (then
      (local.set $eid (call $spawn)) (call $place (local.get $eid)) (call $attach (local.get $eid))
      (call $set (local.get $eid) (f32.demote_f64 (call $random)))))
    (if (i32.eqz (i32.rem_u (call $now) (i32.const 4))) (then (drop (memory.grow (i32.const 1))))))
  (func (export "update") (param $eid i32) (param f32)
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (call $set (local.get $eid) (f32.add (call $x (local.get $eid)) (f32.convert_i32_u (memory.size))))
    (if (call $chance (f64.const 0.1)) (then (call $hit (local.get $eid) (f32.convert_i32_u (global.get $n)))))
    (if (call $chance (f64.const 0.05)) (then (call $despawn (local.get $eid))))
    (if (call $chance (f64.const 0.05)) (then (call $detach (local.get $eid)))))
  (func (export "on_attach") (param i32) (call $tell (local.get 0)))
  (func (export "on_detach") (param i32) (call $tell (i32.add (local.get 0) (i32.const 13))))
  (func (export "on_hit") (param i32 f32) (call $tell (global.get $n)) (call $mark (local.get 0))))`
/** Counts in the instance of each entity. */
const OWN = `(module (import "ecs.set" "Health.points" (func $points (param i32 i32))) (import "ecs.add" "Health" (func $add (param i32)))
  (global $n (mut i32) (i32.const 0))
  (func (export "on_hit") (param i32) (global.set $n (i32.add (global.get $n) (local.get 0))))
  (func (export "update") (param i32 f32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (call $add (local.get 0))
    (call $points (local.get 0) (global.get $n))))`
const DT = 0.25
const ENTITIES = 24

type Action = readonly [kind: string, pick: number]

const actions = fc.array(
  fc.tuple(
    fc.constantFrom('spawn', 'despawn', 'add', 'remove', 'attach', 'detach', 'own', 'emit', 'look', 'tick'),
    fc.integer({ min: 0, max: 30 }),
  ),
  { maxLength: 25 },
)

interface Replay extends Game {
  readonly ids: readonly [wild: number, own: number]
  readonly lines: unknown[]
}

async function createReplay(): Promise<Replay> {
  const game = await createGame({ seed: 9 })
  const { world, components, runtime } = game
  const lines: unknown[] = []
  runtime.on('log', ({ level, message, script, tick }) => lines.push([level, message, script, tick]))
  runtime.on('event', ({ name, args }) => lines.push([name, ...args]))
  const ids = [
    await runtime.loadModule(WILD, { name: 'wild' }),
    await runtime.loadModule(OWN, { name: 'own', instances: 'entity' }),
  ] as const
  for (let index = 0; index < ENTITIES; index++) {
    const entity = addEntity(world, components.Position)
    if (index % 3 === 0) runtime.attach(entity, ids[0])
    if (index % 5 === 0) runtime.attach(entity, ids[1])
  }
  return { ...game, ids, lines }
}

/** Acts on the world as a game does. Returns the hash after every tick. */
function act({ world, components, runtime, ids, lines }: Replay, actions: readonly Action[], ticks: number): unknown[] {
  const { Position, Dead } = components
  const seen: unknown[] = []
  const step = (): void => {
    const { entities, fuel, faults } = runtime.tick(DT)
    seen.push([hashWorld(world, components), [...getAllEntities(world)], entities, fuel, faults, lines.splice(0)])
  }
  const attach = (entity: number, id: ScriptId): void => runtime.attach(entity, id)
  for (const [kind, pick] of actions) {
    const alive = entityExists(world, pick) && !runtime.scripts().some(({ entity }) => entity === pick)
    if (kind === 'spawn') addEntity(world, Position)
    else if (kind === 'emit') runtime.emit('hit', pick, 0.5)
    else if (kind === 'look') seen.push([...query(world, [Position])])
    else if (kind === 'tick') step()
    else if (!alive) continue
    else if (kind === 'despawn') removeEntity(world, pick)
    else if (kind === 'add') addComponent(world, pick, Dead)
    else if (kind === 'remove') removeComponent(world, pick, Position)
    else if (kind === 'attach') attach(pick, ids[0] as ScriptId)
    else if (kind === 'own') attach(pick, ids[1] as ScriptId)
    else runtime.detach(pick, ids[0] as ScriptId)
  }
  for (let tick = 0; tick < ticks; tick++) step()
  return seen
}

describe('a run from a snapshot', () => {
  it('is the same every time, whatever happened in between', async () => {
    await fc.assert(
      fc.asyncProperty(actions, actions, actions, async (before, after, meanwhile) => {
        const game = await createReplay()
        query(game.world, [game.components.Position])
        act(game, before, 1)
        const snapshot = game.runtime.snapshot()
        const first = act(game, after, 6)
        act(game, meanwhile, 2)
        game.runtime.restore(snapshot)
        expect(act(game, after, 6)).toEqual(first)
        game.runtime.restore(snapshot)
        expect(act(game, after, 6)).toEqual(first)
        expect(game.errors).toEqual([])
        game.runtime.dispose()
      }),
      {
        numRuns: 60,
        examples: [
          [
            [],
            [
              ['tick', 0],
              ['tick', 0],
            ],
            [
              ['spawn', 0],
              ['spawn', 0],
            ],
          ],
        ],
      },
    )
  })

  it('is the same with a snapshot after every tick as without', async () => {
    const [plain, watched] = [await createReplay(), await createReplay()]
    for (let tick = 0; tick < 60; tick++) {
      watched.runtime.snapshot()
      expect(act(watched, [], 1)).toEqual(act(plain, [], 1))
    }
    expect(plain.errors).toEqual([])
  })

  it('can go back tick by tick', async () => {
    const game = await createReplay()
    const shots = Array.from({ length: 20 }, () => [game.runtime.snapshot(), act(game, [], 1)] as const)
    for (const [snapshot, seen] of shots.reverse()) {
      expect(game.runtime.restore(snapshot).tick).toBe(snapshot.tick)
      expect(act(game, [], 1)).toEqual(seen)
    }
  })

  it('does not see values that were written past the highest id after the snapshot', async () => {
    const { components, runtime } = await createGame()
    const snapshot = runtime.snapshot()
    components.Health.points[500] = 5
    runtime.restore(snapshot)
    expect(components.Health.points[500]).toBe(0)
  })

  it('sees values that the game wrote past the highest id before the snapshot', async () => {
    const { world, components, runtime } = await createGame()
    components.Health.points.fill(100)
    const snapshot = runtime.snapshot()
    const first = components.Health.points[addEntity(world)]
    runtime.restore(snapshot)
    expect([first, components.Health.points[addEntity(world)]]).toEqual([100, 100])
  })
})
