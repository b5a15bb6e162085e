/**
 * Undoes what a script did to the world in a step that failed. While it is open, everything that changes the world
 * records how to take the change back.
 */
export class Journal {
  #undo: (() => void)[] | undefined
  #written = new Map<object, Set<number>>()

  get open(): boolean {
    return this.#undo !== undefined
  }

  /** Whether a place of an array is written for the first time in this transaction: what it was later need not be known. */
  isFirst(array: object, place: number): boolean {
    const places = this.#written.get(array) ?? new Set()
    if (places.has(place)) return false
    this.#written.set(array, places.add(place))
    return true
  }

  record(undo: () => void): void {
    this.#undo?.push(undo)
  }

  /** Runs `step`. If it throws, everything it recorded is taken back, the last first, and the error goes on. */
  transaction<Result>(step: () => Result): Result {
    const undo: (() => void)[] = []
    const outer = this.#undo
    const written = this.#written
    this.#undo = undo
    this.#written = new Map()
    try {
      return step()
    } catch (error) {
      this.#undo = undefined
      for (const takeBack of undo.reverse()) takeBackOne(takeBack)
      throw error
    } finally {
      this.#undo = outer
      this.#written = written
    }
  }
}

/** What cannot be taken back (an observer of the game's own throws, say) must not keep the rest from being taken back. */
function takeBackOne(takeBack: () => void): void {
  try {
    takeBack()
  } catch {
    // The step's own error is the one to tell of.
  }
}
