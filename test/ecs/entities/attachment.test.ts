import {
  addComponent,
  addEntity,
  addPrefab,
  createWorld,
  entityExists,
  IsA,
  query,
  removeComponent,
  removeEntity,
  type World,
} from 'bitecs'
import type { ScriptError } from 'bitscript'
import { defineComponents } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { nameComponents } from '../../../src/ecs/components/components.ts'
import { createEcs, type Ecs } from '../../../src/ecs/entities/access.ts'
import { Attachment, type AttachmentChange } from '../../../src/ecs/entities/attachment.ts'
import { speedUpQueries } from '../../../src/ecs/queries/fast-sets.ts'
import { SeededRandom } from '../../wasm/differential/random.ts'

const QUIET: AttachmentChange = { started: () => true, stopped: () => undefined, forgotten: () => undefined, proceed: () => true }

interface Setting {
  readonly world: World
  readonly ecs: Ecs
  readonly attachment: Attachment
  /** Settles the changes and returns the listed entities. */
  readonly settled: () => number[]
  readonly listed: () => number[]
  readonly attach: (count: number) => number[]
}

const UNMETERED = {
  refuse(error: ScriptError): never {
    throw error
  },
  charge: (): void => undefined,
  fuelLeft: (): number => Number.POSITIVE_INFINITY,
}

function setting(capacity = 1000): Setting {
  const world = createWorld()
  const ecs = createEcs(world, nameComponents(defineComponents({ A: {} }, { capacity, reserve: 65_536 })), UNMETERED)
  const attachment = new Attachment(ecs)
  const listed = (): number[] => {
    const count = attachment.entities()
    return [...attachment.list.array.subarray(0, count)]
  }
  return {
    world,
    ecs,
    attachment,
    listed,
    settled() {
      attachment.settle(QUIET)
      return listed()
    },
    attach: (count) =>
      Array.from({ length: count }, () => {
        const entity = addEntity(world)
        addComponent(world, entity, attachment.tag)
        return entity
      }),
  }
}

describe('the entities of an attachment', () => {
  it('are the entities with the tag, in query order', () => {
    const { world, attachment, settled, attach } = setting()
    const entities = attach(200)
    expect(settled()).toEqual(entities)
    for (const entity of [entities[3], entities[0], entities[199], entities[100]]) removeComponent(world, entity as number, attachment.tag)
    expect(settled()).toEqual([...query(world, [attachment.tag])])
    addComponent(world, entities[3] as number, attachment.tag)
    removeEntity(world, entities[50] as number)
    expect(settled()).toEqual([...query(world, [attachment.tag])])
    expect(settled()).toHaveLength(196)
  })

  it('are the same in query order with fast sets, of which only what moved is listed again', () => {
    const { world, attachment, settled, attach } = setting()
    const random = new SeededRandom(5)
    const entities = attach(100)
    for (let step = 0; step < 2000; step++) {
      if (step === 50) speedUpQueries(world)
      const entity = entities[random.below(100)] as number
      if (!entityExists(world, entity)) addComponent(world, addEntity(world), attachment.tag)
      else if (random.below(3) === 0) removeEntity(world, entity)
      else if (attachment.has(entity)) removeComponent(world, entity, attachment.tag)
      else addComponent(world, entity, attachment.tag)
      if (random.below(4) > 0) continue
      // A list that was written while changes were not settled lacks entities.
      if (random.below(4) === 0) attachment.entities()
      expect(settled()).toEqual([...query(world, [attachment.tag])])
      if (random.below(8) > 0) continue
      addComponent(world, addEntity(world), attachment.tag)
      removeEntity(world, attachment.list.array[0] as number)
      attachment.keepRunning(0, attachment.entities())
    }
  })

  it('include an entity only after the script was notified of it', () => {
    const { world, attachment, settled, listed, attach } = setting()
    const [first] = attach(1) as [number]
    expect(listed()).toEqual([])
    expect(settled()).toEqual([first])
    const [second] = attach(1) as [number]
    expect(listed()).toEqual([first])
    removeComponent(world, first, attachment.tag)
    expect(listed()).toEqual([])
    expect(settled()).toEqual([second])
  })

  it('leave out a removed entity whose id is in use again with the tag', () => {
    const { world, attachment, settled, listed, attach } = setting()
    const [one, two] = attach(2) as [number, number]
    expect(settled()).toEqual([one, two])
    removeEntity(world, one)
    expect(addEntity(world)).toBe(one)
    addComponent(world, one, attachment.tag)
    expect(listed()).toEqual([two])
    expect(settled()).toContain(one)
  })

  it('leave out prefabs and include their instances', () => {
    const { world, attachment, settled } = setting()
    const prefab = addPrefab(world)
    addComponent(world, prefab, attachment.tag)
    const entity = addEntity(world)
    addComponent(world, entity, IsA(prefab))
    expect(settled()).toEqual([...query(world, [attachment.tag])])
    expect(settled()).not.toContain(prefab)
  })

  it('lie in the ECS memory and report whether all are below the capacity', () => {
    const { world, ecs, attachment, settled, attach } = setting(10)
    const entities = attach(5)
    expect(settled()).toEqual(entities)
    const { address } = attachment.list
    expect([...new Uint32Array(ecs.components.reserve?.memory.buffer as ArrayBuffer, address, 5)]).toEqual(entities)
    expect(attachment.isBelowCapacity).toBe(true)
    const beyond = attach(6).at(-1) as number
    settled()
    expect([beyond >= 10, attachment.isBelowCapacity]).toEqual([true, false])
    for (const entity of query(world, [attachment.tag]).filter((each) => each >= 10)) removeEntity(world, entity)
    settled()
    expect(attachment.isBelowCapacity).toBe(true)
  })
})

describe('keepRunning', () => {
  it('removes the entities that the script no longer runs on and keeps the order of the others', () => {
    const { world, attachment, settled, listed, attach } = setting()
    const entities = attach(6)
    expect(settled()).toEqual(entities)
    removeComponent(world, entities[0] as number, attachment.tag)
    removeComponent(world, entities[3] as number, attachment.tag)
    removeEntity(world, entities[5] as number)
    expect(attachment.keepRunning(2, 6)).toBe(4)
    expect([...attachment.list.array.subarray(2, 4)]).toEqual([entities[2], entities[4]])
    expect(listed()).toEqual([...query(world, [attachment.tag])])
  })

  it('keeps every entity if nothing changed, and one that was detached and attached again', () => {
    const { world, attachment, settled, attach } = setting()
    const entities = attach(3)
    settled()
    expect(attachment.keepRunning(0, 3)).toBe(3)
    removeComponent(world, entities[1] as number, attachment.tag)
    addComponent(world, entities[1] as number, attachment.tag)
    expect(attachment.keepRunning(0, 3)).toBe(3)
    expect(attachment.keepRunning(3, 3)).toBe(3)
  })

  it('is requested by an interruption when an entity is detached during the loop', () => {
    const { world, ecs, attachment, settled, attach } = setting()
    const entities = attach(3)
    settled()
    const batch = ecs.batch
    if (batch === undefined) throw new Error('there is room for it')
    batch.isInterrupted = false
    removeComponent(world, entities[1] as number, attachment.tag)
    expect(batch.isInterrupted).toBe(true)
  })
})
