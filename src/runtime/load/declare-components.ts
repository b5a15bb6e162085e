import { DeclaredComponents } from '../../ecs/components/declared.ts'
import { isGone } from '../../ecs/entities/world-life.ts'
import type { Script } from '../script/script.ts'
import { reportObserver } from '../script/step.ts'
import type { Store } from '../script/store.ts'

const declared = new WeakMap<Store, DeclaredComponents>()

/** Makes the components that a script declares. If it fails, none is made. Throws `DuplicateName`, `OutOfMemory`, `InvalidOptions`. */
export function declareComponents(store: Store, script: Script): void {
  const { ecs } = store
  const components = declared.get(store) ?? new DeclaredComponents(ecs.components)
  declared.set(store, components)
  const made: string[] = []
  const release = (): void => {
    for (const name of made.splice(0))
      components.release(isGone(ecs) ? undefined : ecs.world, name, (cause) => reportObserver(store, cause))
  }
  try {
    for (const [name, schema] of Object.entries(script.options.components)) {
      components.add(name, schema)
      made.push(name)
    }
  } catch (error) {
    release()
    throw error
  }
  script.releaseComponents = release
}
