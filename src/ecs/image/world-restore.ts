import { Prefab, type World } from 'bitecs'
import { sameIntegers } from '../../bytes.ts'
import { contextOf, type Query, registerEmpty, type SparseSet, type WorldContext } from '../components/bitecs-internals.ts'
import { inOrderOfBirth, restoreBirths } from '../entities/births.ts'
import { matchesEveryEntity } from '../entities/every-entity.ts'
import { replaceIntegers, restoreEntities } from './entity-restore.ts'
import { lazyQueries, type QueryImage, type WorldImage } from './world-image.ts'

/** The entities that entered and left a query through a restore, for its observers. */
export interface QueryChange {
  readonly query: Query
  readonly entered: readonly number[]
  readonly left: readonly number[]
}

const NO_ENTITIES = new Uint32Array()
/** So many queries of a world slow down its changes. A file, which anyone may have written, adds none beyond. */
const MAX_RESTORED_QUERIES = 256

/**
 * Restores a world in place: every array and query object stays the same. Returns what changed in each query; the caller
 * passes it to {@link notifyLeft} and {@link notifyEntered}. `reborn` are the ids that belonged to another entity: they left and
 * entered every query that they are in before and after. Queries of a file that the world has not run are registered, so that they return
 * what they did, in the same order. Queries that are not in the image hold the entities that match after the restore, in the order of a
 * query that runs for the first time.
 */
export function restoreWorld(world: World, image: WorldImage, reborn: ReadonlySet<number>): readonly QueryChange[] {
  const context = contextOf(world)
  const { entityIndex, dirtyQueries } = context
  const greatestId = Math.max(entityIndex.maxId, image.maxId)
  const ids = image.ids.read()
  const sameIds = restoreEntities(context, image, ids)
  entityIndex.maxId = image.maxId
  context.entitiesWithRelations.clear()
  for (const entity of image.related.read()) context.entitiesWithRelations.add(entity)
  // bitECS computes hierarchy depths again when they are read.
  for (const cache of [context.hierarchyData, context.hierarchyActiveRelations, context.hierarchyQueryCache]) cache.clear()
  dirtyQueries.clear()
  const queries = new Map(image.queries)
  for (const { terms, ...members } of image.missing ?? []) {
    if (context.queries.size < MAX_RESTORED_QUERIES) queries.set(registerEmpty(world, terms), members)
  }
  const changes: QueryChange[] = []
  for (const query of context.queries) {
    const isEveryEntity = matchesEveryEntity(query)
    const own = isEveryEntity ? { members: ids.subarray(0, image.alive), leaving: NO_ENTITIES } : readQuery(queries.get(query))
    const isUnchanged = isEveryEntity && sameIds && reborn.size === 0
    const change = isUnchanged ? undefined : restoreQuery(context, query, own, { greatestId, reborn })
    if (change !== undefined) changes.push(change)
    if (query.toRemove.dense.length > 0) dirtyQueries.add(query)
  }
  return changes
}

/** Calls the observers of a query for the entities that left. Errors that they throw go to `failed`. */
export function notifyLeft({ query, left }: QueryChange, failed: (error: unknown) => void): void {
  notify(query.removeObservable, left, failed)
}

/**
 * Calls the observers of a query for the entities that entered. Call it after {@link notifyLeft} of all queries, so that who
 * hears of an entity that took another's id hears of the end of the other first.
 */
export function notifyEntered({ query, entered }: QueryChange, failed: (error: unknown) => void): void {
  notify(query.addObservable, entered, failed)
}

function notify(observable: Query['addObservable'], entities: readonly number[], failed: (error: unknown) => void): void {
  for (const entity of entities) {
    try {
      observable.notify(entity)
    } catch (error) {
      failed(error)
    }
  }
}

/**
 * Restores the order of `getAllEntities`. Must be called after {@link notifyEntered}, which records restored entities as new.
 * The order is that of a map's keys and is slow to change, so it is changed when the keys are first read.
 */
export function restoreOrder(world: World, { births }: WorldImage): void {
  restoreBirths(world, births)
  const { entityComponents } = contextOf(world)
  Object.defineProperty(entityComponents, 'keys', {
    configurable: true,
    value: () => {
      Reflect.deleteProperty(entityComponents, 'keys')
      orderByBirth(world, entityComponents)
      return entityComponents.keys()
    },
  })
}

function orderByBirth(world: World, entityComponents: WorldContext['entityComponents']): void {
  const current = [...entityComponents.keys()]
  const order = inOrderOfBirth(world, current)
  const first = order.findIndex((entity, place) => entity !== current[place])
  if (first < 0) return
  const rest = order.slice(first)
  const sets = rest.map((entity) => entityComponents.get(entity) as Set<object>)
  for (const entity of rest) entityComponents.delete(entity)
  for (const [place, entity] of rest.entries()) entityComponents.set(entity, sets[place] as Set<object>)
}

/** Returns the entities that a query would hold if it now ran for the first time. */
function matching({ componentMap, entityIndex, entityMasks }: WorldContext, query: Query): Uint32Array {
  const { masks, notMasks, orMasks, generations } = query
  const prefab = componentMap.get(Prefab)
  const tests = generations.map((each) => ({
    bits: entityMasks[each] ?? [],
    all: masks[each] ?? 0,
    none: notMasks[each] ?? 0,
    any: orMasks[each] ?? 0,
  }))
  const needsNoneOf = Object.keys(orMasks).length === 0
  const matches = (entity: number): boolean => {
    if (prefab !== undefined && ((entityMasks[prefab.generationId]?.[entity] ?? 0) & prefab.bitflag) !== 0) return false
    let hasAny = needsNoneOf
    for (const { bits, all, none, any } of tests) {
      const own = bits[entity] ?? 0
      if ((own & none) !== 0 || (own & all) !== all) return false
      if ((own & any) !== 0) hasAny = true
    }
    return hasAny
  }
  return Uint32Array.from(entityIndex.dense.slice(0, entityIndex.aliveCount).filter(matches))
}

/** The content of a {@link QueryImage}. */
interface QueryMembers {
  readonly members: Uint32Array
  readonly leaving: Uint32Array
  readonly isLazy?: true | undefined
}

function readQuery(image: QueryImage | undefined): QueryMembers | undefined {
  return image && { members: image.members.read(), leaving: image.leaving.read(), isLazy: image.isLazy }
}

/** What to compare the members of a query by. */
interface Identity {
  readonly greatestId: number
  readonly reborn: ReadonlySet<number>
}

function restoreQuery(context: WorldContext, query: Query, known: QueryMembers | undefined, identity: Identity): QueryChange | undefined {
  const image: QueryMembers = known ?? { members: matching(context, query), leaving: NO_ENTITIES, isLazy: true }
  const { members, leaving, isLazy } = image
  makeEager(query)
  const isSame = sameIntegers(query.dense, members) && sameIntegers(query.toRemove.dense, leaving)
  const change = isSame && identity.reborn.size === 0 ? undefined : changeQuery(query, image, context.entityIndex.entityMask, identity)
  if (isLazy) makeLazy(context, query)
  return change
}

function changeQuery(
  query: Query,
  { members, leaving }: QueryMembers,
  idMask: number,
  { greatestId, reborn }: Identity,
): QueryChange | undefined {
  /** Returns the members that are not about to leave, each at the index of its id. */
  const staying = (all: ArrayLike<number>, without: ArrayLike<number>): Uint32Array => {
    const found = new Uint32Array(greatestId + 1)
    for (let place = 0; place < all.length; place++) found[(all[place] as number) & idMask] = all[place] as number
    for (let place = 0; place < without.length; place++) found[(without[place] as number) & idMask] = 0
    return found
  }
  const before = Uint32Array.from(query.dense)
  const [was, is] = [staying(before, query.toRemove.dense), staying(members, leaving)]
  writeSet(query, members)
  writeSet(query.toRemove, leaving)
  const only = (all: Uint32Array, here: Uint32Array, there: Uint32Array): number[] => {
    const found: number[] = []
    for (const entity of all) {
      const id = entity & idMask
      if (here[id] === entity && (there[id] !== entity || reborn.has(id))) found.push(entity)
    }
    return found
  }
  const [entered, left] = [only(members, is, was), only(before, was, is)]
  return entered.length + left.length === 0 ? undefined : { query, entered, left }
}

/** Queries whose `subscribe` is replaced. */
const watchedQueries = new WeakSet<Query>()

/**
 * Makes a query collect its members again when it is next run or observed. A query that was first run after the restored
 * moment did not exist then, so its next run must find the members in the order of a first run. The query cannot be deleted,
 * since it may have observers. Every run reads `dense`, so a getter there notices it.
 */
function makeLazy(context: WorldContext, query: Query): void {
  const plain = Object.getOwnPropertyDescriptor(query, 'dense') as PropertyDescriptor
  lazyQueries.set(query, plain)
  Object.defineProperty(query, 'dense', {
    configurable: true,
    enumerable: true,
    get: () => {
      collect(context, query)
      return query.dense
    },
  })
  if (watchedQueries.has(query)) return
  watchedQueries.add(query)
  for (const observable of [query.addObservable, query.removeObservable]) {
    const { subscribe } = observable
    observable.subscribe = (observer) => {
      collect(context, query)
      return subscribe(observer)
    }
  }
}

function collect(context: WorldContext, query: Query): void {
  if (!makeEager(query)) return
  writeSet(query, matching(context, query))
  writeSet(query.toRemove, NO_ENTITIES)
}

/** Makes a lazy query an ordinary one. Returns whether it was lazy. */
function makeEager(query: Query): boolean {
  const plain = lazyQueries.get(query)
  if (plain !== undefined) Object.defineProperty(query, 'dense', plain)
  return lazyQueries.delete(query)
}

function writeSet(set: SparseSet, members: Uint32Array): void {
  // Fast sets keep the places elsewhere.
  if (!Array.isArray(set.dense) || 'writeMoved' in set) {
    set.reset()
    for (const entity of members) set.add(entity)
    return
  }
  // Places of entities outside the set may hold anything.
  replaceIntegers(set.dense, members)
  for (let place = 0; place < members.length; place++) set.sparse[members[place] as number] = place
}
