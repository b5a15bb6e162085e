import { Not, observe, onRemove, type World } from 'bitecs'

/** No entity ever has it, so that a query for its absence holds every entity and tells when one dies. */
const Never = {}

/**
 * Tells an entity from a later one with the same id: bitECS gives the id of a removed entity out again at once. An
 * entity's life is the number of entities that had its id before.
 */
export class EntityLives {
  #deaths = new Uint32Array(1024)
  readonly #stop: () => void

  constructor(world: World) {
    this.#stop = observe(world, onRemove(Not(Never)), (entity: number) => this.#end(entity))
  }

  of(entity: number): number {
    return this.#deaths[entity] ?? 0
  }

  /** Deaths by entity, up to an id. */
  save(maxId: number): Uint32Array {
    return this.#deaths.slice(0, maxId + 1)
  }

  restore(deaths: Uint32Array): void {
    if (deaths.length > this.#deaths.length) this.#deaths = new Uint32Array(deaths.length)
    this.#deaths.set(deaths)
    this.#deaths.fill(0, deaths.length)
  }

  dispose(): void {
    this.#stop()
  }

  #end(entity: number): void {
    if (entity >= this.#deaths.length) {
      const longer = new Uint32Array(Math.max(entity + 1, this.#deaths.length * 2))
      longer.set(this.#deaths)
      this.#deaths = longer
    }
    this.#deaths[entity] = this.of(entity) + 1
  }
}
