import { addComponent, addEntity, createWorld, entityExists, Prefab, removeComponent, removeEntity } from 'bitecs'
import { expect, it } from 'vitest'
import { nameComponents } from '../../../src/ecs/components/components.ts'
import { createEcs, hasNamed } from '../../../src/ecs/entities/access.ts'
import { ComponentHolders } from '../../../src/ecs/entities/component-holders.ts'
import { ScriptState } from '../../../src/ecs/entities/script-state.ts'
import { defineComponents } from '../../../src/index.ts'
import { SeededRandom } from '../../wasm/differential/random.ts'

const GROUPS = 16
const ENTITIES = 4 * GROUPS

/** So many more components that those of an entity lie in several masks of bitECS. */
it.each([0, 40])('says who has a component as ecs.has does, whatever happens to entities, with %i more components', (more) => {
  const random = new SeededRandom(more)
  const world = createWorld()
  const others = Array.from({ length: more }, (_, index) => [`C${index}`, {}] as const)
  const components = defineComponents({ A: { x: 'f32' }, ...Object.fromEntries(others), T: {}, Unused: {} }, { capacity: ENTITIES })
  const named = nameComponents(components)
  const nothing = (): never => {
    throw new Error('nothing is refused here')
  }
  const ecs = createEcs(world, named, { refuse: nothing, charge: nothing, fuelLeft: nothing })
  const asked = [components.T, components.A, components.Unused]
  const reserve = named.reserve as NonNullable<typeof named.reserve>
  const holders = new ComponentHolders(reserve, ENTITIES)
  const addresses = asked.map((each) => holders.addressOf(each) as number)
  const bytes = addresses.map((address) => new Uint8Array(reserve.memory.buffer, address, GROUPS))
  for (const [, other] of others) addComponent(world, addEntity(world), other)
  for (let step = 0; step < 300; step++) {
    const entity = random.below(ENTITIES)
    const component = [components.T, components.A, components.T, Prefab, ScriptState][random.below(5)] as object
    if (random.below(3) === 0) addEntity(world)
    else if (!entityExists(world, entity)) continue
    else if (random.below(4) === 0) removeEntity(world, entity)
    else if (random.below(2) === 0) addComponent(world, entity, component)
    else removeComponent(world, entity, component)
    const from = random.below(GROUPS)
    holders.update(world, addresses, from, GROUPS)
    for (const [place, each] of asked.entries()) {
      const has = hasNamed(ecs, each)
      const ids = Array.from({ length: ENTITIES - 4 * from }, (_, index) => 4 * from + index)
      const found = ids.filter((id) => (((bytes[place]?.[id >> 2] ?? 0) >> (id & 3)) & 1) === 1)
      expect(found, `step ${step}, component ${place}`).toEqual(ids.filter((id) => has(id) === 1))
    }
  }
})

it('has one place for each component, and none where the memory has no room', () => {
  const { reserve } = nameComponents(defineComponents({ A: { x: 'f32' } }, { capacity: 64, reserve: 4096 }))
  const holders = new ComponentHolders(reserve as NonNullable<typeof reserve>, 120_000)
  const [one, other, third] = [{}, {}, {}]
  expect(holders.addressOf(one)).toBe(holders.addressOf(one))
  expect(holders.addressOf(other)).not.toBe(holders.addressOf(one))
  expect(holders.addressOf(third)).toBeUndefined()
})
