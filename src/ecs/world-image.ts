import { $internal, Prefab, registerComponents, type World } from 'bitecs'

/** What bitECS keeps of a set of entities: a list, and the place of each entity in it. */
interface SparseSet {
  readonly dense: number[] | Uint32Array
  readonly sparse: number[]
  add(entity: number): void
  reset(): void
}

interface Query extends SparseSet {
  readonly toRemove: SparseSet
  readonly addObservable: { notify(entity: number): unknown }
  readonly removeObservable: { notify(entity: number): unknown }
}

interface ComponentData {
  readonly ref: object
  readonly generationId: number
  readonly bitflag: number
  readonly queries: ReadonlySet<Query>
}

/** The part of a world that is behind bitECS's one symbol, as far as an image needs it. */
interface WorldContext {
  readonly entityIndex: { aliveCount: number; maxId: number; dense: number[]; sparse: number[]; readonly entityMask: number }
  readonly entityMasks: number[][]
  readonly entityComponents: Map<number, Set<object>>
  readonly componentMap: Map<object, ComponentData>
  readonly queries: ReadonlySet<Query>
  readonly dirtyQueries: Set<Query>
  readonly entitiesWithRelations: Set<unknown>
  readonly hierarchyData: Map<unknown, unknown>
  readonly hierarchyActiveRelations: Set<unknown>
  readonly hierarchyQueryCache: Map<unknown, unknown>
}

/** The members of a query in their order, and those that are taken out the next time it is run. */
export interface QueryImage {
  readonly members: Uint32Array
  readonly leaving: Uint32Array
}

/** Which entities a world has, in what order, and with which components. The values of fields are no part of it. */
export interface WorldImage {
  readonly alive: number
  /** The greatest id that was ever given. */
  readonly maxId: number
  /** Ids in use, then those that are free, in the order in which they are given out. */
  readonly ids: Uint32Array
  /** A bit a component, by entity: 31 components share an array. */
  readonly masks: readonly Int32Array[]
  /** By bitECS's own object, in the order in which they were first run. */
  readonly queries: ReadonlyMap<object, QueryImage>
  readonly withRelations: readonly unknown[]
}

function contextOf(world: World): WorldContext {
  return (world as unknown as Record<typeof $internal, WorldContext>)[$internal]
}

export function captureWorld(world: World): WorldImage {
  const { entityIndex, entityMasks, queries, entitiesWithRelations } = contextOf(world)
  const images = new Map<object, QueryImage>()
  for (const query of queries)
    images.set(query, { members: Uint32Array.from(query.dense), leaving: Uint32Array.from(query.toRemove.dense) })
  return {
    alive: entityIndex.aliveCount,
    maxId: entityIndex.maxId,
    ids: Uint32Array.from(entityIndex.dense),
    masks: entityMasks.map((mask) => Int32Array.from(mask)),
    queries: images,
    withRelations: [...entitiesWithRelations],
  }
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
export function queriesOf(world: World): Iterable<object> {
  return contextOf(world).queries
}

/** The terms of a query by the names of its components, in one order; `undefined` if one has no name. */
export function queryTerms(query: object, nameOf: (component: object) => string | undefined): string | undefined {
  const { allComponents, notComponents, orComponents } = query as Record<
    'allComponents' | 'notComponents' | 'orComponents',
    readonly object[]
  >
  const terms = allComponents.map((component) => {
    const name = nameOf(component)
    return name === undefined
      ? undefined
      : `${notComponents.includes(component) ? '!' : orComponents.includes(component) ? '|' : ''}${name}`
  })
  return terms.includes(undefined) ? undefined : terms.sort().join(' ')
}

/** Entities that entered a query, and that left it, by a restore: its observers are to be told. */
export interface QueryChange {
  readonly query: object
  readonly entered: readonly number[]
  readonly left: readonly number[]
}

/**
 * Makes a world what it was, in place: every array and query stays the object that it is. Gives what changed in each
 * query; nobody was told of it yet. Queries that were first run since hold what matches now, in the order of the ids.
 */
export function restoreWorld(world: World, image: WorldImage): readonly QueryChange[] {
  const context = contextOf(world)
  const { entityIndex, entityMasks, dirtyQueries } = context
  const sameIds = entityIndex.aliveCount === image.alive && sameNumbers(entityIndex.dense, image.ids)
  const sameMasks = entityMasks.map((mask, generation) => sameNumbers(mask, image.masks[generation] ?? NO_MASK))
  if (!sameIds || sameMasks.includes(false)) {
    const changed = changedEntities(context, image)
    if (!sameIds) write(entityIndex.dense, image.ids)
    if (!sameIds)
      for (let place = 0; place < image.ids.length; place++)
        entityIndex.sparse[(image.ids[place] as number) & entityIndex.entityMask] = place
    entityIndex.aliveCount = image.alive
    for (const [generation, mask] of entityMasks.entries())
      if (sameMasks[generation] === false) write(mask, image.masks[generation] ?? NO_MASK)
    restoreComponents(context, image, changed)
  }
  entityIndex.maxId = image.maxId
  context.entitiesWithRelations.clear()
  for (const entity of image.withRelations) context.entitiesWithRelations.add(entity)
  // Depths in hierarchies are worked out again when they are asked for.
  for (const cache of [context.hierarchyData, context.hierarchyActiveRelations, context.hierarchyQueryCache]) cache.clear()
  dirtyQueries.clear()
  const changes: QueryChange[] = []
  for (const query of context.queries) {
    const { members, leaving } = image.queries.get(query) ?? { members: matching(context, query, image), leaving: NO_ENTITIES }
    const change = restoreQuery(query, members, leaving)
    if (change !== undefined) changes.push(change)
    if (leaving.length > 0) dirtyQueries.add(query)
  }
  return changes
}

/** Tells the observers of queries what entered and left. */
export function notifyObservers({ query, entered, left }: QueryChange, failed: (error: unknown) => void): void {
  const { addObservable, removeObservable } = query as Query
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

const NO_ENTITIES = new Uint32Array()
const NO_MASK = new Int32Array()

/** Entities that live on one side alone, or with other components. */
function changedEntities({ entityIndex, entityMasks }: WorldContext, image: WorldImage): number[] {
  const length = Math.max(entityIndex.maxId, image.maxId) + 1
  const lived = new Uint8Array(length)
  const lives = new Uint8Array(length)
  for (let place = 0; place < entityIndex.aliveCount; place++) lives[(entityIndex.dense[place] as number) & entityIndex.entityMask] = 1
  for (let place = 0; place < image.alive; place++) lived[(image.ids[place] as number) & entityIndex.entityMask] = 1
  const changed: number[] = []
  for (let entity = 0; entity < length; entity++) if (lived[entity] !== lives[entity]) changed.push(entity)
  for (const [generation, mask] of entityMasks.entries()) {
    const before = image.masks[generation] ?? NO_MASK
    const end = Math.max(mask.length, before.length)
    for (let entity = 0; entity < end; entity++) {
      if ((mask[entity] ?? 0) !== (before[entity] ?? 0) && lived[entity] === lives[entity]) changed.push(entity)
    }
  }
  return changed
}

/** Gives the entities that changed the set of components that their bits say. */
function restoreComponents(context: WorldContext, image: WorldImage, changed: readonly number[]): void {
  if (changed.length === 0) return
  const components = [...context.componentMap.values()]
  const { entityIndex, entityComponents, entityMasks } = context
  const isAlive = (entity: number): boolean => {
    const place = entityIndex.sparse[entity] ?? image.alive
    // What an id that was never given had for a place says nothing.
    return place < image.alive && ((entityIndex.dense[place] as number) & entityIndex.entityMask) === entity
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

/** What a query that the image does not know would hold, had it just been run for the first time. */
function matching({ componentMap, entityMasks }: WorldContext, query: Query, image: WorldImage): Uint32Array {
  const { masks, notMasks, orMasks, generations } = query as unknown as Record<'masks' | 'notMasks' | 'orMasks', Record<number, number>> & {
    readonly generations: readonly number[]
  }
  const prefab = [...componentMap.values()].find(({ ref }) => ref === Prefab)
  const found: number[] = []
  const isAny = Object.keys(orMasks).length === 0
  for (const entity of image.ids.subarray(0, image.alive)) {
    const bits = (generation: number): number => entityMasks[generation]?.[entity] ?? 0
    if (prefab !== undefined && (bits(prefab.generationId) & prefab.bitflag) !== 0) continue
    const misses = generations.some(
      (each) => (bits(each) & (notMasks[each] ?? 0)) !== 0 || (bits(each) & (masks[each] ?? 0)) !== (masks[each] ?? 0),
    )
    if (!misses && (isAny || generations.some((each) => (bits(each) & (orMasks[each] ?? 0)) !== 0))) found.push(entity)
  }
  return Uint32Array.from(found)
}

function restoreQuery(query: Query, members: Uint32Array, leaving: Uint32Array): QueryChange | undefined {
  const isSame = sameNumbers(query.dense, members) && sameNumbers(query.toRemove.dense, leaving)
  if (isSame) return undefined
  const before = without(query.dense, query.toRemove.dense)
  const after = without(members, leaving)
  writeSet(query, members)
  writeSet(query.toRemove, leaving)
  const entered = [...after].filter((entity) => !before.has(entity))
  const left = [...before].filter((entity) => !after.has(entity))
  return entered.length + left.length === 0 ? undefined : { query, entered, left }
}

function without(members: ArrayLike<number>, leaving: ArrayLike<number>): Set<number> {
  const set = new Set(Array.from(members))
  for (let index = 0; index < leaving.length; index++) set.delete(leaving[index] as number)
  return set
}

function writeSet(set: SparseSet, members: Uint32Array): void {
  set.reset()
  for (const entity of members) set.add(entity)
}

function write(array: number[], values: ArrayLike<number>): void {
  array.length = values.length
  for (let index = 0; index < values.length; index++) array[index] = values[index] as number
}

function sameNumbers(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false
  return true
}
