import type { World } from 'bitecs'
import { ScriptError } from '../../errors.ts'
import { contextOf } from '../components/bitecs-internals.ts'
import { countBorn } from './births.ts'
import type { LivingWorld } from './world-life.ts'

const SHARED =
  'the world shares its entity index with another world, whose entities a restore would lose; give each world an index of its own'

const VERSIONED =
  'withVersioning of bitECS takes living entities for dead ones; create the world without it, and tell entities apart by runtime.version(entity)'

/** The world that uses an entity index, by its life. */
const owners = new WeakMap<object, object>()

/** Marks the entity index of a world as its own. Throws `InvalidOptions` if another world uses it, or if it counts versions. */
export function claimIndex({ world, life }: LivingWorld): void {
  const { entityIndex } = contextOf(world)
  if (entityIndex.versioning) throw new ScriptError('InvalidOptions', VERSIONED)
  const owner = owners.get(entityIndex) ?? life
  if (owner !== life || hasForeign(world)) throw new ScriptError('InvalidOptions', SHARED)
  owners.set(entityIndex, life)
}

/** Returns whether the entity index of a world holds entities of another world. */
export function isIndexShared(world: World): boolean {
  // One of the two counts differs while observers are notified of an entity, and after one of them threw.
  return hasForeign(world) && contextOf(world).entityIndex.aliveCount !== countBorn(world)
}

/** Throws `HostError` if the entity index of a world holds entities of another world. */
export function checkIndex(world: World): void {
  if (isIndexShared(world)) throw new ScriptError('HostError', SHARED)
}

function hasForeign(world: World): boolean {
  const { entityIndex, entityComponents } = contextOf(world)
  return entityIndex.aliveCount !== entityComponents.size
}
