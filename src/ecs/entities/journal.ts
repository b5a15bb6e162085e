/**
 * Undoes the changes that a script made to the world in a step that failed. While a transaction is open, every change
 * records how to undo it.
 */
export class Journal {
  #undo: (() => void)[] | undefined
  #written = new Map<object, Set<number>>()

  /** Whether a transaction is open. */
  get isOpen(): boolean {
    return this.#undo !== undefined
  }

  /** Returns whether an element is written for the first time in this transaction: later values need not be recorded. */
  isFirst(array: object, index: number): boolean {
    const indices = this.#written.get(array) ?? new Set()
    if (indices.has(index)) return false
    this.#written.set(array, indices.add(index))
    return true
  }

  /** Records how to undo a change. Does nothing outside of a transaction. */
  record(undo: () => void): void {
    this.#undo?.push(undo)
  }

  /** Runs `step`. If it throws, undoes its changes, the last first, and throws the same error. */
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
      for (const revert of undo.reverse()) tryRevert(revert)
      throw error
    } finally {
      this.#undo = outer
      this.#written = written
    }
  }
}

/** A change that cannot be undone, because an observer of the game throws for example, must not stop the others. */
function tryRevert(revert: () => void): void {
  try {
    revert()
  } catch {
    // The error of the step is the one to report.
  }
}
