import { observe, onRemove, type World } from 'bitecs'
import type { ArrayImage, ArrayKeeper } from '../../array-image.ts'
import { EntityNumbers } from './entity-numbers.ts'
import { EVERY_ENTITY } from './every-entity.ts'

/**
 * Tells an entity from a later one with the same id: bitECS reuses the id of a removed entity at once. The version of an
 * entity is the number of entities that had its id before.
 */
export class EntityVersions {
  readonly #deaths: EntityNumbers<Uint32Array> = new EntityNumbers(Uint32Array)
  readonly #stop: () => void

  constructor(world: World) {
    this.#stop = observe(world, onRemove(EVERY_ENTITY), (entity: number) => this.#deaths.set(entity, this.of(entity) + 1))
  }

  of(entity: number): number {
    return this.#deaths.of(entity)
  }

  /** Returns the deaths by entity, up to an id. */
  save(maxId: number, keeper: ArrayKeeper): ArrayImage<Uint32Array> {
    return this.#deaths.save('deaths', maxId, keeper)
  }

  restore(deaths: ArrayImage<Uint32Array>): void {
    this.#deaths.restore(deaths)
  }

  dispose(): void {
    this.#stop()
  }
}
