import type { World } from 'bitecs'
import { contextOf, type SparseSet } from '../components/bitecs-internals.ts'
import { EntityNumbers } from '../entities/entity-numbers.ts'

/** How many queries of a world had fast sets when it was last looked at, by its set of queries. */
const known = new WeakMap<object, number>()

/**
 * Makes it faster to add and remove entities and components: the queries of a world get functions of their own for their sets of entities, with the results of
 * those of bitECS. bitECS asks an array for its element `undefined` where an entity is not in a set, and empties the list of the places of entities
 * with each commit, which engines then keep as a hash table. Both take several times as long as an element of a typed array.
 */
export function speedUpQueries(world: World): void {
  const { queries } = contextOf(world)
  if (known.get(queries) === queries.size) return
  known.set(queries, queries.size)
  for (const query of queries) for (const set of [query, query.toRemove]) speedUp(set)
}

function speedUp(set: SparseSet): void {
  const dense: unknown = Object.getOwnPropertyDescriptor(set, 'dense')?.value
  // A buffered query has a typed array, and one that a restore made lazy a getter.
  if (Array.isArray(dense) && set.writeMoved === undefined) Object.assign(set, fastSet(dense))
}

/** Returns the functions of a set with a list of its entities, which they change in place. */
function fastSet(dense: number[]): Omit<SparseSet, 'dense' | 'sparse'> {
  /** The place of each entity in the list, plus one; 0 for entities that are not in the set. */
  const places = new EntityNumbers(Uint32Array)
  /** The places of the list that were written since the last call of `writeMoved`; `undefined` if they are not known. */
  let moved: number[] | undefined
  let written: Uint32Array | undefined
  const put = (entity: number, place: number): void => {
    dense[place] = entity
    places.set(entity, place + 1)
    if (moved === undefined) return
    // If nobody takes them, they must not become ever more.
    if (moved.length > dense.length) moved = undefined
    else moved.push(place)
  }
  const placeAll = (): void => {
    moved = undefined
    for (const [place, entity] of dense.entries()) places.set(entity, place + 1)
  }
  placeAll()
  return {
    has: (entity) => places.of(entity) !== 0,
    add(entity) {
      if (places.of(entity) === 0) put(entity, dense.length)
    },
    remove(entity) {
      const place = places.of(entity) - 1
      if (place < 0) return
      places.set(entity, 0)
      const last = dense.pop() as number
      if (last !== entity) put(last, place)
    },
    reset() {
      moved = undefined
      for (const entity of dense) places.set(entity, 0)
      dense.length = 0
    },
    sort(compare) {
      dense.sort(compare)
      placeAll()
    },
    writeMoved(list) {
      const isKnown = moved !== undefined && list === written
      if (isKnown) for (const place of moved ?? []) if (place < dense.length) list[place] = dense[place] as number
      moved = []
      written = list
      return isKnown
    },
  }
}
