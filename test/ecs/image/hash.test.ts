import { addComponent, addEntity, createRelation, createWorld, Prefab, removeComponent, removeEntity, type World } from 'bitecs'
import { countEntities, hashWorld } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'
import { counterScript } from '../../fixtures/scripts.ts'

const Position = { x: [] as number[], y: new Float32Array(10) }
const Dead = {}

function worldOf(...positions: number[]): World {
  const world = createWorld()
  for (const x of positions) Position.x[addEntity(world, Position)] = x
  return world
}

describe('hashWorld', () => {
  const hash = (world: World): string => hashWorld(world, { Position, Dead })

  it('returns the same 16 digits for equal entities, components and values', () => {
    const first = hash(worldOf(1, 2))
    expect(first).toMatch(/^[0-9a-f]{16}$/)
    expect(hash(worldOf(1, 2))).toBe(first)
    const again = worldOf(1, 2, 3)
    removeEntity(again, 3)
    expect(hash(again)).toBe(first)
  })

  it('takes what a plain list holds as a number', () => {
    const world = worldOf(1, 2)
    const numbers = hash(world)
    Position.x[1] = 1n as never
    Position.x[2] = '2' as never
    expect(hash(world)).toBe(numbers)
  })

  it('changes with one bit of a value, one component or one entity', () => {
    const hashes = [
      hash(worldOf(1, 2)),
      hash(worldOf(2, 1)),
      hash(worldOf(1, 2 + Number.EPSILON * 2)),
      hash(worldOf(1, 2, 0)),
      hash(worldOf(0, 2)),
      hash(worldOf(-0, 2)),
    ]
    const tagged = worldOf(1, 2)
    addComponent(tagged, 1, Dead)
    hashes.push(hash(tagged))
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  it('changes with the targets of a relation, their order and their data, and with a prefab', () => {
    const Owes = createRelation({ store: () => ({ amount: [] as number[] }) })
    const world = worldOf(1, 2, 3)
    const related = (): string => hashWorld(world, { Position, Dead }, { Owes })
    const [before, hashes] = [hash(world), [related()]]
    expect(hashes).toEqual([before])
    for (const change of [
      () => addComponent(world, 1, Owes(2)),
      () => addComponent(world, 1, Owes(3)),
      () => {
        removeComponent(world, 1, Owes(2))
        addComponent(world, 1, Owes(2))
      },
      () => {
        Owes(2).amount[1] = 5
      },
    ]) {
      change()
      hashes.push(related())
      expect(hash(world)).toBe(before)
    }
    addComponent(world, 3, Prefab)
    hashes.push(related())
    expect(hash(world)).not.toBe(before)
    expect(new Set(hashes).size).toBe(hashes.length)
  })
})

describe('countEntities', () => {
  it('does not count the entities of scripts', async () => {
    const { world, runtime } = await createGame()
    addEntity(world)
    await runtime.loadModule(counterScript())
    expect(countEntities(world)).toBe(1)
  })
})
