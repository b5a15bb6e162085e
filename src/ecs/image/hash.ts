import { getAllEntities, hasComponent, Prefab, type Relation, type World } from 'bitecs'
import type { AnyRelation } from '../components/bitecs-internals.ts'
import { type NamedComponent, type NamedComponents, nameComponents, plainColumns } from '../components/components.ts'
import { pairOf, targetsOf } from '../components/relations.ts'
import { ScriptState } from '../entities/script-state.ts'

/**
 * Returns a hash of a world as 16 hexadecimal digits: of its entities, the `components` that each has and the values of their
 * fields, the targets of its `relations` in order and the data of each, and which entities are prefabs. Worlds with the same content have the same hash on every engine and machine. The hash is not cryptographic.
 *
 * Of a game whose mods declare components, pass `listComponents(runtime)`.
 *
 * @example
 * ```ts
 * runtime.tick(1 / 60)
 * if (hashWorld(world, components) !== hashOfServer) console.warn('the simulation has diverged')
 * ```
 *
 * @throws {ScriptError} InvalidOptions if a component is not an object, or a relation was not made by `createRelation`
 */
export function hashWorld(
  world: World,
  components: Readonly<Record<string, object>>,
  relations: Readonly<Record<string, Relation<unknown>>> = {},
): string {
  const set = nameComponents(components, relations)
  const named = [...set.byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  const hash = new WorldHash()
  for (const entity of [...getAllEntities(world)].sort((one, other) => one - other)) {
    const owned = named.filter(({ component }) => hasComponent(world, entity, component))
    const related = relationsOf(world, entity, set)
    const isPrefab = hasComponent(world, entity, Prefab)
    if (owned.length === 0 && related.length === 0 && !isPrefab) continue
    hashEntity(hash, entity, owned, named)
    if (isPrefab) hash.integer(PREFAB)
    for (const [index, relation, targets] of related) {
      hash.integer(FIRST_RELATION - index)
      hash.integer(targets.length)
      for (const target of targets) {
        hash.integer(target)
        for (const column of plainColumns('', pairOf({ relation, target })).values()) hash.number(column.array()[entity] ?? 0)
      }
    }
  }
  return hash.digest()
}

// Indices of components are 0 and more.
const PREFAB = -1
const FIRST_RELATION = -2

/** Returns the relations that an entity has, by name, each with its index and its targets. */
function relationsOf(world: World, entity: number, { relations }: NamedComponents): [number, AnyRelation, number[]][] {
  if (relations.byName.size === 0) return []
  const sorted = [...relations.byName].sort(([one], [other]) => (one < other ? -1 : 1))
  const all = sorted.map(([, relation], index): [number, AnyRelation, number[]] => [index, relation, targetsOf(world, entity, relation)])
  return all.filter(([, , targets]) => targets.length > 0)
}

/**
 * Returns the number of entities of a world, without the entities that belong to scripts (see {@link ScriptState}).
 *
 * @example
 * console.log(`${countEntities(world)} entities`)
 */
export function countEntities(world: World): number {
  return getAllEntities(world).reduce((count, entity) => count + (hasComponent(world, entity, ScriptState) ? 0 : 1), 0)
}

function hashEntity(hash: WorldHash, entity: number, owned: readonly NamedComponent[], named: readonly NamedComponent[]): void {
  hash.integer(entity)
  for (const component of owned) {
    hash.integer(named.indexOf(component))
    for (const column of component.columns.values()) hash.number(column.array()[entity] ?? 0)
  }
}

/** Hashes numbers into two lanes of 32 bits, each multiplied by its own odd constant and folded. Not cryptographic. */
class WorldHash {
  #low = 0x811c9dc5
  #high = 0x9dc5811c
  readonly #view = new DataView(new ArrayBuffer(8))

  integer(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x85ebca6b)
    this.#low ^= this.#low >>> 13
    this.#high = Math.imul(this.#high ^ value, 0xc2b2ae35)
    this.#high ^= this.#high >>> 16
  }

  /** A list of a plain component may hold what is no number, such as a bigint. */
  number(given: unknown): void {
    const value = Number(given)
    this.#view.setFloat64(0, Number.isNaN(value) ? Number.NaN : value)
    this.integer(this.#view.getInt32(0))
    this.integer(this.#view.getInt32(4))
  }

  digest(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
  }
}
