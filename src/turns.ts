/** Does asynchronous work one after the other. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Does work once all that was given before has ended. Resolves and rejects as the work does. */
  next<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  /** Resolves when all that was given so far has ended. */
  async ended(): Promise<void> {
    await this.#last
  }
}
