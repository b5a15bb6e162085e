import type { Ecs } from '../../ecs/entities/access.ts'
import { ComponentHolders } from '../../ecs/entities/component-holders.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import type { AskedPlaces } from './accessors.ts'

const HAS = 'ecs.has'

/**
 * Finds a place for each component that imports of a module, which are linked, test an entity for. Those that find none are left out: groups
 * leave for calls of them. `undefined` if there are none.
 */
export function placeAsked(ecs: Ecs, { imports, referredImports }: DecodedModule): AskedPlaces | undefined {
  const { reserve, capacity, byName } = ecs.components
  const asking = imports.flatMap(({ module, name }, index) => (module === HAS ? [{ name, index }] : []))
  if (asking.length === 0 || reserve === undefined) return undefined
  ecs.holders ??= new ComponentHolders(reserve, capacity)
  // What may be called through a reference charges by itself, and imports of one name are charged for alike.
  const referred = new Set(asking.flatMap(({ name, index }) => (referredImports.has(index) ? [name] : [])))
  const places: (readonly [number, number])[] = []
  for (const { name, index } of asking) {
    const component = byName.get(name)?.component
    const address = component === undefined || referred.has(name) ? undefined : ecs.holders.addressOf(component)
    if (address !== undefined) places.push([index, address])
  }
  return places
}
