import {
  $internal,
  addComponent,
  addEntity,
  type ComponentData,
  createWorld,
  getAllEntities,
  Not,
  type Query,
  query,
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
/** A set of entities: a dense list, and the index of each entity in it. */
export type SparseSet = Query['toRemove']

/** The version of bitECS whose internals this file describes. */
const VERSION = '0.4.0'

/** Marks a component that stands for a relation with one target. */
const $isPair = Symbol.for('bitecs-isPairComponent')

export function isWorld(value: unknown): value is World {
  return typeof value === 'object' && value !== null && $internal in value
}

export function contextOf(world: World): WorldContext {
  return (world as { readonly [$internal]: WorldContext })[$internal]
}

export function isPair(component: object): boolean {
  return $isPair in component
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
  const { entityIndex, entityMasks, entityComponents, componentMap, queries, dirtyQueries } = context
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
  return Object.entries(expectations).find(([, isMet]) => !isMet)?.[0]
}

/** Returns how many queries a world has. bitECS compares every change of an entity with each. */
export function countQueries(world: World): number {
  return contextOf(world).queries.size
}
