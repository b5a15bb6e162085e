import { EXPORT } from '../../abi/exports.ts'
import { type SavedState, savedState, saveState } from '../../ecs/entities/script-state.ts'
import { toScriptError } from '../../engine/trap.ts'
import { ScriptError } from '../../errors.ts'
import type { Carrier, GuestInstance } from '../../guest/guest.ts'
import type { Allowance } from '../../host/services/invocations.ts'
import type { ReloadReport } from '../api/reports.ts'
import type { Generation, Running } from '../script/generation.ts'
import { allowance, invoke, readInstanceMetadata } from '../script/invoke.ts'
import { countPages } from '../script/pages.ts'
import type { Script } from '../script/script.ts'
import { addScriptEntity, ownsEntity } from '../script/script-entity.ts'
import type { Store } from '../script/store.ts'
import { transact } from '../script/transaction.ts'
import { FirstRuns } from './first-runs.ts'
import { type Inheritance, inherit } from './inherit.ts'

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
      const firstRuns = new FirstRuns(store, script)
      const instance = firstRuns.make(generation, left)
      const metadata = readInstanceMetadata(store, generation, instance, left)
      const variables = generation.program.inherit(old.instance, instance)
      const perEntity = script.options.instances === 'entity'
      const states = perEntity ? (saved?.state as EntityStates | undefined) : undefined
      const given = perEntity ? states?.script : saved?.state
      const takes = saved !== undefined && instance.takesState(given)
      const carry = takes ? undefined : carrier?.(old.generation.program)
      const versions = { saved: saved?.version ?? 0, own: metadata?.state_version ?? 0 }
      const inheritance: Inheritance = { store, script, versions, carry, firstRuns }
      const own = inherit(inheritance, [old.instance, instance], left, takes ? { state: given } : undefined)
      const refused = given instanceof Uint8Array ? 'state and state_size' : EXPORT.setState
      const dropped = saved !== undefined && !takes ? [`state: the new code exports no ${refused}`] : []
      const entityInstances = makeEntityInstances(inheritance, generation, old, own.state === 'restored' ? states?.entities : undefined)
      // A `get_state` that fails would make the next reload fail, so it is called once before the swap.
      if (instance.roles.getState) invoke(store, instance, left, () => instance.readState())
      // A host function that the script called may have unloaded it, or reloaded it again.
      check()
      const running = { generation, instance, entityInstances, jobInstances: new Set<GuestInstance>(), metadata }
      // Memory that was carried over has grown without being counted.
      countPages(running)
      return {
        ...{ running, state: own.state, ran: firstRuns.ran },
        carried: [...variables, ...own.carried],
        dropped: [...own.dropped, ...dropped],
        warnings: [...own.warnings, ...firstRuns.warnings],
      }
    })
  } catch (error) {
    if (ownsEntity(store, script)) saveState(store.ecs.world, script.entity, before)
    throw error
  }
}

/** Creates the instances of entities. `states` are the saved ones, if that of the script's own instance was restored. */
function makeEntityInstances(
  inheritance: Inheritance,
  generation: Generation,
  old: Running,
  states: EntityStates['entities'] = {},
): Map<number, GuestInstance> {
  const instances = new Map<number, GuestInstance>()
  // The instances of all entities share one allowance.
  const left = allowance(inheritance.script)
  for (const [entity, before] of old.entityInstances) {
    const instance = inheritance.firstRuns.make(generation, left)
    generation.program.inherit(before, instance)
    const state = states[entity]
    const takes = Object.hasOwn(states, entity) && instance.takesState(state)
    inherit(inheritance, [before, instance], left, takes ? { state } : undefined, entity)
    instances.set(entity, instance)
  }
  return instances
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
