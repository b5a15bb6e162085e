import { componentsByName } from '../../ecs/components/components.ts'
import type { ComponentSet } from '../api/component-types.ts'
import { storeOf } from '../script/store.ts'

/**
 * Returns the components of a runtime by name: those that it was created with, and those that loaded scripts and mods declare.
 *
 * @throws {ScriptError} InvalidOptions if the argument is not a runtime
 * @example
 * const hash = hashWorld(runtime.world, listComponents(runtime), runtime.relations)
 */
export function listComponents<Components extends ComponentSet>(runtime: { readonly components: Components }): Components & ComponentSet {
  return componentsByName(storeOf(runtime).ecs.components) as Components & ComponentSet
}
