import { PAGE_BYTES } from '../../abi/types.ts'
import { ArrayCopy } from '../../array-image.ts'
import { integersOf } from '../../bytes.ts'
import type { HooksImage } from '../../ecs/entities/hooks.ts'
import { type EntityMarks, hasBit } from '../../ecs/image/check-world.ts'
import type { PortableWorld } from '../../ecs/image/portable-world.ts'
import { refuseFile, refuseOther } from '../../ecs/image/refuse-file.ts'
import { toScriptError } from '../../engine/trap.ts'
import { ScriptError } from '../../errors.ts'
import { copyJson } from '../../json.ts'
import type { CellImage, InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { ScriptId } from '../api/script-info.ts'
import type { Generation, Running } from '../script/generation.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import { STATE } from './component-names.ts'
import { arenaEndOf, fingerprint } from './export-script.ts'
import type { HeldInstance, ScriptImage } from './game-image.ts'
import type { PortableCell, PortableGame, PortableInstance, PortableScript } from './game-schema.ts'
import { importServices } from './import-services.ts'

/**
 * Resolves the scripts of a file against those of this game. Makes the instances that a restore will install, each with its state.
 * `marks` are of the world of the file. Throws `StateRejected` for a script that names what the file does not hold, or whose state
 * does not fit its code.
 */
export function importScripts(store: Store, file: PortableGame, world: PortableWorld, marks: EntityMarks): readonly ScriptImage[] {
  const names = new Set<string>()
  marks.mark(
    'the list of scripts',
    file.scripts.flatMap((script) => (ownsEntity(file, world, script) ? [script.entity] : [])),
  )
  return file.scripts.map((script) => {
    const { name, told, changed, results, entities } = script
    if (names.has(name)) refuseFile(`it has two scripts named '${name}'`)
    names.add(name)
    if (integersOf(told).length > file.maxId + 1) refuseFile(`'${name}' knows entities past the greatest`)
    marks.mark(`'${name}'`, changed)
    for (const [, found] of results) marks.mark(`a query of '${name}'`, integersOf(found))
    marks.mark(
      `'${name}'`,
      entities.map(([entity]) => entity),
    )
    return importScript(store, script, file.tick)
  })
}

/** Returns whether the entity of a script still exists, and is not a later one with its id. Throws if the file gives it another's. */
function ownsEntity({ deaths }: PortableGame, { owners }: PortableWorld, { name, entity, entityVersion }: PortableScript): boolean {
  if (entityVersion !== (integersOf(deaths)[entity] ?? 0)) return false
  if ([...owners].every(([, bits]) => !hasBit(bits, entity))) return false
  if (!hasBit(owners.get(STATE), entity)) refuseFile(`the entity ${entity} is not that of '${name}'`)
  return true
}

function importScript(store: Store, portable: PortableScript, tick: number): ScriptImage {
  const { name, fault } = portable
  const script = store.scripts.find((each) => each.name === name)
  const running = script?.running
  const isSame = running !== undefined && fingerprint(running) === portable.module && fitsMemory(running, portable)
  const generation = isSame ? running.generation : undefined
  if (isSame && portable.entities.length > 0 && script?.options.instances !== 'entity')
    refuseOther(`'${name}' has an instance for each entity there`, "Load the script with instances: 'entity'")
  const pages = pagesOf(portable)
  if (generation !== undefined && pages > generation.program.room.total)
    refuseOther(`the instances of '${name}' have ${pages} pages of memory there`, 'Raise limits.totalMemoryPages')
  const results = new Map(portable.results.map(([key, found, isFresh]) => [key, { entities: new ArrayCopy(integersOf(found)), isFresh }]))
  if (generation?.queries.makeRoom(results) === false)
    refuseOther(`the results of the queries of '${name}' do not fit behind the columns`, 'Raise reserve in defineComponents')
  const hold = (content: PortableInstance): HeldInstance => {
    const image = importInstance(content)
    return generation === undefined ? { instance: undefined, image } : prepareInstance(name, generation, image)
  }
  return {
    id: script?.id ?? (0 as ScriptId),
    name,
    generation,
    generationNumber: portable.generation,
    status: portable.status,
    fault: fault === null ? undefined : new ScriptError(...fault, { script: name }),
    metadata: running?.metadata,
    url: script?.url,
    entity: portable.entity,
    entityVersion: portable.entityVersion,
    random: integersOf(portable.random),
    attachment: { told: new ArrayCopy(integersOf(portable.told)), changed: portable.changed },
    ...(portable.hooks !== undefined && { hooks: importHooks(portable.hooks) }),
    ...(portable.config !== undefined && { config: { value: importConfig(name, portable.config[0]) } }),
    ...(portable.services !== undefined &&
      script?.services !== undefined && { services: importServices(portable.services, name, script.options.limits) }),
    restarts: importRestarts(portable, script, tick),
    isPaused: portable.paused ?? false,
    results,
    own: hold(portable.own),
    entities: new Map(portable.entities.map(([entity, content]) => [entity, hold(content)])),
    ...(portable.state !== null && { state: portable.state[0], stateVersion: portable.stateVersion }),
  }
}

/** Returns the restarts that count: a script has no more than its policy allows, and none that are to come. */
function importRestarts({ restarts = [] }: PortableScript, script: Script | undefined, tick: number): readonly number[] {
  const onFault = script?.options.onFault
  return typeof onFault === 'object' ? restarts.filter((each) => each <= tick).slice(-onFault.restart) : []
}

function importConfig(script: string, config: unknown): unknown {
  try {
    return copyJson(config)
  } catch {
    return refuseFile(`the config of '${script}' is no JSON`)
  }
}

function importHooks([waiting, columns]: NonNullable<PortableScript['hooks']>): HooksImage {
  return { waiting, columns: columns.map(([values, fresh]) => ({ values: new ArrayCopy(values), fresh })) }
}

/** Makes an instance with the state of a file. Throws `StateRejected` if the state does not fit the code. */
function prepareInstance(name: string, { program }: Generation, image: InstanceImage): HeldInstance {
  try {
    const instance = program.instantiate()
    return { instance, image, lost: instance.state.restore(image) }
  } catch (cause) {
    throw new ScriptError('StateRejected', `the snapshot holds a state that does not fit: ${toScriptError(cause).detail}`, {
      script: name,
      cause,
    })
  }
}

function importInstance({ memories, globals, vectors, tables, variables, linked, scratchPages }: PortableInstance): InstanceImage {
  return {
    of: {},
    memories: memories.map((parts) => parts.map((part) => new ArrayCopy(part))),
    globals: new Map(globals.map(([index, cell]) => [index, importCell(cell)])),
    vectors: new Map(vectors),
    tables: tables.map((cells) => cells.map(importCell)),
    ...(variables !== undefined && { variables: new Map(variables.map(([name, value]) => [name, new ArrayCopy(value)])) }),
    ...(linked !== undefined && { linked: new Map(linked.map(([name, own]) => [name, importInstance(own)])) }),
    ...(scratchPages !== undefined && { scratchPages }),
  }
}

function importCell(cell: PortableCell): CellImage {
  return Array.isArray(cell) ? { value: null, functionIndex: (cell as readonly [number])[0] } : { value: cell }
}

/** Returns the pages that the instances of a script have together, without their host arenas. */
function pagesOf({ own, entities }: PortableScript): number {
  return [own, ...entities.map(([, content]) => content)].reduce((sum, content) => sum + instancePagesOf(content), 0)
}

function instancePagesOf({ memories, linked = [], scratchPages = 0 }: PortableInstance): number {
  const own = memories.flat().reduce((sum, { length }) => sum + length, 0) / PAGE_BYTES
  return linked.reduce((sum, [, content]) => sum + instancePagesOf(content), own + scratchPages)
}

/**
 * Returns whether grown memories have the same addresses in the file and in this game: memory past the host arena does not
 * if `limits.jsonBytes`, the size of the arena, differs.
 */
function fitsMemory(running: Running, { arenaEnd, own, entities }: PortableScript): boolean {
  const instances = [own, ...entities.map(([, content]) => content)]
  return arenaEnd === arenaEndOf(running) || instances.every(({ memories }) => memories.every(({ length }) => length < 2))
}
