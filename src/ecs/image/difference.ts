import { entityExists, getAllEntities, hasComponent, Prefab, type Relation, type World } from 'bitecs'
import { type Column, type NamedComponents, nameComponents, plainColumns } from '../components/components.ts'
import { pairOf, targetsOf } from '../components/relations.ts'

/** A world to compare, with its components. */
export interface ComparedWorld {
  /** The bitECS world. */
  readonly world: World
  /** The components to compare, by name. `listComponents(runtime)` are those of the game and of its mods. */
  readonly components: Readonly<Record<string, object>>
  /** The relations to compare, by name. @default {} */
  readonly relations?: Readonly<Record<string, Relation<unknown>>>
}

/** A difference between two worlds. */
export interface WorldDifference {
  /** The entity that differs. */
  readonly entity: number
  /** The component that differs; left out if the entity exists in one world only, or a relation differs. `Prefab` for prefabs. */
  readonly component?: string
  /** The relation that differs. */
  readonly relation?: string
  /** The target whose data differ; left out if the targets of the relation differ. */
  readonly target?: number
  /** The field that differs; left out if the entity has the component in one world only, or another target. */
  readonly field?: string
  /**
   * The value of the field in each world. If no field is named: the target in each world, 0 for none, for a relation; else 1 for
   * present and 0 for absent.
   */
  readonly values: readonly [number, number]
}

/**
 * Returns the first difference between two worlds, ordered by entity, component name and field, then relation and target;
 * `undefined` if there is none. Compares which entities exist, which of `components` they have, the values of fields, the targets
 * of `relations` in order and their data, and which entities are prefabs. 0 and -0 differ, NaN equals NaN. Entities without any of
 * these are ignored.
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
  const sets = [nameWorld(one), nameWorld(other)] as const
  const names = [...new Set(sets.flatMap(({ byName }) => [...byName.keys()]))].sort()
  const relations = [...new Set(sets.flatMap((set) => [...set.relations.byName.keys()]))].sort()
  const entities = [...new Set([...getAllEntities(one.world), ...getAllEntities(other.world)])].sort((a, b) => a - b)
  for (const entity of entities) {
    const exists = [entityExists(one.world, entity), entityExists(other.world, entity)] as const
    const owns = (name: string): readonly [boolean, boolean] => [
      exists[0] && has(one.world, sets[0], entity, name),
      exists[1] && has(other.world, sets[1], entity, name),
    ]
    const targets = (name: string): readonly [number[], number[]] => [
      exists[0] ? targetsIn(one.world, sets[0], entity, name) : [],
      exists[1] ? targetsIn(other.world, sets[1], entity, name) : [],
    ]
    // hashWorld ignores entities without any of the components, too.
    if (exists[0] !== exists[1]) {
      const isEmpty = !names.some((name) => owns(name).includes(true)) && !relations.some((name) => targets(name).flat().length > 0)
      if (!isEmpty) return { entity, values: [Number(exists[0]), Number(exists[1])] }
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
    for (const relation of relations) {
      const [first, second] = targets(relation)
      for (let place = 0; place < Math.max(first.length, second.length); place++) {
        const values = [first[place] ?? 0, second[place] ?? 0] as const
        if (values[0] !== values[1]) return { entity, relation, values }
        const [target] = values
        const columns = [pairColumns(sets[0], relation, target), pairColumns(sets[1], relation, target)] as const
        for (const [field, column] of columns[0]) {
          const data = [column.array()[entity] ?? 0, columns[1].get(field)?.array()[entity] ?? 0] as const
          if (!Object.is(data[0], data[1])) return { entity, relation, target, field, values: data }
        }
      }
    }
  }
  return undefined
}

/** Returns the components and relations to compare. A prefab counts as an entity with the component `Prefab`. */
function nameWorld({ components, relations }: ComparedWorld): NamedComponents {
  const set = nameComponents(components, relations)
  const isNamed = set.byName.has('Prefab') || [...set.byName.values()].some(({ component }) => component === Prefab)
  if (isNamed) return set
  return { ...set, byName: new Map([...set.byName, ['Prefab', { name: 'Prefab', component: Prefab, columns: new Map() }]]) }
}

function targetsIn(world: World, { relations }: NamedComponents, entity: number, name: string): number[] {
  const relation = relations.byName.get(name)
  return relation === undefined ? [] : targetsOf(world, entity, relation)
}

function pairColumns({ relations }: NamedComponents, name: string, target: number): ReadonlyMap<string, Column> {
  const relation = relations.byName.get(name)
  return relation === undefined ? new Map() : plainColumns(name, pairOf({ relation, target }))
}

function has(world: World, { byName }: NamedComponents, entity: number, name: string): boolean {
  const component = byName.get(name)?.component
  return component !== undefined && hasComponent(world, entity, component)
}
