import { entityExists, removeEntity } from 'bitecs'
import type { Limits } from '../../abi/limits.ts'
import type { ArrayKeeper } from '../../array-image.ts'
import { toScriptError } from '../../engine/trap.ts'
import { ScriptInstance } from '../../guest/script/instance.ts'
import { type Generation, writtenInPlace } from '../../guest/script/program.ts'
import type { InstanceImage } from '../../wasm/instance/instance-state.ts'
import { giveState, type Script } from '../script/script.ts'
import { type Store, giveEntity, dryRun, rethrow } from '../script/store.ts'
import type { HeldInstance, ScriptImage } from './game-image.ts'

/** How a script came out of a restore. */
export interface ScriptRestore {
  readonly script: string
  /**
   * `restored`: it is what it was. `converted`: it was reloaded since, and its state went from `get_state` of the code it had to
   * `set_state` of the code it has. `kept`: it was reloaded since, and its state is that of now. `new`: it was loaded
   * since, and runs on nothing. `missing`: it was unloaded since.
   */
  readonly state: 'restored' | 'converted' | 'kept' | 'new' | 'missing'
  /** What could not be put back, if anything. */
  readonly detail?: string
}

/** The image of a script that is loaded; `undefined` of one that is still loading. */
export function captureScript(script: Script, maxId: number, keeper: ArrayKeeper): ScriptImage | undefined {
  const { generation, instance } = script
  if (generation === undefined || instance === undefined) return undefined
  const path = `script ${script.id}`
  const hold = (held: ScriptInstance, name: string): HeldInstance => ({ instance: held, image: held.state.save(name, keeper) })
  return {
    id: script.id,
    name: script.name,
    tag: script.attachment.tag,
    generation,
    generationNumber: script.generationNumber,
    status: script.status,
    fault: script.fault,
    metadata: script.metadata,
    url: script.url,
    entity: script.entity,
    entityVersion: script.entityVersion,
    random: script.random.save(),
    attachment: script.attachment.save(path, maxId, keeper),
    results: generation.queries.save(path, keeper),
    own: hold(instance, path),
    entities: new Map([...script.entityInstances].map(([entity, held]) => [entity, hold(held, `${path} entity ${entity}`)])),
  }
}

/** Puts a script back, its code aside: one that has other code now is given the state as far as that goes. */
export function restoreScript(store: Store, script: Script, image: ScriptImage): ScriptRestore {
  script.entity = image.entity
  script.entityVersion = image.entityVersion
  script.random.restore(image.random)
  if (script.generation !== undefined && script.generation === image.generation) return restoreInstances(script, script.generation, image)
  return convertState(store, script, image)
}

/** Puts a script back to the code that it had. */
export function restoreCode(store: Store, script: Script, image: ScriptImage): ScriptRestore {
  script.generation = image.generation
  script.generationNumber = image.generationNumber
  script.metadata = image.metadata
  script.url = image.url
  return restoreScript(store, script, image)
}

/** What a script that did not exist yet is after a restore, once observers were told. */
export function forgetWorld(store: Store, script: Script): void {
  script.entityInstances.clear()
  // Its tag may have been that of a script which is gone.
  script.attachment.clear()
  if (script.entity !== 0) giveEntity(store, script)
}

/** Nothing of a script that is gone comes back. */
export function removeMissing({ ecs }: Store, { entity, entityVersion }: ScriptImage): void {
  if (entityExists(ecs.world, entity) && ecs.versions.of(entity) === entityVersion) removeEntity(ecs.world, entity)
}

/** What has to come after observers were told: they would be recorded as changes. */
export function restoreAttachment(script: Script, image: ScriptImage): void {
  script.attachment.restore(image.attachment)
  if (script.generation !== undefined && script.generation === image.generation) script.generation.queries.restore(image.results)
}

function restoreInstances(script: Script, generation: Generation, image: ScriptImage): ScriptRestore {
  script.status = image.status
  script.fault = image.fault
  const lost = new Set<number>()
  const put = ({ instance, image: state }: HeldInstance): ScriptInstance => {
    const target = instance?.state.canHold(state) ? instance : new ScriptInstance(generation, script.options.limits, false)
    for (const index of target.state.restore(state)) lost.add(index)
    return target
  }
  script.instance = put(image.own)
  script.entityInstances.clear()
  for (const [entity, held] of image.entities) script.entityInstances.set(entity, put(held))
  if (lost.size === 0) return { script: script.name, state: 'restored' }
  return {
    script: script.name,
    state: 'restored',
    detail: `functions ${[...lost].join(', ')} in its tables are null, since nothing exports them`,
  }
}

/** What `get_state` of an instance would say, asked of a copy of it; what that does to the world is taken back. Throws what it throws. */
export function askState(store: Store, script: Script, generation: Generation, image: InstanceImage): unknown {
  return dryRun(store, script, writtenInPlace(generation), () => {
    const copy = new ScriptInstance(generation, script.options.limits, false)
    copy.state.restore(image)
    return copy.readState()
  })
}

/** The state of a script that was reloaded since, from the code that it had to the code that it has. */
function convertState(store: Store, script: Script, image: ScriptImage): ScriptRestore {
  const { generation, instance, name } = script
  const kept = (detail: string): ScriptRestore => ({ script: name, state: 'kept', detail })
  if (generation === undefined || instance === undefined) return kept('it is being loaded')
  if (script.options.instances === 'entity') return kept('it has other code now, and each of its entities has a state of its own')
  const { limits } = script.options
  try {
    const state = stateOf(image, limits)
    if (state === undefined || !instance.takesState) return kept('it has other code now, and no get_state or set_state to carry its state')
    instance.withFuel(limits.fuel, () => giveState(script, instance, state.value, state.version))
    rethrow(store.ecs)
    return { script: name, state: 'converted' }
  } catch (error) {
    store.ecs.raised = undefined
    return kept(`it has other code now, and its state could not be carried over: ${toScriptError(error).detail}`)
  }
}

/** What `get_state` of the code that the image has says; `undefined` if it has none. */
function stateOf(image: ScriptImage, limits: Limits): { readonly value: unknown; readonly version: number | undefined } | undefined {
  const { generation, own } = image
  if (generation === undefined) return 'state' in image ? { value: image.state, version: image.stateVersion } : undefined
  if (own.instance?.hasState !== true) return undefined
  const before = new ScriptInstance(generation, limits, false)
  before.state.restore(own.image)
  return { value: before.withFuel(limits.fuel, () => before.readState()), version: image.metadata?.state_version }
}
