import type { GuestInstance } from '../../guest/guest.ts'
import type { Allowance } from '../../host/services/invocations.ts'
import type { Generation } from '../script/generation.ts'
import { invoke, makeInstance } from '../script/invoke.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'

/** Runs what a script runs first: its start function and its `init`. Records what ran, and how many entities that spawned. */
export class FirstRuns {
  readonly #store: Store
  readonly #script: Script
  readonly #spawned = { start: 0, init: 0 }
  #isInitialized = false
  #entities = 0

  constructor(store: Store, script: Script) {
    this.#store = store
    this.#script = script
  }

  /** Creates an instance and runs its start function. */
  make(generation: Generation, left: Allowance): GuestInstance {
    return this.#count('start', () => makeInstance(this.#store, generation, left))
  }

  /** Calls `init` of the script's own instance, or of that of an entity. */
  init(instance: GuestInstance, left: Allowance, entity?: number): void {
    if (!instance.roles.init) return
    this.#count('init', () => invoke(this.#store, instance, left, () => instance.init(this.#script.config)))
    if (entity === undefined) this.#isInitialized = true
    else this.#entities++
  }

  get ran(): string[] {
    const entities = this.#entities === 0 ? [] : [`init of ${this.#entities} ${this.#entities === 1 ? 'entity' : 'entities'}`]
    return [...(this.#isInitialized ? ['init'] : []), ...entities]
  }

  get warnings(): string[] {
    const { start, init } = this.#spawned
    const warning = (what: string, count: number): string[] =>
      count === 0 ? [] : [`${what} ran again and spawned ${count} ${count === 1 ? 'entity' : 'entities'}, beside those of its first run`]
    return [...warning('the start function', start), ...warning('init', init)]
  }

  #count<Result>(what: 'start' | 'init', run: () => Result): Result {
    const before = this.#script.spawned
    const result = run()
    this.#spawned[what] += this.#script.spawned - before
    return result
  }
}
