import { addEntity, entityExists, query, removeEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { createGame } from '../fixtures/game.ts'

const MOVER = `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.get" "Velocity.x" (func $vx (param i32) (result f32)))
  (func (export "update") (param $eid i32) (param $dt f32)
    (call $set_x (local.get $eid)
      (f32.add (call $x (local.get $eid)) (f32.mul (call $vx (local.get $eid)) (local.get $dt))))))`

describe('tick', () => {
  it('runs update on every entity that a script is attached to', async () => {
    const { world, components, runtime } = await createGame()
    const { Position, Velocity } = components
    const id = await runtime.loadModule(MOVER, { name: 'mover' })
    const moving = addEntity(world, Position, Velocity)
    const still = addEntity(world, Position, Velocity)
    Velocity.x[moving] = Velocity.x[still] = 10
    runtime.attach(moving, id)
    const report = runtime.tick(0.5)
    expect(Position.x[moving]).toBe(5)
    expect(Position.x[still]).toBe(0)
    expect(report).toMatchObject({ tick: 1, time: 0.5, dt: 0.5, entities: 1, faults: 0 })
    expect(query(world, [runtime.tag(id), Position])).toEqual([moving])
  })

  it('leaves an entity alone that has the id of one that died', async () => {
    const { world, components, runtime } = await createGame()
    const { Position, Velocity } = components
    const id = await runtime.loadModule(MOVER, { name: 'mover' })
    const first = addEntity(world, Position, Velocity)
    runtime.attach(first, id)
    runtime.tick(1)
    removeEntity(world, first)
    const second = addEntity(world, Position, Velocity)
    expect(second).toBe(first)
    Velocity.x[second] = 1
    Position.x[second] = 7
    expect(runtime.tick(1).entities).toBe(0)
    expect(Position.x[second]).toBe(7)
    expect(entityExists(world, second)).toBe(true)
  })
})
