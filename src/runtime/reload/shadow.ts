import { type SavedState, savedState, saveState } from '../../ecs/entities/script-state.ts'
import { toScriptError } from '../../engine/trap.ts'
import { ScriptError } from '../../errors.ts'
import type { Carrier, GuestInstance, StateVersions } from '../../guest/guest.ts'
import type { Allowance } from '../../host/services/invocations.ts'
import type { ReloadReport } from '../api/reports.ts'
import type { Generation, Running } from '../script/generation.ts'
import { allowance, invoke, makeInstance, passState, readInstanceMetadata } from '../script/invoke.ts'
import { countPages } from '../script/pages.ts'
import type { Script } from '../script/script.ts'
import { addScriptEntity, ownsEntity } from '../script/script-entity.ts'
import type { Store } from '../script/store.ts'
import { transact } from '../script/transaction.ts'

/** A new generation before the swap, and what became of the state. */
interface Shadow extends Pick<ReloadReport, 'state' | 'carried' | 'dropped' | 'ran' | 'warnings'> {
  readonly running: Running
}

/** The state that `ScriptState` holds with `instances: 'entity'`: that of the script's own instance, and of each entity's. */
interface EntityStates {
  readonly script: unknown
  readonly entities: Readonly<Record<string, unknown>>
}

/** Creates the new instances and passes them the state of the old ones, in one transaction. */
export function makeShadow(store: Store, script: Script, generation: Generation, carrier: Carrier | undefined, check: () => void): Shadow {
  if (!ownsEntity(store, script)) addScriptEntity(store, script)
  const old = script.running as Running
  const before = savedState(store.ecs.world, script.entity)
  try {
    return transact(store, script, [...generation.program.written, ...old.generation.program.written], () => {
      const saved = saveOld(store, script, old, before, check)
      const left = allowance(script)
      const starts = new FirstRuns(store, script)
      const instance = starts.make(generation, left)
      const metadata = readInstanceMetadata(store, generation, instance, left)
      const inherited = generation.program.inherit(old.instance, instance)
      const versions = { saved: saved?.version ?? 0, own: metadata?.state_version ?? 0 }
      const perEntity = script.options.instances === 'entity'
      const states = perEntity ? (saved?.state as EntityStates | undefined) : undefined
      const given = perEntity ? states?.script : saved?.state
      const takes = saved !== undefined && instance.takesState(given)
      const mismatch = takes ? mismatchOf(store, instance, left, given, versions) : undefined
      const isRestored = takes && mismatch === undefined
      // If the state does not fit, the memory that holds it is not carried over instead.
      const carry = takes ? undefined : carrier?.(old.generation.program)
      const preserved = carry?.(old.instance, instance)
      const isPreserved = preserved !== undefined && preserved.carried.length > 0
      const { carried, dropped, warnings } = {
        carried: [...inherited, ...(preserved?.carried ?? [])],
        dropped: [...(preserved?.dropped ?? [])],
        warnings: [...(preserved?.warnings ?? [])],
      }
      if (isRestored) {
        if (passState(store, script, instance, left, given, versions)) carried.push(`state, ${(given as Uint8Array).length} bytes`)
      } else if (!isPreserved) starts.init(instance, left)
      if (mismatch !== undefined) {
        dropped.push(`state: ${mismatch}`)
        warnings.push(`the state began anew, because ${mismatch}; a module that exports migrate_state can convert it`)
      } else if (saved !== undefined && !takes) {
        dropped.push(`state: the new code exports no ${given instanceof Uint8Array ? 'state and state_size' : 'set_state'}`)
      }
      const entityInstances = new Map<number, GuestInstance>()
      // The instances of all entities share one allowance.
      const leftForEntities = allowance(script)
      for (const [entity, before] of old.entityInstances) {
        const own = starts.make(generation, leftForEntities)
        generation.program.inherit(before, own)
        const state = states?.entities[entity]
        const fits = isRestored && Object.hasOwn(states?.entities ?? {}, entity) && own.takesState(state)
        if (fits && mismatchOf(store, own, leftForEntities, state, versions) === undefined) {
          passState(store, script, own, leftForEntities, state, versions)
        } else if (carry === undefined || carry(before, own).carried.length === 0) starts.init(own, leftForEntities, entity)
        entityInstances.set(entity, own)
      }
      // A `get_state` that fails would make the next reload fail, so it is called once before the swap.
      if (instance.roles.getState) invoke(store, instance, left, () => instance.readState())
      // A host function that the script called may have unloaded it, or reloaded it again.
      check()
      const state = isRestored ? 'restored' : isPreserved ? 'preserved' : 'reset'
      const running = { generation, instance, entityInstances, jobInstances: new Set<GuestInstance>(), metadata }
      // Memory that was carried over has grown without being counted.
      countPages(running)
      return { running, state, carried, dropped, ran: starts.ran, warnings: [...warnings, ...starts.warnings] }
    })
  } catch (error) {
    if (ownsEntity(store, script)) saveState(store.ecs.world, script.entity, before)
    throw error
  }
}

function mismatchOf(store: Store, instance: GuestInstance, left: Allowance, state: unknown, versions: StateVersions): string | undefined {
  return invoke(store, instance, left, () => instance.mismatch(state, versions))
}

/** Runs what a script runs first: its start function and its `init`. Records what ran, and how many entities that spawned. */
class FirstRuns {
  readonly #store: Store
  readonly #script: Script
  readonly #spawned = { start: 0, init: 0 }
  #isInitialized = false
  #entities = 0

  constructor(store: Store, script: Script) {
    this.#store = store
    this.#script = script
  }

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

/** Saves the state of the old generation in `ScriptState`. If it has faulted and `get_state` fails, returns the last saved state. */
function saveOld(
  store: Store,
  script: Script,
  running: Running,
  before: SavedState | undefined,
  check: () => void,
): SavedState | undefined {
  if (!running.instance.roles.getState) return undefined
  let state: unknown
  try {
    state = readStates(store, script, running)
  } catch (error) {
    if (script.status === 'faulted') return before
    const what = `generation ${script.generationNumber}, which is running, cannot save its state`
    const { detail, code, ...context } = toScriptError(error)
    throw new ScriptError(code, `${what}: ${detail}. To go on without its state, unload the script and load it again`, {
      ...context,
      cause: error,
    })
  }
  check()
  const version = running.metadata?.state_version
  const saved: SavedState = { state, generation: script.generationNumber, ...(version !== undefined && { version }) }
  saveState(store.ecs.world, script.entity, saved)
  return saved
}

function readStates(store: Store, script: Script, { instance, entityInstances }: Running): unknown {
  const read = (own: GuestInstance, left: Allowance): unknown => invoke(store, own, left, () => own.readState())
  const own = read(instance, allowance(script))
  if (script.options.instances === 'shared') return own
  const left = allowance(script)
  const entities: Record<string, unknown> = {}
  for (const [entity, each] of entityInstances) entities[entity] = read(each, left)
  return { script: own, entities } satisfies EntityStates
}
