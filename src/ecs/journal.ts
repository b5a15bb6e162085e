/**
 * Undoes what a script did to the world in a step that failed. While it is open, everything that changes the world
 * records how to take the change back.
 */
export class Journal {
  #undo: (() => void)[] | undefined

  get open(): boolean {
    return this.#undo !== undefined
  }

  record(undo: () => void): void {
    this.#undo?.push(undo)
  }

  /** Runs `step`. If it throws, everything it recorded is taken back, the last first, and the error goes on. */
  transaction<Result>(step: () => Result): Result {
    const undo: (() => void)[] = []
    const outer = this.#undo
    this.#undo = undo
    try {
      return step()
    } catch (error) {
      this.#undo = undefined
      for (const takeBack of undo.reverse()) takeBackOne(takeBack)
      throw error
    } finally {
      this.#undo = outer
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
