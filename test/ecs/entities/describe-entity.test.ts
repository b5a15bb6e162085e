import { addComponent, addEntity, createRelation, createWorld, IsA, removeEntity } from 'bitecs'
import { describeEntity, listEntities } from 'bitscript'
import { expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'
import { updateScript } from '../../fixtures/scripts.ts'

it('listEntities returns the entities of the game by id, and describeEntity the components of one', async () => {
  const { world, components, runtime } = await createGame()
  const [one, two] = [addEntity(world, components.Position, components.Dead), addEntity(world)]
  await runtime.loadModule(updateScript(''))
  const three = addEntity(world)
  removeEntity(world, two)
  components.Position.x[one] = 2.5
  expect(listEntities(world)).toEqual([one, three])
  expect(describeEntity(world, components, one)).toEqual({ Position: { x: 2.5, y: 0 }, Dead: {} })
  expect(describeEntity(world, components, three)).toEqual({})
  for (const none of [two, 99, -1, 0.5]) expect(describeEntity(world, components, none)).toBeUndefined()
})

it('describeEntity returns the relations of an entity, with their targets and data', () => {
  const world = createWorld()
  const relations = { ChildOf: createRelation({ exclusive: true }), Owes: createRelation({ store: () => ({ amount: [] as number[] }) }) }
  const { ChildOf, Owes } = relations
  const [ship, bank, shop, turret] = [addEntity(world), addEntity(world), addEntity(world), addEntity(world)]
  for (const pair of [ChildOf(ship), Owes(bank), Owes(shop), IsA(shop)]) addComponent(world, turret, pair)
  Owes(bank).amount[turret] = 5
  const expected = { [`ChildOf(${ship})`]: {}, [`Owes(${bank})`]: { amount: 5 }, [`Owes(${shop})`]: { amount: 0 }, [`IsA(${shop})`]: {} }
  expect(describeEntity(world, {}, turret, relations)).toEqual(expected)
  expect(describeEntity(world, {}, turret)).toEqual({ [`IsA(${shop})`]: {} })
  expect(describeEntity(world, {}, ship, relations)).toEqual({})
})
