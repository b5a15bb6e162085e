import { hasComponent, Prefab, removeEntity, removeQuery, Wildcard, type World } from 'bitecs'
import { PRICES } from '../../abi/prices.ts'
import { ScriptError } from '../../errors.ts'
import { contextOf, isPair, type Query, registerEmpty, relationDataOf, relationOf, targetOf } from '../components/bitecs-internals.ts'

/*
 * bitECS removes the relations of an entity with it, and each entity that has it as the target of a relation with
 * `autoRemoveSubject`. It finds the related entities by a query for each entity that it removes, which looks at every entity of the
 * world and stays for ever. Here these queries get their members from the pairs of the removed entity, and are dropped at the end.
 */

/** bitECS removes a hierarchy by recursion. */
const MAX_DEPTH = 500

/** The entities that are removed together. */
interface Cascade {
  readonly entities: ReadonlySet<number>
  /** Units of fuel that their relations take. Infinite if they are more than the given limit. */
  readonly price: number
}

/** Returns the entities that are removed with an entity. Throws `StackOverflow` if they are a hierarchy that is too deep. */
export function cascadeOf(world: World, entity: number, limit: number = Number.POSITIVE_INFINITY): Cascade {
  const { entityComponents, entityIndex, hierarchyActiveRelations } = contextOf(world)
  const depths = new Map([[entity, 0]])
  // Where the game queries hierarchies, bitECS looks for the children of each entity that leaves one, in the whole world.
  const search = hierarchyActiveRelations.size === 0 ? 0 : PRICES.relationScan * entityIndex.aliveCount
  let price = 0
  for (const [current, depth] of depths) {
    const components = entityComponents.get(current) ?? new Set()
    for (const component of components) {
      const subject = isPair(component) && relationOf(component) === Wildcard ? targetOf(component) : undefined
      if (typeof subject !== 'number') continue
      const held = entityComponents.get(subject) ?? new Set()
      price += PRICES.relation + search + PRICES.relationStep * (held.size + 3 * components.size)
      if (price > limit) return { entities: new Set(depths.keys()), price: Number.POSITIVE_INFINITY }
      if (depths.has(subject) || !isRemovedWith(held, current)) continue
      if (depth === MAX_DEPTH)
        throw new ScriptError('StackOverflow', `the entity ${entity} is removed with a hierarchy of more than ${MAX_DEPTH} levels`)
      depths.set(subject, depth + 1)
      price += PRICES.change
    }
  }
  return { entities: new Set(depths.keys()), price }
}

function isRemovedWith(components: ReadonlySet<object>, target: number): boolean {
  for (const component of components) {
    if (isPair(component) && targetOf(component) === target && relationDataOf(relationOf(component)).autoRemoveSubject === true) return true
  }
  return false
}

/** Returns whether an entity has relations, or is the target of some, or was. */
export function isRelated(world: World, entity: number): boolean {
  return contextOf(world).entitiesWithRelations.has(entity)
}

/** Removes an entity as `removeEntity` does, in time in proportion to its relations. Throws `StackOverflow` before anything changes. */
export function removeRelated(world: World, entity: number): void {
  if (!isRelated(world, entity)) {
    removeEntity(world, entity)
    return
  }
  const made = [...cascadeOf(world, entity).entities].flatMap((each) => (isRelated(world, each) ? prepareQuery(world, each) : []))
  try {
    removeEntity(world, entity)
  } finally {
    for (const query of made) dropQuery(world, query)
  }
}

/** Makes the query by which bitECS finds the entities that are related to an entity; returns nothing if there is one. */
function prepareQuery(world: World, entity: number): Query[] {
  const { componentMap, entityComponents, queriesHashMap } = contextOf(world)
  const related = Wildcard(entity) as object
  const id = componentMap.get(related)?.id
  if (id !== undefined && queriesHashMap.has(String(id))) return []
  const query = registerEmpty(world, [related])
  for (const component of entityComponents.get(entity) ?? []) {
    const subject = isPair(component) && relationOf(component) === Wildcard ? targetOf(component) : undefined
    if (typeof subject === 'number' && hasComponent(world, subject, related) && !hasComponent(world, subject, Prefab)) query.add(subject)
  }
  return [query]
}

function dropQuery(world: World, query: Query): void {
  const { componentMap, dirtyQueries } = contextOf(world)
  removeQuery(world, query.allComponents)
  dirtyQueries.delete(query)
  for (const component of query.allComponents) componentMap.get(component)?.queries.delete(query)
}
