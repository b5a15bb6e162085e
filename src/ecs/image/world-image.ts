import { Not, Or, type QueryTerm, registerComponents, type World } from 'bitecs'
import type { ArrayImage, ArrayKeeper } from '../../array-image.ts'
import { type ComponentData, contextOf, type Query } from '../components/bitecs-internals.ts'
import { type Births, saveBirths } from '../entities/births.ts'
import { matchesEveryEntity } from '../entities/every-entity.ts'
import { plainMasks, readOrder } from './component-order.ts'

/** The members of a query in order, and those that bitECS removes when the query next runs. */
export interface QueryImage {
  readonly members: ArrayImage<Uint32Array>
  readonly leaving: ArrayImage<Uint32Array>
  /** Set if the query has not run since a restore to a moment before its first run. */
  readonly isLazy?: true
}

/** A query that another world ran. */
export interface MissingQuery extends QueryImage {
  readonly terms: QueryTerm[]
}

/** The entities of a world, their order and their components, without the values of fields. */
export interface WorldImage {
  /** The number of entities. */
  readonly alive: number
  /** The greatest id that was ever used. */
  readonly maxId: number
  /** The ids in use, then the free ones in the order in which bitECS reuses them. */
  readonly ids: ArrayImage<Uint32Array>
  readonly births: Births
  /** One bit for each component that is no pair, by entity. 31 components share an array. */
  readonly masks: readonly ArrayImage<Uint32Array>[]
  /** By bitECS's query object, in the order of first runs. The query of all entities is left out. */
  readonly queries: ReadonlyMap<Query, QueryImage>
  /** Queries of a file that the world has not run. */
  readonly missing?: readonly MissingQuery[]
  /** The components of entities with pairs, and of prefabs: see `readOrder`. */
  readonly order: ArrayImage<Uint32Array>
  /** The entities that bitECS remembers to have, or to have had, a relation. */
  readonly related: ArrayImage<Uint32Array>
}

/** The queries that have not run since a restore, with their original `dense` property: see `makeLazy`. */
export const lazyQueries: WeakMap<Query, PropertyDescriptor> = new WeakMap()

/** Returns an image of a world. */
export function captureWorld(world: World, keeper: ArrayKeeper): WorldImage {
  const context = contextOf(world)
  const { entityIndex, entitiesWithRelations } = context
  const queries = new Map<Query, QueryImage>()
  for (const query of context.queries) {
    if (!matchesEveryEntity(query)) queries.set(query, captureQuery(query, `query ${queries.size}`, keeper))
  }
  return {
    alive: entityIndex.aliveCount,
    maxId: entityIndex.maxId,
    ids: keeper.keepIntegers('ids', entityIndex.dense),
    births: saveBirths(world, entityIndex.maxId, keeper),
    masks: plainMasks(context).map((mask, generation) => keeper.keepIntegers(`mask ${generation}`, mask)),
    queries,
    order: keeper.keepIntegers('order', readOrder(context)),
    // bitECS also puts relations there, and reads entities only.
    related: keeper.keepIntegers('related', [...entitiesWithRelations].filter(Number.isInteger)),
  }
}

function captureQuery(query: Query, path: string, keeper: ArrayKeeper): QueryImage {
  const members = keeper.keepIntegers(path, membersOf(query))
  const leaving = keeper.keepIntegers(`${path} leaving`, query.toRemove.dense)
  return lazyQueries.has(query) ? { members, leaving, isLazy: true } : { members, leaving }
}

/** Returns the members of a query without running it if it is lazy. */
function membersOf(query: Query): number[] | Uint32Array {
  const plain = lazyQueries.get(query)
  return plain === undefined ? query.dense : (plain.value ?? plain.get?.call(query))
}

/** Returns the mask bits of one component, which is registered if it is new, or of all components of the world. */
export function componentBits(
  world: World,
  component?: object,
): readonly { readonly component: object; readonly generation: number; readonly bit: number }[] {
  if (component !== undefined) registerComponents(world, contextOf(world).componentMap.has(component) ? [] : [component])
  const { componentMap } = contextOf(world)
  const known = component === undefined ? [...componentMap.values()] : [componentMap.get(component) as ComponentData]
  return known.map(({ ref, generationId, bitflag }) => ({ component: ref, generation: generationId, bit: bitflag }))
}

/** Returns the queries of a world in the order of their first runs. */
export function queriesOf(world: World): Iterable<Query> {
  return contextOf(world).queries
}

/**
 * Returns the terms of a query, sorted: the names of its components, after a `!` for those that entities must not have, and a `|` for
 * those of which they need one. `undefined` if a component has no name, or if the query nests terms, which bitECS reads as a
 * component that no entity has. `query(world, [])` has no terms.
 */
export function queryTerms(
  world: World,
  { allComponents, hasMasks, masks, notMasks, orMasks }: Query,
  nameOf: (component: object) => string | undefined,
): string[] | undefined {
  const { componentMap } = contextOf(world)
  const kinds = [
    ['', masks],
    ['!', notMasks],
    ['|', orMasks],
  ] as const
  const isNested = kinds.some(([, each]) =>
    Object.entries(each).some(([generation, bits]) => (bits & ~(hasMasks[Number(generation)] ?? 0)) !== 0),
  )
  if (isNested) return undefined
  const terms = new Set<string>()
  for (const component of allComponents) {
    const name = nameOf(component)
    const { generationId, bitflag } = componentMap.get(component) as ComponentData
    if (name === undefined) return undefined
    for (const [mark, each] of kinds) if (((each[generationId] ?? 0) & bitflag) !== 0) terms.add(`${mark}${name}`)
  }
  return [...terms].sort()
}

/** Returns the terms that {@link queryTerms} named; `undefined` if a name stands for nothing. */
export function resolveTerms(names: readonly string[], componentOf: (name: string) => object | undefined): QueryTerm[] | undefined {
  const all: QueryTerm[] = []
  const any: object[] = []
  for (const name of names) {
    const [mark] = /^[!|]?/.exec(name) ?? ['']
    const component = componentOf(name.slice(mark.length))
    if (component === undefined) return undefined
    if (mark === '|') any.push(component)
    else all.push(mark === '!' ? Not(component) : component)
  }
  return any.length === 0 ? all : [...all, Or(...any)]
}
