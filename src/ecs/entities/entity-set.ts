/** A mark for each entity. */
export class EntityMarks {
  #bytes = new Uint8Array(64)

  has(entity: number): boolean {
    return this.#bytes[entity] === 1
  }

  /** Marks an entity. Returns `false` if it has the mark. */
  add(entity: number): boolean {
    if (this.#bytes[entity] === 1) return false
    if (entity >= this.#bytes.length) {
      const longer = new Uint8Array(Math.max(entity + 1, this.#bytes.length * 2))
      longer.set(this.#bytes)
      this.#bytes = longer
    }
    this.#bytes[entity] = 1
    return true
  }

  delete(entity: number): void {
    if (entity < this.#bytes.length) this.#bytes[entity] = 0
  }
}

/**
 * A set of entities in the order in which they were added. It is for what is filled and emptied every tick: a `Set` gives its memory back when it is emptied,
 * and takes several times as long to be filled again.
 */
export class EntitySet {
  readonly #marks = new EntityMarks()
  readonly #entities: number[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  has(entity: number): boolean {
    return this.#marks.has(entity)
  }

  add(entity: number): void {
    if (this.#marks.add(entity)) this.#entities[this.#size++] = entity
  }

  /** Returns the entities, and removes them all. */
  take(): number[] {
    const taken = this.toArray()
    this.clear()
    return taken
  }

  clear(): void {
    for (let index = 0; index < this.#size; index++) this.#marks.delete(this.#entities[index] as number)
    this.#size = 0
  }

  toArray(): number[] {
    return this.#entities.slice(0, this.#size)
  }
}
