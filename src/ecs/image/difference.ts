import { entityExists, getAllEntities, hasComponent, type World } from 'bitecs'
import { type ComponentSet, nameComponents } from '../components/components.ts'

/** A world to compare, with its components. */
export interface ComparedWorld {
  /** The bitECS world. */
  readonly world: World
  /** The components to compare, by name. */
  readonly components: Readonly<Record<string, object>>
}

/** A difference between two worlds. */
export interface WorldDifference {
  /** The entity that differs. */
  readonly entity: number
  /** The component that differs; left out if the entity exists in one world only. */
  readonly component?: string
  /** The field that differs; left out if the entity has the component in one world only. */
  readonly field?: string
  /** The value of the field in each world; 1 for present and 0 for absent if no field is named. */
  readonly values: readonly [number, number]
}

/**
 * Returns the first difference between two worlds, ordered by entity, component name and field; `undefined` if there is none.
 * Compares which entities exist, which of `components` they have, and the values of fields. 0 and -0 differ, NaN equals NaN.
 * Entities without any of the components are ignored.
 *
 * @example
 * ```ts
 * const difference = compareWorlds({ world, components }, { world: otherWorld, components: otherComponents })
 * if (difference !== undefined) {
 *   const { entity, component, field, values } = difference
 *   console.log(`entity ${entity}: ${component}.${field} is ${values[0]} and ${values[1]}`)
 * }
 * ```
 *
 * @throws {ScriptError} InvalidOptions if a component is not an object
 */
export function compareWorlds(one: ComparedWorld, other: ComparedWorld): WorldDifference | undefined {
  const sets = [nameComponents(one.components), nameComponents(other.components)] as const
  const names = [...new Set(sets.flatMap(({ byName }) => [...byName.keys()]))].sort()
  const entities = [...new Set([...getAllEntities(one.world), ...getAllEntities(other.world)])].sort((a, b) => a - b)
  for (const entity of entities) {
    const exists = [entityExists(one.world, entity), entityExists(other.world, entity)] as const
    const owns = (name: string): readonly [boolean, boolean] => [
      exists[0] && has(one.world, sets[0], entity, name),
      exists[1] && has(other.world, sets[1], entity, name),
    ]
    // hashWorld ignores entities without any of the components, too.
    if (exists[0] !== exists[1]) {
      if (names.some((name) => owns(name).includes(true))) return { entity, values: [Number(exists[0]), Number(exists[1])] }
      continue
    }
    for (const component of names) {
      const [first, second] = owns(component)
      if (first !== second) return { entity, component, values: [Number(first), Number(second)] }
      if (!first) continue
      const columns = sets[0].byName.get(component)?.columns ?? new Map()
      for (const [field, column] of columns) {
        const values = [column.array()[entity] ?? 0, sets[1].byName.get(component)?.columns.get(field)?.array()[entity] ?? 0] as const
        if (!Object.is(values[0], values[1])) return { entity, component, field, values }
      }
    }
  }
  return undefined
}

function has(world: World, { byName }: ComponentSet, entity: number, name: string): boolean {
  const component = byName.get(name)?.component
  return component !== undefined && hasComponent(world, entity, component)
}
