import { sameIntegers } from '../../bytes.ts'
import { isPair, type WorldContext } from '../components/bitecs-internals.ts'
import { componentTable, parseOrder, plainMasks, readOrder } from './component-order.ts'
import type { WorldImage } from './world-image.ts'

const NO_MASK = new Uint32Array()

/** Restores which entities exist and which components they have. `ids` are those of the image. Returns whether the ids were the same. */
export function restoreEntities(context: WorldContext, image: WorldImage, ids: Uint32Array): boolean {
  const { entityIndex } = context
  const plain = plainMasks(context)
  const masks = plain.map((_, generation) => image.masks[generation]?.read() ?? NO_MASK)
  const sameIds = entityIndex.aliveCount === image.alive && sameIntegers(entityIndex.dense, ids)
  const sameMasks = plain.map((mask, generation) => sameIntegers(mask, masks[generation] ?? NO_MASK))
  const order = image.order.read()
  const orderNow = readOrder(context)
  const sameOrder = sameIntegers(orderNow, order)
  if (!sameIds || !sameOrder || sameMasks.includes(false)) {
    const before = parseOrder(Uint32Array.from(orderNow))
    const after = parseOrder(order)
    const changed = changedEntities(context, image, ids, plain, masks)
    for (const [one, other] of [
      [before, after],
      [after, before],
    ] as const) {
      for (const [entity, components] of one) if (!sameIntegers(components, other.get(entity) ?? NO_MASK)) changed.add(entity)
    }
    if (!sameIds) {
      replaceIntegers(entityIndex.dense, ids)
      for (let place = 0; place < ids.length; place++) entityIndex.sparse[(ids[place] as number) & entityIndex.entityMask] = place
    }
    entityIndex.aliveCount = image.alive
    for (const entity of changed) clearPairs(context, entity)
    for (const [generation, isSame] of sameMasks.entries()) if (!isSame) writeMask(context, generation, masks[generation] ?? NO_MASK)
    restoreComponents(context, changed, after)
  }
  return sameIds
}

/** Returns the entities that exist on one side only, or with different components other than pairs. */
function changedEntities(
  { entityIndex }: WorldContext,
  image: WorldImage,
  ids: Uint32Array,
  plain: readonly ArrayLike<number>[],
  masks: readonly Uint32Array[],
): Set<number> {
  const length = Math.max(entityIndex.maxId, image.maxId) + 1
  const lived = new Uint8Array(length)
  const alive = new Uint8Array(length)
  for (let place = 0; place < entityIndex.aliveCount; place++) alive[(entityIndex.dense[place] as number) & entityIndex.entityMask] = 1
  for (let place = 0; place < image.alive; place++) lived[(ids[place] as number) & entityIndex.entityMask] = 1
  const changed = new Set<number>()
  for (let entity = 0; entity < length; entity++) if (lived[entity] !== alive[entity]) changed.add(entity)
  for (const [generation, mask] of plain.entries()) {
    const before = masks[generation] ?? NO_MASK
    const end = Math.max(mask.length, before.length)
    for (let entity = 0; entity < end; entity++) {
      if ((mask[entity] ?? 0) !== (before[entity] ?? 0) && lived[entity] === alive[entity]) changed.add(entity)
    }
  }
  return changed
}

/** Clears the bits of an entity's pairs. */
function clearPairs({ componentMap, entityComponents, entityMasks }: WorldContext, entity: number): void {
  for (const component of entityComponents.get(entity) ?? []) {
    const data = isPair(component) ? componentMap.get(component) : undefined
    const mask = data && entityMasks[data.generationId]
    if (data !== undefined && mask !== undefined) mask[entity] = (mask[entity] as number) & ~data.bitflag
  }
}

/** Writes the bits of components that are no pairs. */
function writeMask(context: WorldContext, generation: number, values: Uint32Array): void {
  const mask = context.entityMasks[generation] as number[]
  const pairs = componentTable(context).pairBits[generation] as number
  if (pairs === 0) replaceIntegers(mask, values)
  else
    for (let entity = 0; entity < Math.max(mask.length, values.length); entity++) {
      mask[entity] = ((mask[entity] ?? 0) & pairs) | (values[entity] ?? 0)
    }
}

/** Rebuilds the component sets of the changed entities from their masks and from the saved order, which holds the pairs. */
function restoreComponents(context: WorldContext, changed: Iterable<number>, order: ReadonlyMap<number, Uint32Array>): void {
  const { componentMap, entityIndex, entityComponents, entityMasks } = context
  const { components } = componentTable(context)
  const plain = [...componentMap.values()].filter(({ ref }) => !isPair(ref))
  const { aliveCount, dense, sparse, entityMask } = entityIndex
  const isAlive = (entity: number): boolean => {
    const place = sparse[entity] ?? aliveCount
    // The place of an id that was never used is arbitrary.
    return place < aliveCount && ((dense[place] as number) & entityMask) === entity
  }
  for (const entity of changed) {
    if (!isAlive(entity)) {
      entityComponents.delete(entity)
      continue
    }
    const owned = new Set<object>()
    for (const id of order.get(entity) ?? []) {
      const component = components[id] as object
      owned.add(component)
      const data = componentMap.get(component)
      const mask = data && entityMasks[data.generationId]
      if (data !== undefined && mask !== undefined) mask[entity] = (mask[entity] ?? 0) | data.bitflag
    }
    for (const { ref, generationId, bitflag } of plain) if (((entityMasks[generationId]?.[entity] ?? 0) & bitflag) !== 0) owned.add(ref)
    entityComponents.set(entity, owned)
  }
}

/** Replaces the content of a list. */
export function replaceIntegers(array: number[], values: Uint32Array): void {
  // Setting a greater length would make the array sparse for good.
  if (array.length > values.length) array.length = values.length
  for (let place = 0; place < values.length; place++) array[place] = values[place] as number
}
