import { entityExists, removeComponent, type World } from 'bitecs'
import { EntityNumbers } from './entity-numbers.ts'
import type { EntityVersions } from './entity-versions.ts'
import type { Journal } from './journal.ts'
import { removeRelated } from './removal.ts'

/**
 * Queues removals of entities and components until the script's run ends. A command applies to the entity that had the id
 * when it was queued, never to a later entity with the same id.
 */
export class Commands {
  readonly #world: World
  readonly #versions: EntityVersions
  readonly #journal: Journal
  readonly #entities: number[] = []
  readonly #entityVersions: number[] = []
  /** The component to remove; `undefined` removes the entity. */
  readonly #components: (object | undefined)[] = []
  /** 1 for each queued entity, by component. A `Set` would give back the memory that the next tick needs. */
  readonly #queued = new Map<object | undefined, EntityNumbers<Uint8Array>>()

  constructor(world: World, versions: EntityVersions, journal: Journal) {
    this.#world = world
    this.#versions = versions
    this.#journal = journal
  }

  get isEmpty(): boolean {
    return this.#entities.length === 0
  }

  /** Returns whether the removal of a component of an entity is queued; without a component, that of the entity. */
  isQueued(entity: number, component?: object): boolean {
    return this.#queued.get(component)?.of(entity) === 1
  }

  /** Queues the removal of an entity. Returns `false` if it is queued already. */
  despawn(entity: number): boolean {
    return this.#push(entity, undefined)
  }

  /** Queues the removal of a component. Returns `false` if it is queued already. */
  remove(entity: number, component: object): boolean {
    return this.#push(entity, component)
  }

  /** Drops all commands. */
  clear(): void {
    this.#truncate(0)
  }

  /** Carries out the commands in order. An error that an observer throws goes to `failed`, and the next command follows. */
  flush(failed: (error: unknown) => void): void {
    for (let index = 0; index < this.#entities.length; index++) {
      const entity = this.#entities[index] as number
      // An observer that this calls may want the same again: of another entity with the id, say.
      this.#queued.get(this.#components[index])?.set(entity, 0)
      if (this.#versions.of(entity) !== this.#entityVersions[index] || !entityExists(this.#world, entity)) continue
      const component = this.#components[index]
      try {
        if (component === undefined) removeRelated(this.#world, entity)
        else removeComponent(this.#world, entity, component)
      } catch (error) {
        failed(error)
      }
    }
    this.#truncate(0, this.#entities.length)
  }

  #push(entity: number, component: object | undefined): boolean {
    // A script may repeat a command millions of times.
    const queued = this.#queued.get(component) ?? new EntityNumbers(Uint8Array)
    if (queued.of(entity) === 1) return false
    queued.set(entity, 1)
    this.#queued.set(component, queued)
    const before = this.#entities.length
    if (this.#journal.isOpen) this.#journal.record(() => this.#truncate(before))
    this.#entities.push(entity)
    this.#entityVersions.push(this.#versions.of(entity))
    this.#components.push(component)
    return true
  }

  /** Drops the commands behind the first `length`. Those before `done` were carried out. */
  #truncate(length: number, done: number = length): void {
    for (let index = done; index < this.#entities.length; index++)
      this.#queued.get(this.#components[index])?.set(this.#entities[index] as number, 0)
    this.#entities.length = length
    this.#entityVersions.length = length
    this.#components.length = length
  }
}
