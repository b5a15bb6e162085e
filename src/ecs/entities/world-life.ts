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
