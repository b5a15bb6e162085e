import { observe, onRemove, type World } from 'bitecs'
import type { ArrayImage, ArrayKeeper } from '../../array-image.ts'
import { EntityNumbers } from './entity-numbers.ts'
import { EVERY_ENTITY } from './every-entity.ts'

/**
 * Distinguishes entities with the same id: bitECS reuses the id of a removed entity at once. The version of an entity is the
 * number of entities that had its id before.
 */
export class EntityVersions {
  readonly #versions: EntityNumbers<Uint32Array> = new EntityNumbers(Uint32Array)
  readonly #stop: () => void

  constructor(world: World) {
    this.#stop = observe(world, onRemove(EVERY_ENTITY), (entity: number) => this.#versions.set(entity, this.of(entity) + 1))
  }

  of(entity: number): number {
    return this.#versions.of(entity)
  }

  /** Returns an image of the versions by entity, up to `maxId`. */
  save(maxId: number, keeper: ArrayKeeper): ArrayImage<Uint32Array> {
    return this.#versions.save('deaths', maxId, keeper)
  }

  restore(versions: ArrayImage<Uint32Array>): void {
    this.#versions.restore(versions)
  }

  dispose(): void {
    this.#stop()
  }
}
