import { addComponent, addEntity, createWorld } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { nameComponents } from '../../../src/ecs/components/components.ts'
import { Hooks } from '../../../src/ecs/entities/hooks.ts'
import { defineComponents } from '../../../src/index.ts'

const TYPES = ['f32', 'f64', 'i8', 'u8', 'i16', 'u16', 'i32', 'u32'] as const

describe('a hook on a change', () => {
  it.each(TYPES)('finds each of the changes of a column of %s, wherever they are', (type) => {
    const world = createWorld()
    const components = defineComponents({ Value: { v: type } }, { capacity: 200 })
    const { Value } = components
    for (let count = 0; count < 131; count++) addComponent(world, addEntity(world), Value)
    const component = nameComponents(components, {}).byName.get('Value')
    const column = component?.columns.get('v')
    if (component === undefined || column === undefined) throw new Error('there is no Value.v')
    const hooks = new Hooks(world, [{ on: 'change', component, column }])
    hooks.take()
    for (let first = 1; first <= 131; first++) {
      for (const entities of [[first], [first, first + 1].filter((entity) => entity <= 131)]) {
        const before = entities.map((entity) => Value.v[entity] as number)
        for (const entity of entities) Value.v[entity] = ((Value.v[entity] as number) % 100) + 1
        const happened = entities.map((entity, index) => ({ hook: 0, entity, values: [before[index], Value.v[entity]] }))
        expect(hooks.take()).toEqual(happened)
        expect(hooks.take()).toEqual([])
      }
    }
    hooks.dispose()
  })
})
