import type { PortableWorld } from './portable-world.ts'
import { refuseFile } from './refuse-file.ts'

/** Checks lists of entities, each in time in proportion to its length. */
export class EntityMarks {
  readonly #marks: Uint32Array
  readonly #maxId: number
  #mark = 0

  constructor(maxId: number) {
    this.#marks = new Uint32Array(maxId + 1)
    this.#maxId = maxId
  }

  /** Marks the entities of a list in place of those of the last one. Throws `StateRejected` for ids out of range, and for doubles. */
  mark(where: string, entities: ArrayLike<number>): void {
    this.#mark++
    for (let place = 0; place < entities.length; place++) {
      const entity = entities[place] as number
      if (entity < 1 || entity > this.#maxId || this.#marks[entity] === this.#mark)
        refuseFile(`${where} holds the entity ${entity} wrongly`)
      this.#marks[entity] = this.#mark
    }
  }

  /** Removes the mark of an entity. Returns whether it had one. */
  unmark(entity: number): boolean {
    const has = this.has(entity)
    if (has) this.#marks[entity] = 0
    return has
  }

  has(entity: number): boolean {
    return this.#marks[entity] === this.#mark
  }
}

/**
 * Checks that the parts of a world agree: which entities exist, what they have, which queries hold them. Returns marks for further
 * lists of its entities. Throws `StateRejected`.
 */
export function checkWorld(portable: PortableWorld): EntityMarks {
  const { alive, maxId, ids, births, owners, queries } = portable
  const entities = ids.read()
  if (entities.length !== maxId || alive > maxId) refuseFile(`${alive} of ${entities.length} entities up to ${maxId} exist`)
  const marks = new EntityMarks(maxId)
  marks.mark('the list of all', entities)
  const lives = new Uint8Array((maxId >> 3) + 1)
  for (let place = 0; place < alive; place++) {
    const entity = entities[place] as number
    lives[entity >> 3] = (lives[entity >> 3] as number) | (1 << (entity & 7))
  }
  const born = births.numbers.read()
  if (born.length > maxId + 1 || born.some((number) => !Number.isInteger(number) || number < 0 || number > births.count))
    refuseFile('the order of its entities is unknown')
  for (const [name, bits] of owners) {
    if (bits.length !== lives.length || bits.some((byte, place) => (byte & ~(lives[place] as number)) !== 0))
      refuseFile(`entities that do not exist have the component '${name}'`)
  }
  checkOrder(portable, (entity) => hasBit(lives, entity))
  for (const query of queries.values()) {
    const where = `the query '${query.terms.join(' ')}'`
    const members = query.members.read()
    marks.mark(where, members)
    for (const entity of query.leaving.read()) if (!marks.unmark(entity)) refuseFile(`${where} loses the entity ${entity} wrongly`)
    for (const entity of members) if (marks.has(entity) && !hasBit(lives, entity)) refuseFile(`${where} holds a removed entity`)
  }
  return marks
}

/** Checks the components of entities with relations. */
function checkOrder({ maxId, names, order, related }: PortableWorld, isAlive: (entity: number) => boolean): void {
  if (new Set(names).size !== names.length) refuseFile('it names a component twice')
  const words = order.read()
  const used = new Uint8Array(names.length)
  const ordered = new Set<number>()
  for (let at = 0; at < words.length; ) {
    const [entity, count = words.length] = words.subarray(at, at + 2) as unknown as readonly [number, number?]
    const end = at + 2 + count
    if (end > words.length || !isAlive(entity) || ordered.has(entity)) refuseFile(`the relations of the entity ${entity} are not whole`)
    ordered.add(entity)
    for (const index of words.subarray(at + 2, end)) {
      if (index >= names.length) refuseFile(`the relations of the entity ${entity} have no name`)
      used[index] = 1
    }
    at = end
  }
  if (used.includes(0)) refuseFile('no entity has what it names')
  if (related.read().some((entity) => entity > maxId)) refuseFile('entities that do not exist have relations')
}

/** Returns whether the bit of an entity is set. */
export function hasBit(bits: Uint8Array | undefined, entity: number): boolean {
  return ((bits?.[entity >> 3] ?? 0) & (1 << (entity & 7))) !== 0
}

/** Returns the last entity whose bit is set, if it is `from` or a later one. */
export function lastOf(bits: Uint8Array, from: number): number | undefined {
  const place = bits.findLastIndex((byte) => byte !== 0)
  const last = place * 8 + 31 - Math.clz32(bits[place] ?? 0)
  return place >= 0 && last >= from ? last : undefined
}
