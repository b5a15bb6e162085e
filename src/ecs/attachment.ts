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
import type { Ecs } from './access.ts'
import { EntityList } from './entity-list.ts'
import type { EntityLives } from './lives.ts'

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

/**
 * The entities that one script runs on: those with its tag. It knows for each whether the script was told that it
 * began, so that each beginning and each end is told once.
 */
export class Attachment {
  /** The tag component. */
  readonly tag: object = {}
  readonly #world: World
  readonly #lives: EntityLives
  readonly #changed = new Set<number>()
  /** Entities that the script was told of, with the life they had then. */
  readonly #told = new Map<number, number>()
  readonly #stop: readonly (() => void)[]
  readonly #capacity: number
  /** The entities to update: good until {@link entities} is asked again. */
  readonly list: EntityList
  #count = 0
  #isListed = false
  #isBelowCapacity = true

  constructor({ world, lives, batch, components }: Pick<Ecs, 'world' | 'lives' | 'batch' | 'components'>) {
    this.#world = world
    this.#lives = lives
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
    return this.#told.get(entity) === this.#lives.of(entity) && this.has(entity)
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
      const life = this.#lives.of(entity)
      const told = this.#told.get(entity)
      const attached = this.has(entity)
      if (told !== undefined && !(attached && told === life)) {
        this.#told.delete(entity)
        if (told === life || !entityExists(this.#world, entity)) change.stopped(entity)
        else change.forgotten(entity)
      }
      if (attached && told !== life) {
        this.#told.set(entity, life)
        if (change.started(entity)) continue
        this.#told.delete(entity)
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
    let count = 0
    const isSettled = this.isSettled
    this.#isBelowCapacity = true
    for (let index = 0; index < found.length; index++) {
      const entity = found[index] as number
      if (!isSettled && !this.stillRunsOn(entity)) continue
      array[count++] = entity
      if (entity >= this.#capacity) this.#isBelowCapacity = false
    }
    this.#count = count
    // What is not settled yet is not in the list now, and may be next time.
    this.#isListed = isSettled
    return count
  }

  /** Takes out of the listed entities from one place up to another those that are no longer run on. Gives where the rest ends. */
  keepRunning(from: number, to: number): number {
    const { array } = this.list
    let end = from
    for (let index = from; index < to; index++) {
      const entity = array[index] as number
      if (this.stillRunsOn(entity)) array[end++] = entity
    }
    if (end !== to) this.#isListed = false
    return end
  }

  /** Whether every entity that is listed is below the capacity. */
  get isBelowCapacity(): boolean {
    return this.#isBelowCapacity
  }

  /** Takes the tag from every entity, prefabs among them, which queries leave out. What changes is settled next. */
  detachAll(): void {
    for (const entity of getAllEntities(this.#world)) removeComponent(this.#world, entity, this.tag)
    query(this.#world, [this.tag])
  }

  /** Takes the tag from every entity and forgets all of them, so that another script can use it. */
  clear(): void {
    this.detachAll()
    this.#changed.clear()
    this.#told.clear()
  }

  dispose(): void {
    this.clear()
    this.list.release()
    for (const stop of this.#stop) stop()
  }
}
