import { addComponent, addEntity, entityExists } from 'bitecs'
import { ScriptState } from '../../ecs/entities/script-state.ts'
import type { Script } from './script.ts'
import type { Store } from './store.ts'

/** Whether the entity of a script is still the one that it was given. */
export function ownsEntity({ ecs }: Store, { entity, entityVersion }: Script): boolean {
  return entity !== 0 && entityExists(ecs.world, entity) && ecs.versions.of(entity) === entityVersion
}

/** Gives a script an entity of its own. */
export function giveEntity({ ecs }: Store, script: Script): void {
  script.entity = addEntity(ecs.world)
  script.entityVersion = ecs.versions.of(script.entity)
  addComponent(ecs.world, script.entity, ScriptState)
}
