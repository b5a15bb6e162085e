import { EXPORT } from '../../abi/exports.ts'
import { PRICES } from '../../abi/prices.ts'
import { ArrayReuse } from '../../array-image.ts'
import { toScriptError } from '../../engine/trap.ts'
import { withContext } from '../../errors.ts'
import type { GuestInstance, Program } from '../../guest/guest.ts'
import type { InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { Running } from './generation.ts'
import { countPages, makeCounted, releasePages } from './pages.ts'
import { install, type Script } from './script.ts'
import { afterStep } from './step.ts'
import type { Renewal, Store } from './store.ts'

/*
 * A trap leaves an instance in the middle of what it did: a list half written, a lock held. If its guest cannot resume, a new instance takes its
 * place, with the state that the old one had when the tick began: no call was in progress then. There is no such state for a trap between two
 * ticks, in a call of the game, nor for the instance of an entity: the new instance then gets the state that the trap left.
 */

const keepers = new WeakMap<Script, ArrayReuse>()
/** The states that instances had when the current tick began. */
const begun = new WeakMap<GuestInstance, InstanceImage>()
/** Instances that trapped and are not replaced yet. */
const trapped = new WeakSet<GuestInstance>()

/** Keeps the state of a script's instance, as a tick begins. The script pays for the copy. */
function keepState(script: Script): void {
  const { running, status, options } = script
  if (running === undefined || status !== 'active' || options.instances === 'entity') return
  const { instance, generation } = running
  if (generation.program.capabilities.resumes || !isCalledInTicks(instance, generation.program, options)) return
  const keeper = keepers.get(script) ?? new ArrayReuse()
  keepers.set(script, keeper)
  script.fuel -= PRICES.keptPage * instance.pages
  begun.set(instance, instance.state.save('', keeper))
}

/** Forgets the state that {@link keepState} kept, as the tick ends. */
function forgetState({ running }: Script): void {
  if (running !== undefined) begun.delete(running.instance)
}

/** Returns whether an instance trapped that must not run again. */
function isTrapped(instance: GuestInstance): boolean {
  return trapped.has(instance)
}

/** Replaces the instance that trapped by a new one, if its guest does not resume: the instance of an entity, or that of the script. */
function renewInstance(store: Store, script: Script, entity: number | undefined): void {
  const { running, options } = script
  if (running === undefined || running.generation.program.capabilities.resumes) return
  const owner = options.instances === 'entity' ? entity : undefined
  const old = instanceOf(running, owner)
  if (old === undefined) return
  trapped.add(old)
  const kept = begun.get(old)
  if (!store.invocations.runs(old.meter)) {
    const made = replace(store, script, old, owner, kept)
    if (made !== undefined && kept !== undefined) begun.set(made, kept)
  } else afterStep(store, () => void replace(store, script, old, owner, kept))
}

/** Replaces an instance, unless something else has replaced it. Without room for a new one, the script stops. */
function replace(
  store: Store,
  script: Script,
  old: GuestInstance,
  entity: number | undefined,
  kept: InstanceImage | undefined,
): GuestInstance | undefined {
  const { running } = script
  if (running === undefined || instanceOf(running, entity) !== old) return undefined
  const { program } = running.generation
  script.fuel -= program.instancePrice
  releasePages(program, old)
  try {
    const image = kept ?? old.state.save()
    const made = makeCounted(program)
    made.state.restore(image)
    if (entity === undefined) install(script, { ...running, instance: made })
    else running.entityInstances.set(entity, made)
    return made
  } catch (cause) {
    script.status = 'faulted'
    script.fault = withContext(toScriptError(cause), { script: script.name, scriptId: script.id })
    store.emitter.queue('error', script.fault)
    return undefined
  } finally {
    if (script.running !== undefined) countPages(script.running)
  }
}

function instanceOf({ instance, entityInstances }: Running, entity: number | undefined): GuestInstance | undefined {
  return entity === undefined ? instance : entityInstances.get(entity)
}

function isCalledInTicks(instance: GuestInstance, program: Program, { hooks, every, actor }: Script['options']): boolean {
  const { tick, update, onAttach, onDetach, onResponse, handlers } = instance.roles
  return (
    [tick, update, onAttach, onDetach, onResponse].some((role) => role !== undefined) ||
    actor !== undefined ||
    handlers.size + hooks.length + every.length > 0 ||
    [EXPORT.handleMessage, EXPORT.handleCallback].some((name) => program.takesJson(name))
  )
}

export const RENEWAL: Renewal = { keepState, forgetState, isTrapped, renewInstance }
