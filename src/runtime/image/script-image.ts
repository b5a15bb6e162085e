import { entityExists, removeEntity } from 'bitecs'
import type { ArrayKeeper } from '../../array-image.ts'
import type { HooksImage } from '../../ecs/entities/hooks.ts'
import { toScriptError } from '../../engine/trap.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import type { InstanceImage } from '../../wasm/instance/instance-state.ts'
import { isReplayBeginning } from '../api/input-log.ts'
import type { ScriptRestore } from '../api/reports.ts'
import { onCopy } from '../script/copy.ts'
import type { Generation, Running } from '../script/generation.ts'
import { allowance, invoke, passState } from '../script/invoke.ts'
import { countPages } from '../script/pages.ts'
import { install, type Script } from '../script/script.ts'
import { addScriptEntity } from '../script/script-entity.ts'
import { reportObserver } from '../script/step.ts'
import type { Store } from '../script/store.ts'
import type { HeldInstance, ScriptImage } from './game-image.ts'

/** Returns the image of a script; `undefined` while it is loading. */
export function captureScript(script: Script, maxId: number, keeper: ArrayKeeper): ScriptImage | undefined {
  const { running } = script
  if (running === undefined) return undefined
  const { generation, instance, entityInstances, metadata } = running
  const path = `script ${script.id}`
  const hold = (held: GuestInstance, name: string): HeldInstance => ({ instance: held, image: held.state.save(name, keeper) })
  return {
    id: script.id,
    name: script.name,
    tag: script.attachment.tag,
    generation,
    generationNumber: script.generationNumber,
    status: script.status,
    fault: script.fault,
    metadata,
    url: script.url,
    entity: script.entity,
    entityVersion: script.entityVersion,
    random: script.random.save(),
    attachment: script.attachment.save(path, maxId, keeper),
    ...(script.hooks !== undefined && { hooks: script.hooks.save(path, keeper) }),
    ...(script.config !== script.options.config && { config: { value: script.config } }),
    ...(script.services !== undefined && { services: script.services.save(path, keeper) }),
    restarts: [...script.restarts],
    isPaused: script.isPaused,
    results: generation.queries.save(path, keeper),
    own: hold(instance, path),
    entities: new Map([...entityInstances].map(([entity, held]) => [entity, hold(held, `${path} entity ${entity}`)])),
  }
}

/** Restores the state of a script, but not its code. If the code has changed since, the state is converted if possible. */
export function restoreScript(store: Store, script: Script, image: ScriptImage): ScriptRestore {
  script.entity = image.entity
  script.entityVersion = image.entityVersion
  script.random.restore(image.random)
  script.restarts = [...image.restarts]
  script.isPaused = image.isPaused
  // A replay that begins goes on with what waits: the recording has the answers.
  script.services?.restore(image.services, isReplayBeginning(store))
  restoreConfig(script, image)
  const { running } = script
  if (running !== undefined && running.generation === image.generation) return restoreInstances(store, script, running, image)
  return convertState(store, script, image)
}

/** Restores the config, unless the current code needs what that config has not. */
function restoreConfig(script: Script, { config }: ScriptImage): void {
  const value = config === undefined ? script.options.config : config.value
  try {
    script.running?.generation.services?.checkConfig(value)
    script.config = value
  } catch {
    // It throws nothing else.
  }
}

/** Restores the code and the state of a script. */
export function restoreCode(store: Store, script: Script, image: ScriptImage): ScriptRestore {
  const { running } = script
  const { generation, metadata } = image
  if (running !== undefined && generation !== undefined) install(script, { ...running, generation, metadata })
  script.generationNumber = image.generationNumber
  script.url = image.url
  return restoreScript(store, script, image)
}

/** Detaches a script that was loaded after the restored moment from all entities. Call it after observers were notified. */
export function forgetWorld(store: Store, script: Script): void {
  script.running?.entityInstances.clear()
  if (script.running !== undefined) countPages(script.running)
  // Its tag may have belonged to a script that was unloaded since.
  script.attachment.clear((cause) => reportObserver(store, cause))
  script.hooks?.restore(NOTHING)
  if (script.entity !== 0) addScriptEntity(store, script)
}

/** Removes the restored entity of a script that was unloaded since. */
export function removeMissing({ ecs }: Store, { entity, entityVersion }: ScriptImage): void {
  if (entityExists(ecs.world, entity) && ecs.versions.of(entity) === entityVersion) removeEntity(ecs.world, entity)
}

/** The image of hooks that nothing has happened to. */
const NOTHING: HooksImage = { waiting: [], columns: [] }

/** Restores attachments, hooks and query results. Call it after observers were notified, whose changes it would otherwise record. */
export function restoreAttachment(script: Script, image: ScriptImage): void {
  script.attachment.restore(image.attachment)
  script.hooks?.restore(image.hooks ?? NOTHING)
  const generation = script.running?.generation
  if (generation !== undefined && generation === image.generation) generation.queries.restore(image.results)
}

function restoreInstances(store: Store, script: Script, running: Running, image: ScriptImage): ScriptRestore {
  const { generation, entityInstances } = running
  script.status = image.status
  script.fault = image.fault
  const lost = new Set<number>()
  const restored = ({ instance, image: state, lost: known }: HeldInstance): GuestInstance => {
    if (instance !== undefined && known !== undefined) {
      for (const index of known) lost.add(index)
      return instance
    }
    const isUsable = instance !== undefined && store.renewal?.isTrapped(instance) !== true && instance.state.canHold(state)
    const target = isUsable ? instance : generation.program.instantiate()
    for (const index of target.state.restore(state)) lost.add(index)
    return target
  }
  const now = { ...running, instance: restored(image.own) }
  install(script, now)
  entityInstances.clear()
  for (const [entity, held] of image.entities) entityInstances.set(entity, restored(held))
  countPages(now)
  if (lost.size === 0) return { script: script.name, state: 'restored' }
  return {
    script: script.name,
    state: 'restored',
    detail: `functions ${[...lost].join(', ')} in its tables are null, because they are not exported`,
  }
}

/**
 * Returns the result of `get_state`, called on a copy of an instance. Its effects on the world are rolled back. Throws the
 * errors of `get_state`.
 */
export function readStateOfCopy(store: Store, script: Script, generation: Generation, image: InstanceImage): unknown {
  return onCopy(store, script, generation, image, (copy) => invoke(store, copy, allowance(script), () => copy.readState()))
}

/** Passes the state of a script that was reloaded since from `get_state` of the old code to `set_state` of the current code. */
function convertState(store: Store, script: Script, image: ScriptImage): ScriptRestore {
  const { running, name } = script
  const kept = (detail: string): ScriptRestore => ({ script: name, state: 'kept', detail })
  if (running === undefined) return kept('it is still loading')
  const { instance } = running
  if (script.options.instances === 'entity') return kept('it has other code now, and each of its entities has a state of its own')
  try {
    const state = stateOf(store, script, image)
    if (state === undefined || !instance.takesState(state.value))
      return kept('it has other code now, and no get_state or set_state to carry its state')
    const versions = { saved: state.version ?? 0, own: running.metadata?.state_version ?? 0 }
    const left = allowance(script)
    const mismatch = invoke(store, instance, left, () => instance.mismatch(state.value, versions))
    if (mismatch !== undefined) return kept(`it has other code now, and its state does not fit: ${mismatch}`)
    passState(store, script, instance, left, state.value, versions)
    return { script: name, state: 'converted' }
  } catch (error) {
    return kept(`it has other code now, and its state could not be carried over: ${toScriptError(error).detail}`)
  }
}

/** Returns the result of `get_state` of the code in the image; `undefined` if that code does not export it. */
function stateOf(
  store: Store,
  script: Script,
  image: ScriptImage,
): { readonly value: unknown; readonly version: number | undefined } | undefined {
  const { generation, own } = image
  if (generation === undefined) return 'state' in image ? { value: image.state, version: image.stateVersion } : undefined
  if (own.instance?.roles.getState !== true) return undefined
  const { program } = generation
  try {
    const before = program.instantiate()
    before.state.restore(own.image)
    return { value: invoke(store, before, allowance(script), () => before.readState()), version: image.metadata?.state_version }
  } finally {
    // It may be a generation that was disposed of.
    program.settle?.()
  }
}
