import type { FloatShape } from '../format/floats.ts'

/**
 * Which locals may hold a NaN whose bits the engine chose. A local that is set from arithmetic alone may: it is made canonical
 * where its bits are read. A local that is also set to other floats, which keep their bits, may not: results of arithmetic are
 * made canonical before they are set, unless the bits of the local are never read. Locals that are copied to each other are treated alike.
 */
export class FloatLocals {
  readonly #parents = new Map<number, number>()
  /** By representative: the shape of arithmetic that was set, or `undefined` if there were several, or other floats. */
  readonly #shapes = new Map<number, FloatShape | undefined>()

  /** The representatives of locals whose bits are read. */
  readonly #shown = new Set<number>()

  /** Notes that a local is set to a result of arithmetic; without a shape, to a float whose bits are kept. */
  set(local: number, shape?: FloatShape): void {
    this.#note(this.#find(local), shape)
  }

  /** Notes that one of the locals is set to the other. */
  copy(one: number, other: number): void {
    const [from, to] = [this.#find(one), this.#find(other)]
    if (from === to) return
    this.#parents.set(from, to)
    if (this.#shapes.has(from)) this.#note(to, this.#shapes.get(from))
  }

  /** Notes that the bits of a local are read. Call it when all else is noted. */
  show(local: number): void {
    this.#shown.add(this.#find(local))
  }

  /** Returns whether the bits of a local are read. */
  isShown(local: number): boolean {
    return this.#shown.has(this.#find(local))
  }

  /** Returns the shape of a local that may hold a NaN whose bits the engine chose. Call it when all is noted. */
  chosen(local: number): FloatShape | undefined {
    return this.#shapes.get(this.#find(local))
  }

  #note(representative: number, shape: FloatShape | undefined): void {
    const isSame = !this.#shapes.has(representative) || this.#shapes.get(representative) === shape
    this.#shapes.set(representative, isSame ? shape : undefined)
  }

  /** Returns the representative of a local, and halves the way to it: in a long chain of copies, each search would take as long as the chain. */
  #find(local: number): number {
    const parents = this.#parents
    let found = local
    for (let parent = parents.get(found); parent !== undefined; parent = parents.get(found)) {
      const above = parents.get(parent)
      if (above !== undefined) parents.set(found, above)
      found = above ?? parent
    }
    return found
  }
}
