import {
  $internal,
  addComponent,
  addEntity,
  type ComponentData,
  createRelation,
  createWorld,
  getAllEntities,
  isNested,
  Not,
  type Query,
  type QueryTerm,
  query,
  type Relation,
  registerQuery,
  removeComponent,
  type World,
  type WorldContext,
} from 'bitecs'
import { ScriptError } from '../../errors.ts'

/*
 * The internal state of a bitECS world, which snapshots read and write. It is not part of bitECS's API, so everything that
 * snapshots use is checked here when a runtime is created.
 */

export type { ComponentData, Query, WorldContext }

type Observer = Parameters<Query['addObservable']['subscribe']>[0]
/** A set of entities: a dense list, and the index of each entity in it. */
export type SparseSet = Query['toRemove'] & {
  /**
   * Writes to a list what has moved since the last call, where the list holds the set as it was. Returns whether it knows that. Only fast sets have it.
   */
  writeMoved?: (list: Uint32Array) => boolean
}

/** The version of bitECS whose internals this file describes. */
const VERSION = '0.4.0'

/** A relation of bitECS, with any data. */
export type AnyRelation = Relation<unknown>

const $relation: unique symbol = Symbol.for('bitecs-relation')
const $pairTarget: unique symbol = Symbol.for('bitecs-pairTarget')
const $relationData = Symbol.for('bitecs-relationData')

/** A component that stands for a relation with one target: an entity, any entity (`Wildcard`), or in `Wildcard` pairs a relation. */
export interface PairComponent {
  readonly [$relation]: AnyRelation
  readonly [$pairTarget]: number | AnyRelation
}

interface RelationData {
  /** The pairs that were made so far, by target. bitECS keeps them for ever. */
  readonly pairsMap: ReadonlyMap<number | AnyRelation, object>
  /** Makes the data of a pair; left out if the relation has none. */
  readonly initStore?: ((target: number) => object) | undefined
  /** Whether an entity has at most one target. */
  readonly exclusiveRelation: boolean
  /** Whether an entity is removed with its target. */
  readonly autoRemoveSubject: boolean
}

export function isWorld(value: unknown): value is World {
  return typeof value === 'object' && value !== null && $internal in value
}

export function contextOf(world: World): WorldContext {
  return (world as { readonly [$internal]: WorldContext })[$internal]
}

export function isPair(component: object): component is PairComponent {
  return $relation in component
}

export function relationOf(pair: PairComponent): AnyRelation {
  return pair[$relation]
}

export function targetOf(pair: PairComponent): number | AnyRelation {
  return pair[$pairTarget]
}

export function isRelation(value: unknown): value is AnyRelation {
  return typeof value === 'function' && $relationData in value
}

export function relationDataOf(relation: AnyRelation): RelationData {
  return (relation as unknown as { readonly [$relationData]: RelationData })[$relationData]
}

/** Throws `InvalidOptions` if the internals of the world's bitECS differ from those that snapshots use. */
export function checkInternals(world: World): void {
  const missing = missingIn(contextOf(world), CONTEXT, '') ?? missingInBehaviour()
  if (missing === undefined) return
  const detail = `the world comes from a bitECS whose internals differ from version ${VERSION}: ${missing}; install bitecs@${VERSION}`
  throw new ScriptError('InvalidOptions', detail)
}

type Check = (value: unknown) => boolean
interface Shape {
  readonly [name: string]: Check | Shape
}

const isNumber: Check = (value) => typeof value === 'number'
const isFunction: Check = (value) => typeof value === 'function'
const isObject: Check = (value) => typeof value === 'object' && value !== null
const isList: Check = Array.isArray
const isMap: Check = (value) => value instanceof Map
const isSet: Check = (value) => value instanceof Set

const CONTEXT: Shape = {
  entityIndex: { aliveCount: isNumber, maxId: isNumber, dense: isList, sparse: isList, entityMask: isNumber },
  entityMasks: (value) => Array.isArray(value) && value.every(isList),
  entityComponents: isMap,
  componentMap: isMap,
  queries: isSet,
  queriesHashMap: isMap,
  notQueries: isSet,
  dirtyQueries: isSet,
  entitiesWithRelations: isSet,
  hierarchyData: isMap,
  hierarchyActiveRelations: isSet,
  hierarchyQueryCache: isMap,
}
const SPARSE_SET: Shape = { dense: isList, sparse: isList, add: isFunction, reset: isFunction }
const OBSERVABLE: Shape = { subscribe: isFunction, notify: isFunction }
const QUERY: Shape = {
  ...SPARSE_SET,
  allComponents: isList,
  notComponents: isList,
  orComponents: isList,
  hasMasks: isObject,
  masks: isObject,
  notMasks: isObject,
  orMasks: isObject,
  generations: isList,
  toRemove: SPARSE_SET,
  addObservable: OBSERVABLE,
  removeObservable: OBSERVABLE,
}

/** Returns a clause about the first property that does not match the shape; `undefined` if all match. */
function missingIn(value: unknown, shape: Shape, path: string): string | undefined {
  for (const [name, check] of Object.entries(shape)) {
    const part = isObject(value) ? (value as Record<string, unknown>)[name] : undefined
    const missing =
      typeof check === 'function'
        ? check(part)
          ? undefined
          : `'${path}${name}' is missing or has another type`
        : missingIn(part, check, `${path}${name}.`)
    if (missing !== undefined) return missing
  }
  return undefined
}

/** Returns a clause about the first difference in what bitECS does with a test world; `undefined` if there is none. */
function missingInBehaviour(): string | undefined {
  const [Wanted, Unwanted] = [{}, {}]
  const world = createWorld()
  const context = contextOf(world)
  const { entityIndex, entityMasks, entityComponents, componentMap, queries, queriesHashMap, notQueries, dirtyQueries } = context
  const [first, second] = [addEntity(world), addEntity(world)]
  addComponent(world, first, Wanted)
  addComponent(world, second, Unwanted)
  query(world, [Wanted, Not(Unwanted)])
  const [found] = queries
  if (found === undefined) return "'queries' does not hold a query that was run"
  const missing = missingIn(found, QUERY, 'query.')
  if (missing !== undefined) return missing
  const bitOf = (component: object): number => componentMap.get(component)?.bitflag ?? 0
  const generation = componentMap.get(Wanted)?.generationId ?? -1
  const expectations: Record<string, boolean> = {
    "'entityIndex' does not hold the living ids":
      entityIndex.aliveCount === 2 && entityIndex.maxId === second && entityIndex.dense[0] === first && entityIndex.sparse[second] === 1,
    "'entityMasks' does not hold the components of entities": entityMasks[generation]?.[first] === bitOf(Wanted) && bitOf(Wanted) !== 0,
    "'entityComponents' does not hold the components of entities": entityComponents.get(first)?.has(Wanted) === true,
    'components and hashes do not lead to their queries':
      componentMap.get(Wanted)?.queries.has(found) === true && [...queriesHashMap.values()].includes(found) && notQueries.has(found),
    'a query does not hold its terms': found.masks[generation] === bitOf(Wanted) && found.notMasks[generation] === bitOf(Unwanted),
    'a query does not hold its entities': found.dense[0] === first && found.sparse[first] === 0 && found.dense.length === 1,
    "a query's list cannot be replaced": Object.getOwnPropertyDescriptor(found, 'dense')?.configurable === true,
  }
  removeComponent(world, first, Wanted)
  expectations['a query does not hold the entities that are about to leave it'] =
    found.toRemove.dense[0] === first && dirtyQueries.has(found)
  const components = entityComponents.get(first) ?? new Set()
  entityComponents.delete(first)
  entityComponents.set(first, components)
  expectations["getAllEntities does not follow the order of 'entityComponents'"] = getAllEntities(world).join() === `${second},${first}`
  const Related = createRelation({ store: () => ({ data: 1 }), exclusive: true, autoRemoveSubject: true })
  const pair = Related(second)
  const { pairsMap, initStore, exclusiveRelation, autoRemoveSubject } = relationDataOf(Related)
  expectations['a pair does not hold its relation and its target'] =
    isPair(pair) &&
    relationOf(pair) === Related &&
    targetOf(pair) === second &&
    pairsMap.get(second) === pair &&
    isFunction(initStore) &&
    exclusiveRelation &&
    autoRemoveSubject
  return Object.entries(expectations).find(([, isMet]) => !isMet)?.[0]
}

/**
 * Returns the function that tests whether an entity that exists has a component. It finds the component once; `hasComponent` does each
 * time. Valid for the current life of the world.
 */
export function componentTest(world: World, component: object): (entity: number) => boolean {
  const { componentMap, entityMasks } = contextOf(world)
  let data: ComponentData | undefined
  return (entity) => {
    data ??= componentMap.get(component)
    return data !== undefined && ((entityMasks[data.generationId]?.[entity] ?? 0) & data.bitflag) !== 0
  }
}

/** Returns how many queries a world has. bitECS compares every change of an entity with each. */
export function countQueries(world: World): number {
  return contextOf(world).queries.size
}

/** Registers a query that the world does not have, without members: bitECS would look at every entity for them. */
export function registerEmpty(world: World, terms: QueryTerm[]): Query {
  const { entityIndex } = contextOf(world)
  const { aliveCount } = entityIndex
  entityIndex.aliveCount = 0
  try {
    return registerQuery(world, terms)
  } finally {
    entityIndex.aliveCount = aliveCount
  }
}

/**
 * Replaces how a query that nobody observes yet calls its observers: for each call, bitECS makes objects that nobody reads. Returns the observers, for each of
 * what they observe.
 */
export function callDirectly({ addObservable, removeObservable }: Query): readonly ReadonlySet<Observer>[] {
  return [addObservable, removeObservable].map((observable) => {
    const observers = new Set<Observer>()
    observable.subscribe = (observer) => {
      observers.add(observer)
      return () => observers.delete(observer)
    }
    observable.notify = (entity) => {
      for (const observer of [...observers]) observer(entity)
    }
    return observers
  })
}

/** A query that was not in a world before. */
export interface OwnedQuery {
  /** Takes the query out of the world, unless anyone observes it. The next `query` of these terms registers it again. */
  remove(): void
}

/** Registers a query in a world. Returns `undefined` if the world has it already, so that it belongs to the game. */
export function ownQuery(world: World, terms: QueryTerm[]): OwnedQuery | undefined {
  const { queries, queriesHashMap, notQueries, dirtyQueries, componentMap } = contextOf(world)
  const before = queries.size
  query(world, terms, isNested)
  if (queries.size === before) return undefined
  const own = [...queries].at(-1) as Query
  const observers = callDirectly(own)
  return {
    // The removeQuery of bitECS leaves the query with its components, which compare each change with it.
    remove() {
      if (observers.some(({ size }) => size > 0)) return
      for (const each of [queries, notQueries, dirtyQueries]) each.delete(own)
      for (const component of own.allComponents) componentMap.get(component)?.queries.delete(own)
      for (const [hash, each] of queriesHashMap) if (each === own) queriesHashMap.delete(hash)
    },
  }
}
