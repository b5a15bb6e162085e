import { getAllEntities, hasComponent, type World } from 'bitecs'
import { type NamedComponent, nameComponents } from '../components/components.ts'
import { ScriptState } from '../entities/script-state.ts'

/**
 * Returns a hash of a world as 16 hexadecimal digits: of its entities, the `components` that each has, and the values of
 * their fields. Worlds with the same content have the same hash on every engine and machine. The hash is not cryptographic.
 *
 * @example
 * ```ts
 * runtime.tick(1 / 60)
 * if (hashWorld(world, components) !== hashOfServer) console.warn('the simulation has diverged')
 * ```
 *
 * @throws {ScriptError} InvalidOptions if a component is not an object
 */
export function hashWorld(world: World, components: Readonly<Record<string, object>>): string {
  const named = [...nameComponents(components).byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  const hash = new WorldHash()
  for (const entity of [...getAllEntities(world)].sort((one, other) => one - other)) {
    const owned = named.filter(({ component }) => hasComponent(world, entity, component))
    if (owned.length > 0) hashEntity(hash, entity, owned, named)
  }
  return hash.digest()
}

/** Returns the number of entities of a world, without the entities that belong to scripts (see {@link ScriptState}). */
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

  number(value: number): void {
    this.#view.setFloat64(0, Number.isNaN(value) ? Number.NaN : value)
    this.integer(this.#view.getInt32(0))
    this.integer(this.#view.getInt32(4))
  }

  digest(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
  }
}
