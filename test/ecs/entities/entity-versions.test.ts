import { addEntity, createWorld, removeEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { EntityLives } from '../../../src/ecs/entities/entity-versions.ts'

describe('EntityLives', () => {
  it('counts, for each id, the entities that had it and died', () => {
    const world = createWorld()
    const old = addEntity(world)
    const lives = new EntityLives(world)
    const ids = [old, ...Array.from({ length: 3000 }, () => addEntity(world))]
    for (let round = 1; round <= 3; round++) {
      for (const id of ids) removeEntity(world, id)
      expect(ids.every((id) => lives.of(id) === round)).toBe(true)
      expect(new Set(ids.map(() => addEntity(world)))).toEqual(new Set(ids))
      expect(ids.every((id) => lives.of(id) === round)).toBe(true)
    }
  })
})
