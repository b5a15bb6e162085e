import {
  commitRemovals,
  entityExists,
  getAllEntities,
  hasComponent,
  observe,
  onAdd,
  onRemove,
  query,
  registerQuery,
  removeComponent,
  type World,
} from 'bitecs'
import type { ArrayImage, ArrayKeeper } from '../../array-image.ts'
import { callDirectly, contextOf, type SparseSet } from '../components/bitecs-internals.ts'
import type { Reserve } from '../components/reserve.ts'
import type { Ecs } from './access.ts'
import type { EntityGroups } from './entity-groups.ts'
import { EntityList } from './entity-list.ts'
import { EntityNumbers } from './entity-numbers.ts'
import { EntitySet } from './entity-set.ts'
import type { EntityVersions } from './entity-versions.ts'
import { isGone } from './world-life.ts'

/** The callbacks of {@link Attachment.settle}. */
export interface AttachmentChange {
  /** Called when the script starts to run on an entity. Returns `false` if it failed and has to be called again. */
  readonly started: (entity: number) => boolean
  /** Called when the script stops running on an entity. */
  readonly stopped: (entity: number) => void
  /** Called instead of `stopped` if the entity was removed and its id belongs to another entity now. */
  readonly forgotten: (entity: number) => void
  /** Returns whether to go on. Otherwise the remaining changes wait for the next `settle`. */
  readonly proceed: () => boolean
}

/** The entities that a script was notified of, and the changes that it has yet to be notified of. */
export interface AttachmentImage {
  readonly told: ArrayImage<Uint32Array>
  readonly changed: readonly number[]
}

/**
 * The entities that one script runs on: those with its tag. Records which the script was notified of, so that each start and
 * each stop is notified once.
 */
export class Attachment {
  /** The tag component. */
  readonly tag: object = {}
  readonly #world: World
  readonly #life: object
  readonly #versions: EntityVersions
  /** The query of the tag. */
  readonly #members: SparseSet
  readonly #changed = new EntitySet()
  /** The version, plus one, of each entity that the script was notified of; 0 for others. */
  readonly #notified: EntityNumbers<Uint32Array> = new EntityNumbers(Uint32Array)
  readonly #stop: readonly (() => void)[]
  readonly #capacity: number
  /** The entities to update. Valid until the next call of {@link entities}. */
  readonly list: EntityList
  #count = 0
  #isListed = false
  /** Whether the list held all entities with the tag when it was last written. */
  #isWhole = false
  #isBelowCapacity = true
  /** Whether the ids of the list rise; `undefined` if that is not known yet. */
  #isAscending: boolean | undefined
  readonly #reserve: Reserve | undefined
  #groups: EntityGroups | undefined
  /** The entities whose place in the groups may have changed; `undefined` as long as there are no groups. */
  #ungrouped: EntitySet | undefined

  constructor({ world, life, versions, batch, components }: Pick<Ecs, 'world' | 'life' | 'versions' | 'batch' | 'components'>) {
    this.#world = world
    this.#life = life
    this.#versions = versions
    this.#capacity = components.capacity
    this.#reserve = components.reserve
    this.list = new EntityList(components.reserve)
    const changed = (entity: number): void => {
      this.#changed.add(entity)
      this.#ungrouped?.add(entity)
      this.#isListed = false
    }
    const removed = (entity: number): void => {
      changed(entity)
      if (batch !== undefined) batch.isInterrupted = true
    }
    const members = registerQuery(world, [this.tag])
    callDirectly(members)
    this.#members = members
    this.#stop = [observe(world, onAdd(this.tag), changed), observe(world, onRemove(this.tag), removed)]
  }

  has(entity: number): boolean {
    return entityExists(this.#world, entity) && hasComponent(this.#world, entity, this.tag)
  }

  /** Returns whether the script was notified of `entity` and still runs on it. */
  runsOn(entity: number): boolean {
    return this.#notified.of(entity) === this.#versions.of(entity) + 1 && this.has(entity)
  }

  /** Returns the same as {@link runsOn} for an entity of the list, faster if the entity has not changed since. */
  stillRunsOn(entity: number): boolean {
    return !this.#changed.has(entity) || this.runsOn(entity)
  }

  /** Whether nothing has changed since {@link settle}. */
  get isSettled(): boolean {
    return this.#changed.entities.length === 0
  }

  /** Calls the callbacks for what changed since the last call, entity by entity. */
  settle(change: AttachmentChange): void {
    for (const entity of this.#changed.take()) {
      if (!change.proceed()) {
        this.#changed.add(entity)
        continue
      }
      const version = this.#versions.of(entity) + 1
      const notified = this.#notified.of(entity)
      const isAttached = this.has(entity)
      if (notified !== 0 && !(isAttached && notified === version)) {
        this.#notified.set(entity, 0)
        if (notified === version || !entityExists(this.#world, entity)) change.stopped(entity)
        else change.forgotten(entity)
      }
      if (isAttached && notified !== version) {
        this.#notified.set(entity, version)
        if (change.started(entity)) continue
        this.#notified.set(entity, 0)
        this.#changed.add(entity)
      }
    }
  }

  /** Writes the entities to update to {@link list}, in query order. Returns their number. */
  entities(): number {
    commitRemovals(this.#world)
    if (this.#isListed) return this.#count
    const found = query(this.#world, [this.tag])
    this.list.ensureLength(found.length)
    const { array } = this.list
    const isWritten = this.#isWhole && this.#members.writeMoved?.(array)
    // Entities that are not settled yet are left out now, and may be listed next time.
    this.#isListed = this.isSettled
    this.#isWhole = this.#isListed
    if (this.#isListed) {
      if (isWritten !== true) array.set(found)
      this.#count = found.length
    } else this.#count = this.#keepRunning(array, found)
    const { maxId } = contextOf(this.#world).entityIndex
    this.#isBelowCapacity = maxId < this.#capacity || isBelow(array, this.#count, this.#capacity)
    this.#isAscending = undefined
    return this.#count
  }

  /** Whether the ids of the entities of the list rise. */
  get isAscending(): boolean {
    this.#isAscending ??= isAscending(this.list.array, this.#count)
    return this.#isAscending
  }

  /** Returns the entities of the list by groups of four, which `make` makes at first; `undefined` if they do not fit in the ECS memory. */
  groups(make: (typeof EntityGroups)['in']): EntityGroups | undefined {
    if (this.#ungrouped === undefined) {
      this.#groups = make(this.#reserve, this.#capacity)
      this.#ungrouped = new EntitySet()
    }
    const groups = this.#groups
    if (groups === undefined) return undefined
    for (const entity of this.#ungrouped.entities) groups.set(entity, this.#changed.has(entity) ? this.runsOn(entity) : this.has(entity))
    if (this.isSettled) this.#ungrouped.take()
    // Prefabs have the tag and are not listed.
    if (groups.count !== this.#count) this.#groupAll(groups)
    return groups
  }

  #groupAll(groups: EntityGroups): void {
    groups.clear()
    const { array } = this.list
    for (let index = 0; index < this.#count; index++) groups.set(array[index] as number, true)
  }

  /** Removes the entities that the script no longer runs on from a range of the list. Returns the new end of the range. */
  keepRunning(from: number, to: number): number {
    const { array } = this.list
    const end = from + this.#keepRunning(array.subarray(from), array.subarray(from, to))
    if (end !== to) this.#isListed = this.#isWhole = false
    return end
  }

  /** Writes those of some entities that the script still runs on to the start of a list. Returns their number. */
  #keepRunning(list: Uint32Array, entities: ArrayLike<number>): number {
    let count = 0
    for (let index = 0; index < entities.length; index++) {
      const entity = entities[index] as number
      if (this.stillRunsOn(entity)) list[count++] = entity
    }
    return count
  }

  /** Whether every entity of the list is below the capacity. */
  get isBelowCapacity(): boolean {
    return this.#isBelowCapacity
  }

  /**
   * Removes the tag from every entity, including prefabs, which queries leave out. The next `settle` reports the changes. Errors
   * of observers go to `failed`. Does nothing if the world is gone.
   */
  detachAll(failed: (error: unknown) => void): void {
    if (isGone({ world: this.#world, life: this.#life })) return
    for (const entity of getAllEntities(this.#world)) {
      try {
        if (entityExists(this.#world, entity)) removeComponent(this.#world, entity, this.tag)
      } catch (error) {
        failed(error)
      }
    }
    query(this.#world, [this.tag])
  }

  /** Removes the tag from every entity without notifying the script. */
  clear(failed: (error: unknown) => void): void {
    this.detachAll(failed)
    this.#changed.take()
    this.#notified.clear()
  }

  /** Returns an image of the entities up to `maxId`. `path` identifies the script. */
  save(path: string, maxId: number, keeper: ArrayKeeper): AttachmentImage {
    return { told: this.#notified.save(`${path} told`, maxId, keeper), changed: [...this.#changed.entities] }
  }

  restore({ told, changed }: AttachmentImage): void {
    this.#notified.restore(told)
    this.#changed.take()
    for (const entity of changed) this.#changed.add(entity)
    this.#isListed = this.#isWhole = false
    this.#groups?.clear()
  }

  dispose(failed: (error: unknown) => void): void {
    this.clear(failed)
    this.list.release()
    this.#groups?.dispose()
    for (const stop of this.#stop) stop()
  }
}

function isBelow(list: Uint32Array, count: number, bound: number): boolean {
  for (let index = 0; index < count; index++) if ((list[index] as number) >= bound) return false
  return true
}

function isAscending(list: Uint32Array, count: number): boolean {
  for (let index = 1; index < count; index++) if ((list[index] as number) <= (list[index - 1] as number)) return false
  return true
}
