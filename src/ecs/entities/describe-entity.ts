import { entityExists, getAllEntities, hasComponent, type World } from 'bitecs'
import { nameComponents } from '../components/components.ts'
import { ScriptState } from './script-state.ts'

/** The entities of a game, those of scripts left out, in the order of their ids. */
export function listEntities(world: World): number[] {
  return getAllEntities(world)
    .filter((entity) => !hasComponent(world, entity, ScriptState))
    .sort((one, other) => one - other)
}

/** What an entity has: its components by name, and of each the values of its fields. `undefined` if it does not exist. */
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
