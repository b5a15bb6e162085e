import { bytesOf } from '../../bytes.ts'
import type { ServicesImage } from '../../host/services/script-services.ts'
import type { CellImage, InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { Store } from '../script/store.ts'
import { checksum } from './envelope.ts'
import type { ScriptImage } from './game-image.ts'
import type { HookValues, PortableCell, PortableInstance, PortableScript } from './game-schema.ts'
import { readStateOfCopy } from './script-image.ts'

export function exportScript(store: Store, image: ScriptImage): PortableScript {
  const { own, entities, fault, attachment, hooks } = image
  return {
    name: image.name,
    module: fingerprint(image),
    arenaEnd: arenaEndOf(image),
    generation: image.generationNumber,
    status: image.status as PortableScript['status'],
    fault: fault === undefined ? null : [fault.code, fault.detail],
    entity: image.entity,
    entityVersion: image.entityVersion,
    random: bytesOf(image.random),
    told: bytesOf(attachment.told.read()),
    changed: attachment.changed,
    ...(hooks !== undefined && {
      hooks: [hooks.waiting, hooks.columns.map(({ values, fresh }) => [values.read() as HookValues, fresh] as const)] as const,
    }),
    ...(image.config !== undefined && { config: [image.config.value] as const }),
    ...(image.services !== undefined && { services: exportServices(image.services) }),
    ...(image.restarts.length > 0 && { restarts: image.restarts }),
    ...(image.isPaused && { paused: true as const }),
    results: [...image.results].map(([key, { entities: found, isFresh }]) => [key, bytesOf(found.read()), isFresh]),
    own: exportInstance(own.image),
    entities: [...entities].map(([entity, { image: held }]) => [entity, exportInstance(held)]),
    state: readState(store, image),
    stateVersion: image.metadata?.state_version ?? 0,
  }
}

function exportServices({ metrics, storage, http }: ServicesImage): unknown {
  return { metrics, storage: { keys: storage.keys, values: storage.values.read() }, http }
}

/** Returns the result of `get_state`, in a list, for a game with other code; `null` if there is none. */
function readState(store: Store, image: ScriptImage): [unknown] | null {
  const script = store.scripts.find(({ id }) => id === image.id)
  const { generation } = image
  if (script === undefined || generation === undefined || image.own.instance?.roles.getState !== true) return null
  try {
    return [readStateOfCopy(store, script, generation, image.own.image)]
  } catch {
    return null
  }
}

function exportInstance({ memories, globals, vectors, tables, variables, linked, scratchPages }: InstanceImage): PortableInstance {
  return {
    memories: memories.map((parts) => parts.map((part) => part.read())),
    globals: [...globals].map(([index, cell]) => [index, exportCell(cell)]),
    vectors: [...vectors].map(([index, lanes]) => [index, lanes as [bigint, bigint]]),
    tables: tables.map((cells) => cells.map(exportCell)),
    ...(variables !== undefined && { variables: [...variables].map(([name, value]) => [name, value.read()] as const) }),
    ...(linked !== undefined && { linked: [...linked].map(([name, own]) => [name, exportInstance(own)] as const) }),
    ...(scratchPages !== undefined && { scratchPages }),
  }
}

/** Encodes a number as it is, a function as a list with its index, and any other reference as `null`. */
function exportCell({ value, functionIndex }: CellImage): PortableCell {
  if (functionIndex !== undefined) return [functionIndex]
  return typeof value === 'number' || typeof value === 'bigint' ? value : null
}

/** Returns the address where the host arena of a script ends; 0 if it has none. */
export function arenaEndOf({ generation }: Pick<ScriptImage, 'generation'>): number {
  return generation?.program.arenaEnd ?? 0
}

/** Returns a checksum that identifies the code of a script. */
export function fingerprint({ generation }: Pick<ScriptImage, 'generation'>): string {
  if (generation === undefined) return ''
  const { bytes, manifest } = generation.program.source
  return checksum(manifest === undefined ? bytes : new TextEncoder().encode(manifest.text))
}
