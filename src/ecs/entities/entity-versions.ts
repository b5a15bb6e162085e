import { entityExists, observe, onRemove, type World } from 'bitecs'
import type { ArrayImage, ArrayKeeper } from '../../array-image.ts'
import { contextOf, type Query } from '../components/bitecs-internals.ts'
import { EntityNumbers } from './entity-numbers.ts'
import { EVERY_ENTITY, matchesEveryEntity } from './every-entity.ts'

/**
 * Distinguishes entities with the same id: bitECS reuses the id of a removed entity at once. The version of an entity is the
 * number of entities that had its id before.
 */
export class EntityVersions {
  readonly #world: World
  /** How many entities of each id were removed. */
  readonly #deaths: EntityNumbers<Uint32Array> = new EntityNumbers(Uint32Array)
  readonly #everyEntity: Query
  readonly #stop: () => void
  #isPaused = false

  constructor(world: World) {
    this.#world = world
    this.#stop = observe(world, onRemove(EVERY_ENTITY), (entity: number) => {
      if (!this.#isPaused) this.#deaths.set(entity, this.of(entity) + 1)
    })
    this.#everyEntity = [...contextOf(world).queries].find(matchesEveryEntity) as Query
  }

  /** Returns the version of an entity. While observers are notified of its removal, that may be the version of the next entity. */
  of(entity: number): number {
    return this.#deaths.of(entity)
  }

  /** Returns the version of an entity, which is the same for all observers of its removal. */
  current(entity: number): number {
    const isLeaving = this.#everyEntity.toRemove.has(entity) && entityExists(this.#world, entity)
    return this.of(entity) - (isLeaving ? 1 : 0)
  }

  /** Returns an image of the versions by entity, up to `maxId`. */
  save(maxId: number, keeper: ArrayKeeper): ArrayImage<Uint32Array> {
    return this.#deaths.save('deaths', maxId, keeper)
  }

  /** Returns the ids up to `maxId` whose version is another in an image. */
  differing(image: ArrayImage<Uint32Array>, maxId: number): ReadonlySet<number> {
    return this.#deaths.differing(image, maxId)
  }

  restore(versions: ArrayImage<Uint32Array>): void {
    this.#deaths.restore(versions)
  }

  /** Calls `notify`, which notifies observers of a restore: the versions stay as they are. */
  pause(notify: () => void): void {
    this.#isPaused = true
    try {
      notify()
    } finally {
      this.#isPaused = false
    }
  }

  dispose(): void {
    this.#stop()
  }
}
