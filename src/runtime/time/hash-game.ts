import { componentsByName } from '../../ecs/components/components.ts'
import { hashWorld } from '../../ecs/image/hash.ts'
import type { Store } from '../script/store.ts'

/** Returns the hash of a game's world, with the components that its scripts declare. */
export function hashGame({ ecs, options }: Store): string {
  return hashWorld(ecs.world, componentsByName(ecs.components), options.relations)
}
