import { entityExists, removeEntity } from 'bitecs'
import type { ArrayKeeper } from '../../array-image.ts'
import { toScriptError } from '../../engine/trap.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import type { InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { Generation, Running } from '../script/generation.ts'
import { allowance, giveState, invoke } from '../script/invoke.ts'
import { install, type Script } from '../script/script.ts'
import { giveEntity } from '../script/script-entity.ts'
import { reportObserver } from '../script/step.ts'
import type { Store } from '../script/store.ts'
import { dryRun } from '../script/transaction.ts'
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
    results: generation.queries.save(path, keeper),
    own: hold(instance, path),
    entities: new Map([...entityInstances].map(([entity, held]) => [entity, hold(held, `${path} entity ${entity}`)])),
  }
}

/** Puts a script back, its code aside: one that has other code now is given the state as far as that goes. */
export function restoreScript(store: Store, script: Script, image: ScriptImage): ScriptRestore {
  script.entity = image.entity
  script.entityVersion = image.entityVersion
  script.random.restore(image.random)
  const { running } = script
  if (running !== undefined && running.generation === image.generation) return restoreInstances(script, running, image)
  return convertState(store, script, image)
}

/** Puts a script back to the code that it had. */
export function restoreCode(store: Store, script: Script, image: ScriptImage): ScriptRestore {
  const { running } = script
  const { generation, metadata } = image
  if (running !== undefined && generation !== undefined) install(script, { ...running, generation, metadata })
  script.generationNumber = image.generationNumber
  script.url = image.url
  return restoreScript(store, script, image)
}

/** What a script that did not exist yet is after a restore, once observers were told. */
export function forgetWorld(store: Store, script: Script): void {
  script.running?.entityInstances.clear()
  // Its tag may have been that of a script which is gone.
  script.attachment.clear((cause) => reportObserver(store, cause))
  if (script.entity !== 0) giveEntity(store, script)
}

/** Nothing of a script that is gone comes back. */
export function removeMissing({ ecs }: Store, { entity, entityVersion }: ScriptImage): void {
  if (entityExists(ecs.world, entity) && ecs.versions.of(entity) === entityVersion) removeEntity(ecs.world, entity)
}

/** What has to come after observers were told: they would be recorded as changes. */
export function restoreAttachment(script: Script, image: ScriptImage): void {
  script.attachment.restore(image.attachment)
  const generation = script.running?.generation
  if (generation !== undefined && generation === image.generation) generation.queries.restore(image.results)
}

function restoreInstances(script: Script, running: Running, image: ScriptImage): ScriptRestore {
  const { generation, entityInstances } = running
  script.status = image.status
  script.fault = image.fault
  const lost = new Set<number>()
  const put = ({ instance, image: state }: HeldInstance): GuestInstance => {
    const target = instance?.state.canHold(state) ? instance : generation.program.instantiate()
    for (const index of target.state.restore(state)) lost.add(index)
    return target
  }
  install(script, { ...running, instance: put(image.own) })
  entityInstances.clear()
  for (const [entity, held] of image.entities) entityInstances.set(entity, put(held))
  if (lost.size === 0) return { script: script.name, state: 'restored' }
  return {
    script: script.name,
    state: 'restored',
    detail: `functions ${[...lost].join(', ')} in its tables are null, since nothing exports them`,
  }
}

/** What `get_state` of an instance would say, asked of a copy of it; what that does to the world is taken back. Throws what it throws. */
export function askState(store: Store, script: Script, generation: Generation, image: InstanceImage): unknown {
  const { program } = generation
  return dryRun(store, script, program.written, () => {
    const copy = program.instantiate()
    copy.state.restore(image)
    return invoke(store, copy, allowance(script), () => copy.readState())
  })
}

/** The state of a script that was reloaded since, from the code that it had to the code that it has. */
function convertState(store: Store, script: Script, image: ScriptImage): ScriptRestore {
  const { running, name } = script
  const kept = (detail: string): ScriptRestore => ({ script: name, state: 'kept', detail })
  if (running === undefined) return kept('it is being loaded')
  const { instance } = running
  if (script.options.instances === 'entity') return kept('it has other code now, and each of its entities has a state of its own')
  try {
    const state = stateOf(store, script, image)
    if (state === undefined || !instance.roles.setState)
      return kept('it has other code now, and no get_state or set_state to carry its state')
    giveState(store, script, instance, allowance(script), state.value, state.version)
    return { script: name, state: 'converted' }
  } catch (error) {
    return kept(`it has other code now, and its state could not be carried over: ${toScriptError(error).detail}`)
  }
}

/** What `get_state` of the code that the image has says; `undefined` if it has none. */
function stateOf(
  store: Store,
  script: Script,
  image: ScriptImage,
): { readonly value: unknown; readonly version: number | undefined } | undefined {
  const { generation, own } = image
  if (generation === undefined) return 'state' in image ? { value: image.state, version: image.stateVersion } : undefined
  if (own.instance?.roles.getState !== true) return undefined
  const before = generation.program.instantiate()
  before.state.restore(own.image)
  return { value: invoke(store, before, allowance(script), () => before.readState()), version: image.metadata?.state_version }
}
