import { addEntity, removeEntity } from 'bitecs'
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
