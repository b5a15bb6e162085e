import { getAllEntities, observe, onAdd, onRemove, registerQuery, type World } from 'bitecs'
import type { ArrayImage, ArrayKeeper } from '../../array-image.ts'
import { callDirectly } from '../components/bitecs-internals.ts'
import { EntityNumbers } from './entity-numbers.ts'
import { EVERY_ENTITY } from './every-entity.ts'
import { lifeOf } from './world-life.ts'

/** The order in which the entities of a world were added, which is that of `getAllEntities`. */
export interface Births {
  /** How many entities were ever added. */
  readonly count: number
  /** When each entity was last added, counted in additions. */
  readonly numbers: ArrayImage<Float64Array>
}

interface BirthRecord {
  count: number
  /** How many of them were not removed. */
  alive: number
  readonly numbers: EntityNumbers<Float64Array>
}

/** By the life of the world: `resetWorld` removes the observer. */
const records = new WeakMap<object, BirthRecord>()

/**
 * Records the order in which entities are added to a world from now on. An entity added inside another's `onAdd` observer
 * counts as younger, although `getAllEntities` lists it first.
 */
export function recordBirths(world: World): void {
  const life = lifeOf(world) as object
  if (records.has(life)) return
  const record: BirthRecord = { count: 0, alive: 0, numbers: new EntityNumbers(Float64Array) }
  const born = (entity: number): void => {
    record.alive++
    record.numbers.set(entity, ++record.count)
  }
  for (const entity of getAllEntities(world)) born(entity)
  callDirectly(registerQuery(world, [EVERY_ENTITY]))
  observe(world, onAdd(EVERY_ENTITY), born)
  observe(world, onRemove(EVERY_ENTITY), () => void record.alive--)
  records.set(life, record)
}

function recordOf(world: World): BirthRecord {
  return records.get(lifeOf(world) as object) as BirthRecord
}

/** Returns how many entities were added to a world and not removed. */
export function countBorn(world: World): number {
  return recordOf(world).alive
}

/** Returns the recorded order of the entities up to an id. */
export function saveBirths(world: World, maxId: number, keeper: ArrayKeeper): Births {
  const { count, numbers } = recordOf(world)
  return { count, numbers: numbers.save('births', maxId, keeper) }
}

/** Restores a saved order. */
export function restoreBirths(world: World, { count, numbers }: Births): void {
  const record = recordOf(world)
  record.count = count
  record.numbers.restore(numbers)
}

/** Returns entities of a world in the order in which they were added. */
export function inOrderOfBirth(world: World, entities: readonly number[]): number[] {
  const { numbers } = recordOf(world)
  return [...entities].sort((one, other) => numbers.of(one) - numbers.of(other))
}
