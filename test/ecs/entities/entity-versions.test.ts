import { addEntity, createWorld, removeEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { EntityVersions } from '../../../src/ecs/entities/entity-versions.ts'

describe('EntityVersions', () => {
  it('counts the removed entities of each id', () => {
    const world = createWorld()
    const old = addEntity(world)
    const versions = new EntityVersions(world)
    const ids = [old, ...Array.from({ length: 3000 }, () => addEntity(world))]
    for (let round = 1; round <= 3; round++) {
      for (const id of ids) removeEntity(world, id)
      expect(ids.every((id) => versions.of(id) === round)).toBe(true)
      expect(new Set(ids.map(() => addEntity(world)))).toEqual(new Set(ids))
      expect(ids.every((id) => versions.of(id) === round)).toBe(true)
    }
  })
})
