import { entityExists, getAllEntities, hasComponent, type World } from 'bitecs'
import { nameComponents } from '../components/components.ts'
import { ScriptState } from './script-state.ts'

/** Returns the entities of a world in ascending order, without the entities that belong to scripts (see {@link ScriptState}). */
export function listEntities(world: World): number[] {
  return getAllEntities(world)
    .filter((entity) => !hasComponent(world, entity, ScriptState))
    .sort((one, other) => one - other)
}

/**
 * Returns the components of an entity by name, each with the values of its fields; `undefined` if the entity does not exist.
 *
 * @example
 * ```ts
 * for (const entity of listEntities(world)) {
 *   console.log(entity, describeEntity(world, components, entity)) // 3 { Position: { x: 1, y: 2 }, Dead: {} }
 * }
 * ```
 *
 * @throws {ScriptError} InvalidOptions if a component is not an object
 */
export function describeEntity(
  world: World,
  components: Readonly<Record<string, object>>,
  entity: number,
): Readonly<Record<string, Readonly<Record<string, number>>>> | undefined {
  if (!Number.isInteger(entity) || !entityExists(world, entity)) return undefined
  const owned = [...nameComponents(components).byName.values()].filter(({ component }) => hasComponent(world, entity, component))
  return Object.fromEntries(
    owned.map(({ name, columns }) => [
      name,
      Object.fromEntries([...columns].map(([field, column]) => [field, column.array()[entity] ?? 0])),
    ]),
  )
}
