import { addComponent, addEntity, createRelation, createWorld, Prefab, removeComponent, removeEntity } from 'bitecs'
import { compareWorlds, defineComponents } from 'bitscript'
import { describe, expect, it } from 'vitest'

function createPair() {
  const make = () => {
    const components = {
      ...defineComponents({ Position: { x: 'f32', y: 'f32' }, Dead: {} }, { capacity: 100, reserve: 0 }),
      Plain: { hp: [] as number[] },
    }
    const world = createWorld()
    const entities = [1, 2, 3].map(() => addEntity(world, components.Position, components.Plain))
    return { world, components, entities }
  }
  return [make(), make()] as const
}

describe('compareWorlds', () => {
  it('returns undefined for equal worlds', () => {
    const [one, other] = createPair()
    expect(compareWorlds(one, other)).toBeUndefined()
  })

  it('returns the first field that differs, by entity and then by name', () => {
    const [one, other] = createPair()
    other.components.Position.y[3] = 1
    other.components.Position.y[2] = 5
    other.components.Plain.hp[2] = 4
    expect(compareWorlds(one, other)).toEqual({ entity: 2, component: 'Plain', field: 'hp', values: [0, 4] })
  })

  it('returns a component that only one world has', () => {
    const [one, other] = createPair()
    addComponent(one.world, 2, one.components.Dead)
    expect(compareWorlds(one, other)).toEqual({ entity: 2, component: 'Dead', values: [1, 0] })
  })

  it('returns an entity that only one world has', () => {
    const [one, other] = createPair()
    removeEntity(other.world, 3)
    expect(compareWorlds(one, other)).toEqual({ entity: 3, values: [1, 0] })
  })

  it('distinguishes 0 and -0, and treats NaN as equal to NaN', () => {
    const [one, other] = createPair()
    one.components.Position.x[1] = Number.NaN
    other.components.Position.x[1] = Number.NaN
    expect(compareWorlds(one, other)).toBeUndefined()
    one.components.Position.x[2] = -0
    expect(compareWorlds(one, other)).toMatchObject({ entity: 2, field: 'x' })
  })

  it('returns the target of a relation that differs, by place, and then the data of a pair', () => {
    const related = createPair().map(({ world, components }) => {
      const Owes = createRelation({ store: () => ({ amount: [] as number[] }) })
      return { world, components, Owes, relations: { Owes } }
    })
    const [one, other] = related as [(typeof related)[0], (typeof related)[0]]
    for (const { world, Owes } of related) addComponent(world, 2, Owes(1))
    expect(compareWorlds(one, other)).toBeUndefined()
    other.Owes(1).amount[2] = 4
    expect(compareWorlds(one, other)).toEqual({ entity: 2, relation: 'Owes', target: 1, field: 'amount', values: [0, 4] })
    addComponent(one.world, 1, one.Owes(3))
    expect(compareWorlds(one, other)).toEqual({ entity: 1, relation: 'Owes', values: [3, 0] })
    expect(compareWorlds({ world: one.world, components: {} }, { world: other.world, components: {} })).toBeUndefined()
  })

  it('returns an entity that is a prefab in one world only', () => {
    const [one, other] = createPair()
    addComponent(other.world, 3, Prefab)
    expect(compareWorlds(one, other)).toEqual({ entity: 3, component: 'Prefab', values: [0, 1] })
  })

  it('ignores the fields of entities that do not have the component', () => {
    const [one, other] = createPair()
    one.components.Position.x[50] = 1
    removeComponent(one.world, 1, one.components.Position)
    removeComponent(other.world, 1, other.components.Position)
    one.components.Position.x[1] = 1
    expect(compareWorlds(one, other)).toBeUndefined()
  })
})
