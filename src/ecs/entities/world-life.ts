import type { World } from 'bitecs'
import { ScriptError } from '../../errors.ts'
import { contextOf } from '../components/bitecs-internals.ts'

/** A world, and the object that stands for its life: `resetWorld` begins another life, and `deleteWorld` ends it. */
export interface LivingWorld {
  readonly world: World
  readonly life: object
}

/** Returns the object that stands for the current life of a world; `undefined` if the world was deleted. */
export function lifeOf(world: World): object | undefined {
  return contextOf(world)?.queries
}

/** Returns whether a world was reset or deleted since its life was taken. Its entities, queries and observers are gone. */
export function isGone({ world, life }: LivingWorld): boolean {
  return lifeOf(world) !== life
}

/** Throws `HostError` if the world was reset or deleted. */
export function checkLife(living: LivingWorld): void {
  if (!isGone(living)) return
  const how = lifeOf(living.world) === undefined ? 'deleted by deleteWorld()' : 'reset by resetWorld()'
  throw new ScriptError(
    'HostError',
    `the world was ${how} while a runtime used it, and the entities are gone; call dispose() before that, and create() another runtime`,
  )
}

/** The world that uses an entity index, by its life. */
const owners = new WeakMap<object, object>()

/** Marks the entity index of a world as its own. Throws `InvalidOptions` if another world uses it. */
export function claimIndex({ world, life }: LivingWorld): void {
  const { entityIndex } = contextOf(world)
  const owner = owners.get(entityIndex) ?? life
  if (owner !== life || isIndexShared(world)) throw new ScriptError('InvalidOptions', SHARED_INDEX)
  owners.set(entityIndex, life)
}

/** Returns whether the entity index of a world holds entities of another world. */
export function isIndexShared(world: World): boolean {
  const { entityIndex, entityComponents } = contextOf(world)
  return entityIndex.aliveCount !== entityComponents.size
}

/** Throws `HostError` if the entity index of a world holds entities of another world. */
export function checkIndex(world: World): void {
  if (isIndexShared(world)) throw new ScriptError('HostError', SHARED_INDEX)
}

const SHARED_INDEX =
  'the world shares its entity index with another world, whose entities a restore would lose; give each world an index of its own'
