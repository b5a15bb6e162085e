import { Prefab, type World } from 'bitecs'
import { sameIntegers } from '../../bytes.ts'
import { contextOf, type Query, type SparseSet, type WorldContext } from '../components/bitecs-internals.ts'
import { inOrderOfBirth, restoreBirths } from '../entities/births.ts'
import { matchesEveryEntity } from '../entities/every-entity.ts'
import { type QueryImage, sameItems, unaskedQueries, type WorldImage } from './world-image.ts'

/** Entities that entered a query, and that left it, by a restore: its observers are to be told. */
export interface QueryChange {
  readonly query: Query
  readonly entered: readonly number[]
  readonly left: readonly number[]
}

const NO_ENTITIES = new Uint32Array()
const NO_MASK = new Uint32Array()

/**
 * Makes a world what it was, in place: every array and query stays the object that it is. Gives what changed in each
 * query; nobody was told of it yet. Queries that were first run since hold what matches now, and find it in the order in
 * which it would be found the first time.
 */
export function restoreWorld(world: World, image: WorldImage): readonly QueryChange[] {
  const context = contextOf(world)
  const { entityIndex, entityMasks, dirtyQueries } = context
  const greatestId = Math.max(entityIndex.maxId, image.maxId)
  const ids = image.ids.read()
  const masks = entityMasks.map((_, generation) => image.masks[generation]?.read() ?? NO_MASK)
  const sameIds = entityIndex.aliveCount === image.alive && sameIntegers(entityIndex.dense, ids)
  const sameMasks = entityMasks.map((mask, generation) => sameIntegers(mask, masks[generation] ?? NO_MASK))
  if (!sameIds || sameMasks.includes(false)) {
    const changed = changedEntities(context, image, ids, masks)
    if (!sameIds) {
      write(entityIndex.dense, ids)
      for (let place = 0; place < ids.length; place++) entityIndex.sparse[(ids[place] as number) & entityIndex.entityMask] = place
    }
    entityIndex.aliveCount = image.alive
    for (const [generation, mask] of entityMasks.entries()) if (sameMasks[generation] === false) write(mask, masks[generation] ?? NO_MASK)
    restoreComponents(context, changed)
  }
  entityIndex.maxId = image.maxId
  for (const [entity, components] of image.ordered) orderComponents(context, entity, components)
  context.entitiesWithRelations.clear()
  for (const entity of image.withRelations) context.entitiesWithRelations.add(entity)
  // Depths in hierarchies are worked out again when they are asked for.
  for (const cache of [context.hierarchyData, context.hierarchyActiveRelations, context.hierarchyQueryCache]) cache.clear()
  dirtyQueries.clear()
  const changes: QueryChange[] = []
  for (const query of context.queries) {
    const isEveryEntity = matchesEveryEntity(query)
    const own = isEveryEntity ? { members: ids.subarray(0, image.alive), leaving: NO_ENTITIES } : readQuery(image.queries.get(query))
    const change = isEveryEntity && sameIds ? undefined : restoreQuery(context, query, own, greatestId)
    if (change !== undefined) changes.push(change)
    if (query.toRemove.dense.length > 0) dirtyQueries.add(query)
  }
  return changes
}

/** Tells the observers of queries what entered and left. */
export function notifyObservers({ query, entered, left }: QueryChange, failed: (error: unknown) => void): void {
  const { addObservable, removeObservable } = query
  const tell = (observable: Query['addObservable'], entities: readonly number[]): void => {
    for (const entity of entities) {
      try {
        observable.notify(entity)
      } catch (error) {
        failed(error)
      }
    }
  }
  tell(removeObservable, left)
  tell(addObservable, entered)
}

/**
 * Puts the order of all entities back. To be called once observers were told, to whom those that came back are born.
 * `getAllEntities` goes by the order in which the sets of components came to a map, which takes long to change: that is
 * left to the first who asks for it.
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

/** Entities that live on one side alone, or with other components. */
function changedEntities(
  { entityIndex, entityMasks }: WorldContext,
  image: WorldImage,
  ids: Uint32Array,
  masks: readonly Uint32Array[],
): number[] {
  const length = Math.max(entityIndex.maxId, image.maxId) + 1
  const lived = new Uint8Array(length)
  const alive = new Uint8Array(length)
  for (let place = 0; place < entityIndex.aliveCount; place++) alive[(entityIndex.dense[place] as number) & entityIndex.entityMask] = 1
  for (let place = 0; place < image.alive; place++) lived[(ids[place] as number) & entityIndex.entityMask] = 1
  const changed: number[] = []
  for (let entity = 0; entity < length; entity++) if (lived[entity] !== alive[entity]) changed.push(entity)
  for (const [generation, mask] of entityMasks.entries()) {
    const before = masks[generation] ?? NO_MASK
    const end = Math.max(mask.length, before.length)
    for (let entity = 0; entity < end; entity++) {
      if ((mask[entity] ?? 0) !== (before[entity] ?? 0) && lived[entity] === alive[entity]) changed.push(entity)
    }
  }
  return changed
}

/** Gives the entities that changed the set of components that their bits say. */
function restoreComponents(context: WorldContext, changed: readonly number[]): void {
  const components = [...context.componentMap.values()]
  const { entityIndex, entityComponents, entityMasks } = context
  const { aliveCount, dense, sparse, entityMask } = entityIndex
  const isAlive = (entity: number): boolean => {
    const place = sparse[entity] ?? aliveCount
    // What an id that was never given had for a place says nothing.
    return place < aliveCount && ((dense[place] as number) & entityMask) === entity
  }
  for (const entity of changed) {
    if (!isAlive(entity)) {
      entityComponents.delete(entity)
      continue
    }
    const owned = components.filter(({ generationId, bitflag }) => ((entityMasks[generationId]?.[entity] ?? 0) & bitflag) !== 0)
    entityComponents.set(entity, new Set(owned.map(({ ref }) => ref)))
  }
}

function orderComponents({ entityComponents }: WorldContext, entity: number, components: readonly object[]): void {
  const set = entityComponents.get(entity)
  if (set === undefined || sameItems(set, components)) return
  set.clear()
  for (const component of components) set.add(component)
}

/** What a query would hold, had it just been run for the first time. */
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
  readonly isUnasked?: true | undefined
}

function readQuery(image: QueryImage | undefined): QueryMembers | undefined {
  return image && { members: image.members.read(), leaving: image.leaving.read(), isUnasked: image.isUnasked }
}

function restoreQuery(context: WorldContext, query: Query, known: QueryMembers | undefined, greatestId: number): QueryChange | undefined {
  const image: QueryMembers = known ?? { members: matching(context, query), leaving: NO_ENTITIES, isUnasked: true }
  const { members, leaving, isUnasked } = image
  ask(query)
  const isSame = sameIntegers(query.dense, members) && sameIntegers(query.toRemove.dense, leaving)
  const change = isSame ? undefined : changeQuery(query, image, context.entityIndex.entityMask, greatestId)
  if (isUnasked) orderWhenAsked(context, query)
  return change
}

function changeQuery(query: Query, { members, leaving }: QueryMembers, idMask: number, greatestId: number): QueryChange | undefined {
  /** The members that do not leave, each at the place of its id. */
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
    for (const entity of all) if (here[entity & idMask] === entity && there[entity & idMask] !== entity) found.push(entity)
    return found
  }
  const [entered, left] = [only(members, is, was), only(before, was, is)]
  return entered.length + left.length === 0 ? undefined : { query, entered, left }
}

/** Queries of which it is noticed when they are given an observer. */
const watchedQueries = new WeakSet<Query>()

/**
 * A query that was first run after the moment to which the game went back is not to be there: whoever runs it or observes
 * it next is to find its members in the order of the first time. It cannot be taken away, since it may have observers; but
 * to run it is to look at its list, which is put in order then.
 */
function orderWhenAsked(context: WorldContext, query: Query): void {
  const plain = Object.getOwnPropertyDescriptor(query, 'dense') as PropertyDescriptor
  unaskedQueries.set(query, plain)
  Object.defineProperty(query, 'dense', {
    configurable: true,
    enumerable: true,
    get: () => {
      runFirst(context, query)
      return query.dense
    },
  })
  if (watchedQueries.has(query)) return
  watchedQueries.add(query)
  for (const observable of [query.addObservable, query.removeObservable]) {
    const { subscribe } = observable
    observable.subscribe = (observer) => {
      runFirst(context, query)
      return subscribe(observer)
    }
  }
}

function runFirst(context: WorldContext, query: Query): void {
  if (!ask(query)) return
  writeSet(query, matching(context, query))
  writeSet(query.toRemove, NO_ENTITIES)
}

/** Makes a query a plain one again. Gives whether nobody had run it. */
function ask(query: Query): boolean {
  const plain = unaskedQueries.get(query)
  if (plain !== undefined) Object.defineProperty(query, 'dense', plain)
  return unaskedQueries.delete(query)
}

function writeSet(set: SparseSet, members: Uint32Array): void {
  if (!Array.isArray(set.dense)) {
    set.reset()
    for (const entity of members) set.add(entity)
    return
  }
  // What a place says of an entity that is not there does not matter to a set.
  write(set.dense, members)
  for (let place = 0; place < members.length; place++) set.sparse[members[place] as number] = place
}

function write(array: number[], values: Uint32Array): void {
  // To make it longer at once would leave holes, even when they are filled.
  if (array.length > values.length) array.length = values.length
  for (let place = 0; place < values.length; place++) array[place] = values[place] as number
}
