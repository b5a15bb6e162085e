import { Prefab, registerComponents, type World } from 'bitecs'
import type { ArrayImage, ArrayKeeper } from '../../array-image.ts'
import { type ComponentData, contextOf, isPair, type Query, type WorldContext } from '../components/bitecs-internals.ts'
import { type Births, saveBirths } from '../entities/births.ts'
import { matchesEveryEntity } from '../entities/every-entity.ts'

/** The members of a query in their order, and those that are taken out the next time it is run. */
export interface QueryImage {
  readonly members: ArrayImage<Uint32Array>
  readonly leaving: ArrayImage<Uint32Array>
  /** Nobody has run it yet, since it was first run after a moment that the game went back to. */
  readonly isUnasked?: true
}

/** Which entities a world has, in what order, and with which components. The values of fields are no part of it. */
export interface WorldImage {
  readonly alive: number
  /** The greatest id that was ever given. */
  readonly maxId: number
  /** Ids in use, then those that are free, in the order in which they are given out. */
  readonly ids: ArrayImage<Uint32Array>
  readonly births: Births
  /** A bit a component, by entity: 31 components share an array. */
  readonly masks: readonly ArrayImage<Uint32Array>[]
  /** By bitECS's own object, in the order in which they were first run. That of all entities is none of them. */
  readonly queries: ReadonlyMap<Query, QueryImage>
  /** The components of entities with relations and of prefabs, in an order that bitECS goes by. */
  readonly ordered: ReadonlyMap<number, readonly object[]>
  readonly withRelations: readonly number[]
}

/** Queries that nobody has run since a restore, and how they held their members before: see `orderWhenAsked`. */
export const unaskedQueries: WeakMap<Query, PropertyDescriptor> = new WeakMap()

export function captureWorld(world: World, keeper: ArrayKeeper): WorldImage {
  const context = contextOf(world)
  const { entityIndex, entityMasks, entitiesWithRelations } = context
  const queries = new Map<Query, QueryImage>()
  for (const query of context.queries) {
    if (!matchesEveryEntity(query)) queries.set(query, captureQuery(query, `query ${queries.size}`, keeper))
  }
  return {
    alive: entityIndex.aliveCount,
    maxId: entityIndex.maxId,
    ids: keeper.keepIntegers('ids', entityIndex.dense),
    births: saveBirths(world, entityIndex.maxId, keeper),
    masks: entityMasks.map((mask, generation) => keeper.keepIntegers(`mask ${generation}`, mask)),
    queries,
    ordered: captureOrdered(context),
    withRelations: [...entitiesWithRelations],
  }
}

function captureQuery(query: Query, path: string, keeper: ArrayKeeper): QueryImage {
  const members = keeper.keepIntegers(path, membersOf(query))
  const leaving = keeper.keepIntegers(`${path} leaving`, query.toRemove.dense)
  return unaskedQueries.has(query) ? { members, leaving, isUnasked: true } : { members, leaving }
}

/** The members of a query, which this does not count as running it. */
export function membersOf(query: Query): number[] | Uint32Array {
  const plain = unaskedQueries.get(query)
  return plain === undefined ? query.dense : (plain.value ?? plain.get?.call(query))
}

/** For other entities the order of components has no consequence, and to look at each would take long. */
function captureOrdered({ componentMap, entityMasks, entityComponents }: WorldContext): WorldImage['ordered'] {
  const bits: number[] = []
  for (const { ref, generationId, bitflag } of componentMap.values())
    if (ref === Prefab || isPair(ref)) bits[generationId] = (bits[generationId] ?? 0) | bitflag
  const found = new Map<number, readonly object[]>()
  for (const [generation, mask] of entityMasks.entries()) {
    const wanted = bits[generation] ?? 0
    if (wanted === 0) continue
    for (let entity = 0; entity < mask.length; entity++) {
      if (((mask[entity] as number) & wanted) === 0 || found.has(entity)) continue
      found.set(entity, [...(entityComponents.get(entity) ?? [])])
    }
  }
  return found
}

/** The bit of each component that the world knows, or of one, which it then comes to know. */
export function componentBits(
  world: World,
  component?: object,
): readonly { readonly component: object; readonly generation: number; readonly bit: number }[] {
  if (component !== undefined) registerComponents(world, contextOf(world).componentMap.has(component) ? [] : [component])
  const { componentMap } = contextOf(world)
  const known = component === undefined ? [...componentMap.values()] : [componentMap.get(component) as ComponentData]
  return known.map(({ ref, generationId, bitflag }) => ({ component: ref, generation: generationId, bit: bitflag }))
}

/** The queries that were run in a world, in the order in which they were first run. */
export function queriesOf(world: World): Iterable<Query> {
  return contextOf(world).queries
}

/** The terms of a query by the names of its components, in one order; `undefined` if one has no name. */
export function queryTerms(
  { allComponents, notComponents, orComponents }: Query,
  nameOf: (component: object) => string | undefined,
): string | undefined {
  const terms = allComponents.map((component: object) => {
    const name = nameOf(component)
    return name === undefined
      ? undefined
      : `${notComponents.includes(component) ? '!' : orComponents.includes(component) ? '|' : ''}${name}`
  })
  return terms.includes(undefined) ? undefined : terms.sort().join(' ')
}

/** Whether a set has these items, in this order. */
export function sameItems(set: ReadonlySet<object>, items: readonly object[]): boolean {
  if (set.size !== items.length) return false
  let place = 0
  for (const item of set) if (item !== items[place++]) return false
  return true
}
