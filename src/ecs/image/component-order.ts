import { Prefab, Wildcard } from 'bitecs'
import { isPair, type WorldContext } from '../components/bitecs-internals.ts'

/*
 * The components of an entity are a set, whose order matters where it has relations, or is a prefab: the first target, and what
 * its instances inherit first. bitECS makes up to three components for each target of a relation, so pairs are saved with that
 * order, entity by entity, and not as a mask of all entities for each.
 */

/** The components of a world, by the id that bitECS gave them. */
export interface ComponentTable {
  readonly components: readonly object[]
  /** The bits of pairs, and those of other components, by mask. */
  readonly pairBits: readonly number[]
  readonly plainBits: readonly number[]
}

const tables = new WeakMap<WorldContext['componentMap'], ComponentTable>()

/** Returns the components of a world. It never changes those that it has. */
export function componentTable({ componentMap, entityMasks }: WorldContext): ComponentTable {
  const known = tables.get(componentMap)
  if (known?.components.length === componentMap.size && known.pairBits.length === entityMasks.length) return known
  const components: object[] = []
  const [pairBits, plainBits] = [entityMasks.map(() => 0), entityMasks.map(() => 0)]
  for (const { ref, generationId, bitflag } of componentMap.values()) {
    components.push(ref)
    const bits = isPair(ref) ? pairBits : plainBits
    bits[generationId] = (bits[generationId] as number) | bitflag
  }
  const table = { components, pairBits, plainBits }
  tables.set(componentMap, table)
  return table
}

const NO_BITS = new Uint32Array()

/** Returns the bits of components other than pairs, by mask and entity. */
export function plainMasks(context: WorldContext): readonly ArrayLike<number>[] {
  const { pairBits, plainBits } = componentTable(context)
  return context.entityMasks.map((mask, generation) => {
    if (pairBits[generation] === 0) return mask
    const kept = plainBits[generation] as number
    if (kept === 0) return NO_BITS
    const plain = new Uint32Array(mask.length)
    for (let entity = 0; entity < plain.length; entity++) plain[entity] = (mask[entity] as number) & kept
    return plain
  })
}

/** Returns, of each entity with pairs and of each prefab: the entity, the number of its components, and their ids in order. */
export function readOrder(context: WorldContext): number[] {
  const { componentMap, entityComponents } = context
  const words: number[] = []
  for (const entity of orderedEntities(context)) {
    const components = entityComponents.get(entity)
    if (components === undefined) continue
    words.push(entity, components.size)
    // To copy a set and walk the copy is faster than to walk the set.
    for (const component of [...components]) words.push(componentMap.get(component)?.id as number)
  }
  return words
}

/** Returns the entities with pairs, and the prefabs. bitECS adds `Wildcard(Wildcard)` to an entity with its first pair. */
function orderedEntities({ componentMap, entityMasks, entityComponents, entitiesWithRelations }: WorldContext): Set<number> {
  const found = new Set<number>()
  for (const component of [Wildcard(Wildcard) as object, Prefab]) {
    const data = componentMap.get(component)
    const mask = data === undefined ? [] : (entityMasks[data.generationId] ?? [])
    for (let entity = 0; entity < mask.length; entity++) {
      if (((mask[entity] as number) & (data?.bitflag as number)) !== 0) found.add(entity)
    }
  }
  // bitECS takes that component away with one of several pairs with the same entity.
  for (const entity of entitiesWithRelations) {
    if (!found.has(entity) && [...(entityComponents.get(entity) ?? [])].some(isPair)) found.add(entity)
  }
  return found
}

/** Returns the ids by entity. */
export function parseOrder(words: Uint32Array): ReadonlyMap<number, Uint32Array> {
  const found = new Map<number, Uint32Array>()
  for (let at = 0; at < words.length; ) {
    const start = at + 2
    at = start + (words[at + 1] as number)
    found.set(words[start - 2] as number, words.subarray(start, at))
  }
  return found
}
