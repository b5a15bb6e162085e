import { ScriptError } from '../../errors.ts'
import { invalidOption } from '../../options.ts'
import type { WasmScriptRuntime } from '../../runtime/runtime.ts'
import { checkIdle, type Store, storeOf } from '../../runtime/script/store.ts'
import { coverageOf, type FileCoverage, functionsOf, type ProfiledFunction, type ProfiledLine, profiledLines } from './profile-report.ts'
import { profiledGame } from './profiled-game.ts'

/** A script that is profiled. */
export interface ProfiledScript {
  /** Its name. */
  readonly script: string
  /** The generation that it runs. A reload begins to count anew. */
  readonly generation: number
  /** The number of ticks that the game had completed when it began to count. */
  readonly since: number
}

/** What a profile has counted so far. */
export interface Profile {
  /** The scripts that are profiled, and from when on. */
  readonly scripts: readonly ProfiledScript[]
  /** The scripts that are not, and why. */
  readonly unprofiled: readonly { readonly script: string; readonly why: string }[]
  /**
   * Returns how often each line with a statement ran, by script and line.
   *
   * @example
   * const hottest = profiled.lines().toSorted((one, other) => other.hits - one.hits)[0]
   */
  lines(): readonly ProfiledLine[]
  /**
   * Returns the functions that the runtime called, each with those that it called, and the fuel of each. Together, they spent the fuel of the reports
   * without what is paid outside of functions, such as the price of calling a handler (`PRICES.entry`).
   *
   * @example
   * for (const { script, function: name, fuel } of profiled.functions()) console.log(script, name, fuel)
   */
  functions(): readonly ProfiledFunction[]
  /**
   * Returns which lines and functions of the source files ran: also of scripts that were unloaded meanwhile. Several of these, one
   * after the other, are one for `toLcov`.
   *
   * @example
   * await writeFile('lcov.info', toLcov(profiled.coverage()))
   */
  coverage(): readonly FileCoverage[]
  /**
   * Ends the profile: scripts run as before, and what was counted can still be read until the next profile of the runtime. Further calls do nothing.
   *
   * @throws {ScriptError} HostError while scripts are running
   * @example
   * profiled.stop()
   */
  stop(): void
}

/**
 * Counts what scripts run from now on: each line, and the fuel of each function by its callers. It changes nothing of the game: world, fuel, faults,
 * events, random numbers and state are what they would be. Scripts that are loaded or reloaded later count from their first instruction on.
 *
 * @throws {ScriptError} InvalidOptions if the runtime is profiled already; HostError while scripts are running; Disposed
 * @example
 * const profiled = await profile(runtime)
 * for (let tick = 0; tick < 600; tick++) runtime.tick(1 / 60)
 * console.log(profiled.lines(), profiled.functions())
 * profiled.stop()
 */
export async function profile(runtime: WasmScriptRuntime): Promise<Profile> {
  const store = storeOf(runtime)
  if (store.isDisposed) throw new ScriptError('Disposed', 'the runtime was disposed of; profile another')
  checkIdle(store, 'profile')
  const game = profiledGame(store)
  if (game.isActive) invalidOption('the runtime is profiled already: stop() that profile first')
  await game.start()
  return new RunningProfile(store)
}

class RunningProfile implements Profile {
  readonly #store: Store
  #isStopped = false

  constructor(store: Store) {
    this.#store = store
  }

  get scripts(): readonly ProfiledScript[] {
    return this.#codes.map(({ script, since }) => ({ script: script.name, generation: script.generationNumber, since }))
  }

  get unprofiled(): Profile['unprofiled'] {
    return profiledGame(this.#store).uncounted
  }

  lines(): readonly ProfiledLine[] {
    return this.#codes.flatMap(({ code }) => profiledLines(code))
  }

  functions(): readonly ProfiledFunction[] {
    return this.#codes.flatMap(({ code }) => functionsOf(code))
  }

  coverage(): readonly FileCoverage[] {
    return coverageOf(this.#codes.map(({ code }) => code))
  }

  stop(): void {
    if (this.#isStopped) return
    checkIdle(this.#store, 'stop')
    this.#isStopped = true
    profiledGame(this.#store).stop()
  }

  get #codes() {
    return profiledGame(this.#store).codes
  }
}
