import {
  commitRemovals,
  entityExists,
  getAllEntities,
  hasComponent,
  observe,
  onAdd,
  onRemove,
  query,
  removeComponent,
  type World,
} from 'bitecs'
import type { ArrayImage, ArrayKeeper } from '../../array-image.ts'
import type { Ecs } from './access.ts'
import { EntityList } from './entity-list.ts'
import { EntityNumbers } from './entity-numbers.ts'
import type { EntityVersions } from './entity-versions.ts'

/** What {@link Attachment.settle} tells of. */
export interface AttachmentChange {
  /** The script now runs on the entity. `false` says that it could not be told, and has to be told again. */
  readonly started: (entity: number) => boolean
  /** The script ran on the entity and no longer does. */
  readonly stopped: (entity: number) => void
  /** The script ran on an entity of this id, which died, and whose id is now another's. */
  readonly forgotten: (entity: number) => void
  /** Whether to go on. What is left when not is settled another time. */
  readonly proceed: () => boolean
}

/** Which entities a script was told of, and which changes it is still to be told of. */
export interface AttachmentImage {
  readonly told: ArrayImage<Uint32Array>
  readonly changed: readonly number[]
}

/**
 * The entities that one script runs on: those with its tag. It knows for each whether the script was told that it
 * began, so that each beginning and each end is told once.
 */
export class Attachment {
  /** The tag component. */
  readonly tag: object = {}
  readonly #world: World
  readonly #versions: EntityVersions
  readonly #changed = new Set<number>()
  /** For each entity that the script was told of, the version it had then, plus one; 0 for others. */
  readonly #told: EntityNumbers<Uint32Array> = new EntityNumbers(Uint32Array)
  readonly #stop: readonly (() => void)[]
  readonly #capacity: number
  /** The entities to update: good until {@link entities} is asked again. */
  readonly list: EntityList
  #count = 0
  #isListed = false
  #isBelowCapacity = true

  constructor({ world, versions, batch, components }: Pick<Ecs, 'world' | 'versions' | 'batch' | 'components'>) {
    this.#world = world
    this.#versions = versions
    this.#capacity = components.capacity
    this.list = new EntityList(components.reserve)
    const changed = (entity: number): void => {
      this.#changed.add(entity)
      this.#isListed = false
    }
    const removed = (entity: number): void => {
      changed(entity)
      if (batch !== undefined) batch.interrupted = true
    }
    this.#stop = [observe(world, onAdd(this.tag), changed), observe(world, onRemove(this.tag), removed)]
  }

  has(entity: number): boolean {
    return entityExists(this.#world, entity) && hasComponent(this.#world, entity, this.tag)
  }

  /** Whether the script was told that it runs on `entity`, and still does. */
  runsOn(entity: number): boolean {
    return this.#told.of(entity) === this.#versions.of(entity) + 1 && this.has(entity)
  }

  /** The same for an entity of {@link entities}, most of which nothing has happened to since. */
  stillRunsOn(entity: number): boolean {
    return !this.#changed.has(entity) || this.runsOn(entity)
  }

  /** Whether nothing has changed since {@link settle}. */
  get isSettled(): boolean {
    return this.#changed.size === 0
  }

  /**
   * Settles what changed since the last call, entity by entity. An entity that died and whose id is in use again is
   * forgotten, not stopped: to the script that id now means another entity.
   */
  settle(change: AttachmentChange): void {
    const changed = [...this.#changed]
    this.#changed.clear()
    for (const entity of changed) {
      if (!change.proceed()) {
        this.#changed.add(entity)
        continue
      }
      const version = this.#versions.of(entity) + 1
      const told = this.#told.of(entity)
      const attached = this.has(entity)
      if (told !== 0 && !(attached && told === version)) {
        this.#told.set(entity, 0)
        if (told === version || !entityExists(this.#world, entity)) change.stopped(entity)
        else change.forgotten(entity)
      }
      if (attached && told !== version) {
        this.#told.set(entity, version)
        if (change.started(entity)) continue
        this.#told.set(entity, 0)
        this.#changed.add(entity)
      }
    }
  }

  /** Lists the entities to update now, in query order. Gives their number. */
  entities(): number {
    commitRemovals(this.#world)
    if (this.#isListed) return this.#count
    const found = query(this.#world, [this.tag])
    this.list.hold(found.length)
    const { array } = this.list
    // What is not settled yet is not in the list now, and may be next time.
    this.#isListed = this.isSettled
    if (this.#isListed) {
      array.set(found)
      this.#count = found.length
    } else this.#count = keepWhere(array, found, (entity) => this.stillRunsOn(entity))
    this.#isBelowCapacity = isBelow(array, this.#count, this.#capacity)
    return this.#count
  }

  /** Takes out of the listed entities from one place up to another those that are no longer run on. Gives where the rest ends. */
  keepRunning(from: number, to: number): number {
    const { array } = this.list
    const end = from + keepWhere(array.subarray(from), array.subarray(from, to), (entity) => this.stillRunsOn(entity))
    if (end !== to) this.#isListed = false
    return end
  }

  /** Whether every entity that is listed is below the capacity. */
  get isBelowCapacity(): boolean {
    return this.#isBelowCapacity
  }

  /**
   * Takes the tag from every entity, prefabs among them, which queries leave out. What changes is settled next. What an
   * observer throws goes to `failed`.
   */
  detachAll(failed: (error: unknown) => void): void {
    for (const entity of getAllEntities(this.#world)) {
      try {
        if (entityExists(this.#world, entity)) removeComponent(this.#world, entity, this.tag)
      } catch (error) {
        failed(error)
      }
    }
    query(this.#world, [this.tag])
  }

  /** Takes the tag from every entity and forgets all of them, so that another script can use it. */
  clear(failed: (error: unknown) => void): void {
    this.detachAll(failed)
    this.#changed.clear()
    this.#told.clear()
  }

  /** Returns what the script was told of entities up to an id. `path` names the script. */
  save(path: string, maxId: number, keeper: ArrayKeeper): AttachmentImage {
    return { told: this.#told.save(`${path} told`, maxId, keeper), changed: [...this.#changed] }
  }

  restore({ told, changed }: AttachmentImage): void {
    this.#told.restore(told)
    this.#changed.clear()
    for (const entity of changed) this.#changed.add(entity)
    this.#isListed = false
  }

  dispose(failed: (error: unknown) => void): void {
    this.clear(failed)
    this.list.release()
    for (const stop of this.#stop) stop()
  }
}

/** Writes those that are to be kept to the beginning of a list. Gives how many they are. */
function keepWhere(list: Uint32Array, entities: ArrayLike<number>, isKept: (entity: number) => boolean): number {
  let count = 0
  for (let index = 0; index < entities.length; index++) {
    const entity = entities[index] as number
    if (isKept(entity)) list[count++] = entity
  }
  return count
}

function isBelow(list: Uint32Array, count: number, bound: number): boolean {
  for (let index = 0; index < count; index++) if ((list[index] as number) >= bound) return false
  return true
}
