import { entityExists, getAllEntities, hasComponent, type Relation, Wildcard, type World } from 'bitecs'
import { type Column, nameComponents, plainColumns } from '../components/components.ts'
import { nameOfPair, pairOf, targetsOf } from '../components/relations.ts'
import { ScriptState } from './script-state.ts'

/**
 * Returns the entities of a world in ascending order, without the entities that belong to scripts (see {@link ScriptState}).
 *
 * @example
 * const [first] = listEntities(world)
 */
export function listEntities(world: World): number[] {
  return getAllEntities(world)
    .filter((entity) => !hasComponent(world, entity, ScriptState))
    .sort((one, other) => one - other)
}

/**
 * Returns the components of an entity by name, each with the values of its fields; `undefined` if the entity does not exist. A
 * relation to a target is named as `ChildOf(5)`, with the data of the pair; bitECS's own relation `IsA` has its name without being given.
 *
 * @example
 * ```ts
 * for (const entity of listEntities(world)) {
 *   const parts = describeEntity(world, components, entity, { ChildOf })
 *   console.log(entity, parts) // 3 { Position: { x: 1, y: 2 }, Dead: {}, 'ChildOf(1)': {} }
 * }
 * ```
 *
 * @throws {ScriptError} InvalidOptions if a component is not an object, or a relation not a relation
 */
export function describeEntity(
  world: World,
  components: Readonly<Record<string, object>>,
  entity: number,
  relations: Readonly<Record<string, Relation<unknown>>> = {},
): Readonly<Record<string, Readonly<Record<string, number>>>> | undefined {
  if (!Number.isInteger(entity) || !entityExists(world, entity)) return undefined
  const named = nameComponents(components, relations)
  const owned = [...named.byName.values()].filter(({ component }) => hasComponent(world, entity, component))
  const pairs = [...named.relations.names.keys()]
    .filter((relation) => relation !== Wildcard)
    .flatMap((relation) => targetsOf(world, entity, relation).map((target) => ({ relation, target })))
    .map((parts) => {
      const name = nameOfPair(named.relations, parts) as string
      return { name, columns: plainColumns(name, pairOf(parts)) }
    })
  return Object.fromEntries([...owned, ...pairs].map(({ name, columns }) => [name, valuesOf(columns, entity)]))
}

function valuesOf(columns: ReadonlyMap<string, Column>, entity: number): Readonly<Record<string, number>> {
  return Object.fromEntries([...columns].map(([field, column]) => [field, column.array()[entity] ?? 0]))
}
