import { EntityNumbers } from './entity-numbers.ts'

/**
 * A set of entities in the order in which they were added. It is for what is filled and emptied every tick: a `Set` gives its memory back when it is emptied,
 * and takes several times as long to be filled again.
 */
export class EntitySet {
  /** 1 for each entity of the set. */
  readonly #marks = new EntityNumbers(Uint8Array)
  #entities: number[] = []

  get entities(): readonly number[] {
    return this.#entities
  }

  has(entity: number): boolean {
    return this.#marks.of(entity) === 1
  }

  add(entity: number): void {
    if (this.has(entity)) return
    this.#marks.set(entity, 1)
    this.#entities.push(entity)
  }

  /** Returns the entities, and removes them all. */
  take(): readonly number[] {
    const taken = this.#entities
    this.#entities = []
    for (const entity of taken) this.#marks.set(entity, 0)
    return taken
  }
}
