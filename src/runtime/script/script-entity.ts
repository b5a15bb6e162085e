import { addComponent, addEntity, entityExists } from 'bitecs'
import { ScriptState } from '../../ecs/entities/script-state.ts'
import { isGone } from '../../ecs/entities/world-life.ts'
import type { Script } from './script.ts'
import type { Store } from './store.ts'

/** Returns whether the entity of a script still exists, rather than a later entity with the same id. */
export function ownsEntity({ ecs }: Store, { entity, entityVersion }: Script): boolean {
  return !isGone(ecs) && entity !== 0 && entityExists(ecs.world, entity) && ecs.versions.of(entity) === entityVersion
}

/** Adds the entity that holds the state of a script. */
export function addScriptEntity({ ecs }: Store, script: Script): void {
  script.entity = addEntity(ecs.world)
  script.entityVersion = ecs.versions.of(script.entity)
  addComponent(ecs.world, script.entity, ScriptState)
}
