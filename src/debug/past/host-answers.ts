import { ScriptError } from '../../errors.ts'
import type { HostInput } from '../../runtime/api/input-log.ts'
import type { LoggedCall } from './host-log.ts'
import type { Moments } from './moments.ts'

/** Answers calls of host functions with what they returned when the game ran. */
export class HostAnswers {
  /** The number of the next call. */
  calls = 0
  /** Whether a host function was called that was not called then. */
  hasParted = false
  readonly #moments: Moments
  readonly #play: (input: HostInput) => Promise<unknown>

  /** `play` does what a host function did to the game. */
  constructor(moments: Moments, play: (input: HostInput) => Promise<unknown>) {
    this.#moments = moments
    this.#play = play
  }

  /** Goes to a call. */
  moveTo(calls: number): void {
    this.calls = calls
    this.hasParted = false
  }

  /** Returns what a host function returned then, after it did what it did then. */
  answer(script: string, name: string): unknown {
    const logged: LoggedCall | undefined = this.#moments.hosts?.at(this.calls)
    if (logged === undefined || logged.script !== script || logged.name !== name) {
      this.hasParted = true
      throw new ScriptError('HostError', `${name} was not called at this point when the game ran`)
    }
    this.calls++
    for (const { ...did } of logged.did ?? []) {
      // While scripts run, all that it may be is done at once.
      void this.#play(did).catch((error) => {
        if (!(error instanceof ScriptError)) this.hasParted = true
      })
    }
    if (logged.error !== undefined) throw logged.error.thrown
    return logged.result
  }
}
