import { entityExists, removeComponent, removeEntity, type World } from 'bitecs'
import type { EntityVersions } from './entity-versions.ts'
import type { Journal } from './journal.ts'

/**
 * What scripts ask for that waits until the script's run ends: removing an entity, or a component of one. A command
 * holds for the entity that had the id when it was given, never for a later one.
 */
export class Commands {
  readonly #world: World
  readonly #versions: EntityVersions
  readonly #journal: Journal
  readonly #entities: number[] = []
  readonly #entityVersions: number[] = []
  /** The component to remove; `undefined` removes the entity. */
  readonly #components: (object | undefined)[] = []

  /** The entities that each wish is for. */
  readonly #wished = new Map<object | undefined, Set<number>>()

  constructor(world: World, versions: EntityVersions, journal: Journal) {
    this.#world = world
    this.#versions = versions
    this.#journal = journal
  }

  get isEmpty(): boolean {
    return this.#entities.length === 0
  }

  /** Returns `false` for a command that waits already. */
  despawn(entity: number): boolean {
    return this.#push(entity, undefined)
  }

  /** Returns `false` for a command that waits already. */
  remove(entity: number, component: object): boolean {
    return this.#push(entity, component)
  }

  /**
   * Carries out what waits, in the order it was given. An error that an observer of the game throws meanwhile goes to
   * `failed`, and the next command has its turn.
   */
  flush(failed: (error: unknown) => void): void {
    for (let index = 0; index < this.#entities.length; index++) {
      const entity = this.#entities[index] as number
      // An observer that this calls may want the same again: of another entity with the id, say.
      this.#wished.get(this.#components[index])?.delete(entity)
      if (this.#versions.of(entity) !== this.#entityVersions[index] || !entityExists(this.#world, entity)) continue
      const component = this.#components[index]
      try {
        if (component === undefined) removeEntity(this.#world, entity)
        else removeComponent(this.#world, entity, component)
      } catch (error) {
        failed(error)
      }
    }
    this.#truncate(0)
  }

  #push(entity: number, component: object | undefined): boolean {
    // Of the same wish a script may have millions.
    const wished = this.#wished.get(component) ?? new Set()
    if (wished.has(entity)) return false
    this.#wished.set(component, wished.add(entity))
    const before = this.#entities.length
    if (this.#journal.open) this.#journal.record(() => this.#truncate(before))
    this.#entities.push(entity)
    this.#entityVersions.push(this.#versions.of(entity))
    this.#components.push(component)
    return true
  }

  #truncate(length: number): void {
    for (let index = length; index < this.#entities.length; index++)
      this.#wished.get(this.#components[index])?.delete(this.#entities[index] as number)
    this.#entities.length = length
    this.#entityVersions.length = length
    this.#components.length = length
  }
}
