import { ScriptError } from '../../errors.ts'
import type { HostInput } from '../api/input-log.ts'
import type { TickReport } from '../api/reports.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import { dropLateCalls } from '../script/late-calls.ts'
import { type Store, storeOf } from '../script/store.ts'
import type { CodeBounds } from './recorded-code.ts'
import { isSameInput, playInput } from './replay-input.ts'

/** Inputs that are to be played, in order. */
export interface Upcoming {
  /** Returns the next input; `undefined` if there is none now. */
  readonly peek: () => HostInput | undefined
  /** Called when the next input was played. */
  readonly advance: () => void
}

/** Throws `InvalidOptions` if inputs are being played on the runtime already. */
export function checkNotPlayed({ isReplayed }: Store): void {
  if (isReplayed) throw new ScriptError('InvalidOptions', 'inputs are being played on the runtime already: end() that first')
}

/**
 * Plays inputs on a runtime that refuses all others until the end. A listener of the game may do what is next among them, since it did so when
 * they were recorded.
 */
export class Playback {
  readonly #runtime: WasmScriptRuntime
  readonly #store: Store
  readonly #bounds: CodeBounds
  readonly #inputs: Upcoming
  /** The input that is being played, until the runtime records it. */
  #own: HostInput | undefined
  #played = 0
  #isEnded = false

  /** Call it after the game was restored to the moment at which the inputs begin, with `isReplayed` set. */
  constructor(runtime: WasmScriptRuntime, bounds: CodeBounds, inputs: Upcoming) {
    this.#runtime = runtime
    this.#store = storeOf(runtime)
    this.#bounds = bounds
    this.#inputs = inputs
    this.#store.guard = (given) => this.#accept(given)
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Plays an input, the next one. Resolves with the report of a tick. An input that failed fails again, with the same effects. */
  async play(input: HostInput): Promise<TickReport | undefined> {
    const before = this.#played
    let report: TickReport | undefined
    // While a script is read, the host may do something else.
    this.#own = input.kind === 'load' || input.kind === 'reload' ? undefined : input
    try {
      const result = await playInput(this.#runtime, input, this.#bounds)
      if (input.kind === 'tick') report = result as TickReport
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
    } finally {
      this.#own = undefined
    }
    // It failed before it was an input of this runtime.
    if (this.#played === before) this.#advance()
    return report
  }

  /** Lets the runtime accept any input again. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    const store = this.#store
    store.guard = undefined
    store.isReplayed = false
    // Their answers would have been among the inputs.
    dropLateCalls(store, 'the replay ended')
    for (const { services } of store.scripts) services?.http.abandon('the replay ended before there was an answer')
    store.jobs?.end('replayed')
  }

  #accept(given: HostInput): void {
    const isOwn = given.kind === this.#own?.kind
    this.#own = undefined
    const next = this.#inputs.peek()
    if (next === undefined || !(isOwn || isSameInput(given, next)))
      throw new ScriptError('HostError', `recorded inputs are being played, and '${given.kind}' is not the next of them`)
    this.#advance()
  }

  #advance(): void {
    this.#played++
    this.#inputs.advance()
  }
}
