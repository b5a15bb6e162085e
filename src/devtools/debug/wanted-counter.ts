import type { ProfiledLine } from '../../debug/index.ts'
import type { WasmScriptRuntime } from '../../index.ts'
import type { LineCounter, LineWatch, ScriptLine } from './line-counter.ts'

/** Counts how often lines run while somebody wants it: loads the code when it is first needed, and ends one count before it begins another. */
export class WantedCounter {
  readonly #runtime: WasmScriptRuntime
  readonly #isWanted: () => boolean
  readonly #watch: LineWatch
  #counter: LineCounter | undefined
  /** Counting starts and stops one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(runtime: WasmScriptRuntime, isWanted: () => boolean, watch: LineWatch) {
    this.#runtime = runtime
    this.#isWanted = isWanted
    this.#watch = watch
  }

  /** Starts to count if it is wanted, and stops it if it is not. Rejects if the runtime is profiled already. */
  update(): Promise<void> {
    this.stopUnwanted()
    const turn = this.#last.then(async () => {
      if (!this.#isWanted() || this.#counter !== undefined) return
      const { countLines } = await import('./line-counter.ts')
      this.#counter = await countLines(this.#runtime, this.#watch)
      this.stopUnwanted()
    })
    this.#last = turn.catch(() => undefined)
    return turn
  }

  stopUnwanted(): void {
    if (this.#isWanted()) return
    this.#counter?.stop()
    this.#counter = undefined
  }

  /** Notes that other lines are watched now. */
  changed(): void {
    this.#counter?.changed()
  }

  /** How often each line has run; empty while nothing is counted. */
  get lines(): readonly ProfiledLine[] {
    return this.#counter?.lines() ?? []
  }

  /** Returns the lines that breakpoints stand for: the next ones with a statement, as far as that is known. */
  place(lines: readonly ScriptLine[]): readonly ScriptLine[] {
    const counter = this.#counter
    return counter === undefined ? lines : lines.map((line) => counter.place(line))
  }
}
