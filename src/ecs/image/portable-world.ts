import { Prefab, Wildcard, type World } from 'bitecs'
import { ArrayCopy, type ArrayImage } from '../../array-image.ts'
import {
  type ComponentData,
  contextOf,
  isPair,
  type PairComponent,
  type Query,
  relationOf,
  targetOf,
} from '../components/bitecs-internals.ts'
import type { Births } from '../entities/births.ts'
import { componentTable, parseOrder } from './component-order.ts'
import { refuseUnnamed, type Unnamed } from './unnamed.ts'
import { componentBits, type MissingQuery, type QueryImage, queriesOf, queryTerms, resolveTerms, type WorldImage } from './world-image.ts'

/** An image of a world that refers to components by name, so that another process can read it. */
export interface PortableWorld {
  readonly alive: number
  readonly maxId: number
  readonly ids: ArrayImage<Uint32Array>
  readonly births: Births
  /** The entities that have a component other than a pair, by its name, with one bit for each entity. */
  readonly owners: ReadonlyMap<string, Uint8Array>
  /** The components that `order` refers to, pairs among them. */
  readonly names: readonly string[]
  /** Of each entity with pairs and of each prefab: the entity, the number of its components, and the index in `names` of each. */
  readonly order: ArrayImage<Uint32Array>
  readonly related: ArrayImage<Uint32Array>
  /** By {@link keyOfTerms}. */
  readonly queries: ReadonlyMap<string, PortableQuery>
}

/** A query and its members. */
export interface PortableQuery extends QueryImage {
  /** See `queryTerms`. */
  readonly terms: readonly string[]
}

/** Returns a key for the terms of a query, whose names may hold any character. */
export function keyOfTerms(terms: readonly string[]): string {
  return JSON.stringify(terms)
}

/** How components are named in a file. */
export interface Naming {
  /** Returns the name; `undefined` for a component without one. */
  readonly nameOf: (component: object) => string | undefined
  /** Returns whether a component, or the relation of a pair, is left out on purpose. */
  readonly isLeftOut: (component: object) => boolean
}

/** Returns a portable copy of an image. Throws `InvalidOptions` if an entity has a component without a name. */
export function exportWorld(world: World, image: WorldImage, naming: Naming): PortableWorld {
  const unnamed: Unnamed[] = []
  const owners = new Map<string, Uint8Array>()
  for (const { component, generation, bit } of componentBits(world)) {
    const mask = image.masks[generation]
    const found = mask === undefined || isPair(component) ? undefined : ownersOf(mask.read(), bit, image.maxId)
    if (found === undefined || naming.isLeftOut(component)) continue
    const name = naming.nameOf(component)
    if (name === undefined) unnamed.push({ component, owners: entitiesIn(found) })
    else owners.set(name, found)
  }
  const { names, order, ordered } = exportOrder(world, image, naming, unnamed)
  refuseUnnamed(unnamed)
  const queries = new Map<string, PortableQuery>()
  for (const [query, members] of image.queries) {
    const terms = members.isLazy
      ? undefined
      : queryTerms(world, query, (each) => (naming.isLeftOut(each) ? undefined : naming.nameOf(each)))
    if (terms !== undefined) queries.set(keyOfTerms(terms), { ...members, terms })
  }
  const { alive, maxId, ids, births } = image
  const related = ordered === undefined ? image.related : new ArrayCopy(image.related.read().filter((entity) => ordered.has(entity)))
  return { alive, maxId, ids, births, owners, names, order: new ArrayCopy(order), related, queries }
}

function exportOrder(
  world: World,
  image: WorldImage,
  naming: Naming,
  unnamed: Unnamed[],
): Pick<PortableWorld, 'names'> & { readonly order: Uint32Array; readonly ordered: ReadonlySet<number> | undefined } {
  const { components } = componentTable(contextOf(world))
  const entities = parseOrder(image.order.read())
  const names: string[] = []
  const indices = new Map<object, number>()
  const links = components.some((each) => isPair(each) && naming.isLeftOut(each)) ? keptLinks(components, entities, naming) : undefined
  const words: number[] = []
  const ordered = new Set<number>()
  for (const [entity, ids] of entities) {
    if (links !== undefined && !links.has(entity) && !ids.some((id) => components[id] === Prefab)) continue
    ordered.add(entity)
    const start = words.push(entity, 0)
    for (const id of ids) {
      const component = components[id] as object
      if (naming.isLeftOut(component) || (isBookkeeping(component) && links?.get(entity)?.has(targetOf(component)) === false)) continue
      const known = indices.get(component)
      const name = known === undefined ? naming.nameOf(component) : undefined
      if (known !== undefined) words.push(known)
      else if (name === undefined) unnamed.push({ component, owners: [entity] })
      else {
        const index = names.push(name) - 1
        indices.set(component, index)
        words.push(index)
      }
    }
    words[start - 1] = words.length - start
  }
  return { names, order: Uint32Array.from(words), ordered: links && ordered }
}

function isBookkeeping(component: object): component is PairComponent {
  return isPair(component) && relationOf(component) === Wildcard
}

/**
 * Returns the targets of the `Wildcard` pairs that belong to relations which are not left out, by entity. bitECS adds such pairs to
 * both ends of a relation.
 */
function keptLinks(
  components: readonly object[],
  entities: ReadonlyMap<number, Uint32Array>,
  { isLeftOut }: Naming,
): ReadonlyMap<number, ReadonlySet<unknown>> {
  const links = new Map<number, Set<unknown>>()
  const link = (entity: number, ...others: unknown[]): void => {
    const known = links.get(entity) ?? new Set()
    for (const other of others) known.add(other)
    links.set(entity, known)
  }
  for (const [entity, ids] of entities) {
    for (const id of ids) {
      const component = components[id] as object
      if (!isPair(component) || isBookkeeping(component) || isLeftOut(component)) continue
      const target = targetOf(component)
      link(entity, target, Wildcard)
      if (typeof target === 'number') link(target, entity, relationOf(component), Wildcard)
    }
  }
  return links
}

/** Returns the image for a world of this process. Components that the world does not have by that name are left out. */
export function importWorld(
  world: World,
  portable: PortableWorld,
  nameOf: (component: object) => string | undefined,
  componentOf: (name: string) => object | undefined,
): WorldImage {
  const masks: Uint32Array[] = []
  for (const [name, owners] of portable.owners) {
    const component = componentOf(name)
    if (component === undefined) continue
    const { generation, bit } = componentBits(world, component)[0] as { generation: number; bit: number }
    while (masks.length <= generation) masks.push(new Uint32Array(portable.maxId + 1))
    const mask = masks[generation] as Uint32Array
    for (const entity of entitiesIn(owners)) if (entity <= portable.maxId) mask[entity] = (mask[entity] as number) | bit
  }
  const order = importOrder(world, portable, masks, componentOf)
  const queries = new Map<Query, QueryImage>()
  const missing = new Map(portable.queries)
  for (const query of queriesOf(world)) {
    const terms = queryTerms(world, query, nameOf)
    const members = terms === undefined ? undefined : portable.queries.get(keyOfTerms(terms))
    if (members === undefined) continue
    queries.set(query, members)
    missing.delete(keyOfTerms(members.terms))
  }
  const { alive, maxId, ids, births, related } = portable
  return {
    alive,
    maxId,
    ids,
    births,
    masks: masks.map((mask) => new ArrayCopy(mask)),
    queries,
    missing: missingQueries(missing.values(), portable, componentOf),
    order: new ArrayCopy(order),
    related,
  }
}

/** The name of a pair, such as `ChildOf(5)`. Names of scripts may have brackets, too, after a space. */
const PAIR_NAME = /^[^\s()]+\([^()]+\)$/

/** Returns the queries that can be registered without making pairs, which bitECS keeps for ever. */
function missingQueries(
  queries: Iterable<PortableQuery>,
  { names }: PortableWorld,
  componentOf: (name: string) => object | undefined,
): readonly MissingQuery[] {
  const known = new Set(names)
  const find = (name: string): object | undefined => (PAIR_NAME.test(name) && !known.has(name) ? undefined : componentOf(name))
  return [...queries].flatMap(({ terms: named, ...members }) => {
    const terms = resolveTerms(named, find)
    return terms === undefined ? [] : [{ ...members, terms }]
  })
}

function importOrder(
  world: World,
  { names, order }: PortableWorld,
  masks: readonly Uint32Array[],
  componentOf: (name: string) => object | undefined,
): Uint32Array {
  const { componentMap } = contextOf(world)
  const found = names.map((name) => {
    const component = componentOf(name)
    if (component === undefined) return undefined
    componentBits(world, component)
    const { id, generationId, bitflag } = componentMap.get(component) as ComponentData
    return { id, bit: bitflag, mask: isPair(component) ? undefined : (masks[generationId] ?? []) }
  })
  const words: number[] = []
  for (const [entity, indices] of parseOrder(order.read())) {
    const start = words.push(entity, 0)
    for (const index of indices) {
      const component = found[index]
      if (component === undefined) continue
      const { id, bit, mask } = component
      if (mask === undefined || ((mask[entity] ?? 0) & bit) !== 0) words.push(id)
    }
    words[start - 1] = words.length - start
  }
  return Uint32Array.from(words)
}

function ownersOf(mask: Uint32Array, bit: number, maxId: number): Uint8Array | undefined {
  const owners = new Uint8Array((maxId >> 3) + 1)
  const shift = 31 - Math.clz32(bit)
  let any = 0
  for (let entity = 0; entity < mask.length; entity++) {
    const owns = ((mask[entity] as number) >>> shift) & 1
    any |= owns
    owners[entity >> 3] = (owners[entity >> 3] as number) | (owns << (entity & 7))
  }
  return any === 0 ? undefined : owners
}

/** Returns the entities whose bit is set. */
function entitiesIn(owners: Uint8Array): number[] {
  const entities: number[] = []
  for (let entity = 0; entity < owners.length * 8; entity++) {
    if (((owners[entity >> 3] as number) & (1 << (entity & 7))) !== 0) entities.push(entity)
  }
  return entities
}
