import { addComponent, addEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { ALLOCATOR, component } from '../../fixtures/component.ts'
import { createGame } from '../../fixtures/game.ts'

describe('a component', () => {
  it('runs update on each entity, with fields as columns', async () => {
    const bytes = await component(
      'import position; export update: func(entity: u32, dt: f32);',
      `(module (import "game:ecs/position" "get-x" (func $x (param i32) (result f32)))
        (import "game:ecs/position" "set-x" (func $set (param i32 f32)))
        (func (export "update") (param i32 f32) (call $set (local.get 0) (f32.add (call $x (local.get 0)) (local.get 1)))))`,
    )
    const { runtime, components, world } = await createGame()
    const id = await runtime.loadModule(bytes)
    expect(runtime.script(id).guest).toBe('component')
    const entity = addEntity(world)
    addComponent(world, entity, components.Position)
    runtime.attach(entity, id)
    expect(runtime.tick(0.5).faults).toBe(0)
    expect(components.Position.x[entity]).toBe(0.5)
  })
  it('passes strings', async () => {
    const bytes = await component(
      'export echo: func(text: string) -> string;',
      `(module ${ALLOCATOR}
        (func (export "echo") (param i32 i32) (result i32)
          (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16)))`,
    )
    const { runtime } = await createGame()
    const id = await runtime.loadModule(bytes)
    expect(runtime.callJson(id, 'echo', { a: [1, 'ä'] })).toEqual({ a: [1, 'ä'] })
  })
})
