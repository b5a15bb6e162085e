import { observe, onRemove, type World } from 'bitecs'
import { EVERY_ENTITY } from './every-entity.ts'

/**
 * Tells an entity from a later one with the same id: bitECS reuses the id of a removed entity at once. The version of an
 * entity is the number of entities that had its id before.
 */
export class EntityVersions {
  #deaths = new Uint32Array(1024)
  /** The deaths as they were last saved; `undefined` after another death. */
  #saved: Uint32Array | undefined
  readonly #stop: () => void

  constructor(world: World) {
    this.#stop = observe(world, onRemove(EVERY_ENTITY), (entity: number) => this.#end(entity))
  }

  of(entity: number): number {
    return this.#deaths[entity] ?? 0
  }

  /** Returns the deaths by entity, up to an id. Nobody may write to them. */
  save(maxId: number): Uint32Array {
    const length = Math.min(maxId + 1, this.#deaths.length)
    if (this.#saved?.length !== length) this.#saved = this.#deaths.slice(0, length)
    return this.#saved
  }

  restore(deaths: Uint32Array): void {
    if (deaths === this.#saved) return
    if (deaths.length > this.#deaths.length) this.#deaths = new Uint32Array(deaths.length)
    this.#deaths.set(deaths)
    this.#deaths.fill(0, deaths.length)
    this.#saved = deaths
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
    this.#saved = undefined
  }
}
