import { addComponent, entityExists, hasComponent, removeComponent } from 'bitecs'
import { entityOutOfRange } from '../../ecs/entities/access.ts'
import { ScriptError } from '../../errors.ts'
import { recordInput } from '../api/input-log.ts'
import { inScript } from '../script/faults.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'

/** Attaches a script to an entity. Throws `EntityOutOfRange`. */
export function attachScript(store: Store, entity: number, script: Script): void {
  const { world, components } = store.ecs
  if (!entityExists(world, entity)) throw inScript(script, new ScriptError('EntityOutOfRange', `the entity ${entity} does not exist`))
  if (entity >= components.capacity) throw inScript(script, entityOutOfRange(store.ecs, entity, components.capacity))
  recordInput(store, () => ({ kind: 'attach', entity, script: script.name }))
  addComponent(world, entity, script.attachment.tag)
}

/** Detaches a script from an entity, if it is attached. */
export function detachScript(store: Store, entity: number, { name, attachment: { tag } }: Script): void {
  const { world } = store.ecs
  if (!entityExists(world, entity) || !hasComponent(world, entity, tag)) return
  recordInput(store, () => ({ kind: 'detach', entity, script: name }))
  removeComponent(world, entity, tag)
}
