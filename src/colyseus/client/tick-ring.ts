/** The entries of the last ticks. Holds at most `size` of them, so its memory is bounded however long a server is silent. */
export class TickRing<Entry> {
  readonly #entries: ({ readonly tick: number; readonly entry: Entry } | undefined)[]

  constructor(size: number) {
    this.#entries = new Array(size)
  }

  /** How many ticks it holds at most. */
  get size(): number {
    return this.#entries.length
  }

  /** Enters a tick, in place of the one that is `size` ticks older. */
  set(tick: number, entry: Entry): void {
    this.#entries[tick % this.size] = { tick, entry }
  }

  /** Returns the entry of a tick; `undefined` if it was not entered, or was replaced. */
  get(tick: number): Entry | undefined {
    const found = this.#entries[tick % this.size]
    return found?.tick === tick ? found.entry : undefined
  }

  /** Returns the newest tick at or before `tick` whose entry passes, with its entry. */
  latest(tick: number, passes: (entry: Entry) => boolean): readonly [number, Entry] | undefined {
    for (let at = tick; at > tick - this.size && at >= 0; at--) {
      const entry = this.get(at)
      if (entry !== undefined && passes(entry)) return [at, entry]
    }
    return undefined
  }

  /** Forgets all ticks before `tick`. */
  dropBefore(tick: number): void {
    for (const [index, found] of this.#entries.entries()) {
      if (found !== undefined && found.tick < tick) this.#entries[index] = undefined
    }
  }

  clear(): void {
    this.#entries.fill(undefined)
  }
}
