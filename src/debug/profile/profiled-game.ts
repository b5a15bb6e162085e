import type { Reserve } from '../../ecs/components/reserve.ts'
import { ScriptError } from '../../errors.ts'
import type { Generation, Running } from '../../runtime/script/generation.ts'
import { install, type Script } from '../../runtime/script/script.ts'
import { checkIdle, type Store } from '../../runtime/script/store.ts'
import { countingReserve } from './counters.ts'
import { CountedCode } from './profiled-code.ts'

/** A script that is counted, and what of it. */
interface ProfiledScript {
  /** The code of its generations, the latest last. */
  codes: CountedCode[]
  /** Why the code of a generation does not count. */
  readonly why: WeakMap<Generation, string>
}

const games = new WeakMap<Store, ProfiledGame>()

/** Returns what is known of the profiles of a runtime. */
export function profiledGame(store: Store): ProfiledGame {
  const game = games.get(store) ?? new ProfiledGame(store)
  games.set(store, game)
  return game
}

/**
 * The scripts of a runtime with code that counts. It stays with the generation after a profile, for the next one: a snapshot that was taken
 * meanwhile has instances of it.
 */
export class ProfiledGame {
  readonly #store: Store
  readonly #reserve: Reserve
  readonly #codes = new WeakMap<Generation, CountedCode>()
  readonly #since = new WeakMap<CountedCode, number>()
  #scripts = new Map<Script, ProfiledScript>()
  #isActive = false

  constructor(store: Store) {
    this.#store = store
    this.#reserve = countingReserve(store.ecs.components.reserve)
    store.emitter.on('restore', () => this.#settle(), { passive: true })
  }

  get isActive(): boolean {
    return this.#isActive
  }

  /** Makes all scripts count from 0, and those that are loaded from now on. */
  async start(): Promise<void> {
    const store = this.#store
    this.#isActive = true
    this.#scripts = new Map()
    store.countRuns = (script, generation) => this.#open(script, generation)
    try {
      for (const script of [...store.scripts]) if (script.running !== undefined) await this.#open(script, script.running.generation)
      checkIdle(store, 'profile')
      this.#settle()
    } catch (error) {
      this.stop()
      throw error
    }
  }

  /** Makes all scripts run as before. What was counted stays. */
  stop(): void {
    this.#isActive = false
    this.#store.countRuns = undefined
    for (const { codes } of this.#scripts.values()) for (const code of codes) if (!code.isDisposed) code.use(false)
    this.#settle()
  }

  /** The code that each script runs, and the tick from which on it counts. A script that is gone has what it ran last. */
  get codes(): readonly { readonly script: Script; readonly code: CountedCode; readonly since: number }[] {
    return [...this.#scripts].flatMap(([script, profiled]) => {
      const running = script.running?.generation
      const code = running === undefined ? lastOf(profiled.codes) : profiled.codes.find(({ generation }) => generation === running)
      return code === undefined ? [] : [{ script, code, since: this.#since.get(code) ?? 0 }]
    })
  }

  /** The scripts that do not count, and why. */
  get uncounted(): readonly { readonly script: string; readonly why: string }[] {
    return [...this.#scripts].flatMap(([{ name, running }, { why }]) => {
      const reason = running && why.get(running.generation)
      return reason === undefined ? [] : [{ script: name, why: reason }]
    })
  }

  /** Opens the code of a generation, which may not run yet. */
  async #open(script: Script, generation: Generation): Promise<void> {
    const store = this.#store
    // A module that is only checked does not belong to the game.
    if (!store.scripts.includes(script)) return
    const profiled = this.#scripts.get(script) ?? { codes: [], why: new WeakMap() }
    this.#scripts.set(script, profiled)
    try {
      const code = this.#codes.get(generation) ?? (await CountedCode.open(store, this.#reserve, script, generation))
      this.#codes.set(generation, code)
      this.#since.set(code, store.clock.tick)
      code.clear()
      profiled.codes = [...profiled.codes.filter((each) => each !== code && !each.isDisposed), code]
      // One that runs gets it with its instances.
      if (script.running?.generation !== generation) code.use(this.#isActive)
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      profiled.why.set(generation, error.detail)
    }
  }

  /** Gives each script instances of the code that it should run, with the state of those that it has. */
  #settle(): void {
    for (const [script, { why }] of this.#scripts) {
      const { running } = script
      const code = running && this.#codes.get(running.generation)
      if (running === undefined || code === undefined || code.isDisposed || why.has(running.generation)) continue
      code.use(this.#isActive)
      if (this.#convert(script, running, code)) continue
      why.set(running.generation, 'its state cannot be moved to code that counts: reload it while the profile runs')
      code.use(false)
    }
  }

  /** Returns whether all instances could be replaced. None is if one could not. */
  #convert(script: Script, running: Running, code: CountedCode): boolean {
    const { isCounting } = code
    const convert = (instance: Running['instance']): Running['instance'] | undefined =>
      code.counts(instance) === isCounting || this.#store.renewal?.isTrapped(instance) === true ? instance : code.convert(instance)
    const instance = convert(running.instance)
    const entities = [...running.entityInstances].map(([entity, each]) => [entity, convert(each)] as const)
    if (instance === undefined || entities.some(([, each]) => each === undefined)) return false
    for (const [entity, each] of entities) if (each !== undefined) running.entityInstances.set(entity, each)
    if (instance !== running.instance) install(script, { ...running, instance })
    return true
  }
}

/** Returns the last code that ran, or the last of all. */
function lastOf(codes: readonly CountedCode[]): CountedCode | undefined {
  return codes.findLast((code) => code.counted().functions.length > 0) ?? codes.at(-1)
}
