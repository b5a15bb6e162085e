import { removeEntity } from 'bitecs'
import { Attachment } from '../../ecs/entities/attachment.ts'
import { ScriptQueries } from '../../ecs/queries/script-queries.ts'
import { coreEngine } from '../../engine/compile.ts'
import { ScriptError } from '../../errors.ts'
import { ScriptInstance } from '../../guest/script/instance.ts'
import { type Generation, inlines, prepareGeneration, writtenInPlace } from '../../guest/script/program.ts'
import { readPassed } from '../../host/host-functions.ts'
import type { LinkContext } from '../../host/linker.ts'
import { Random } from '../../host/random.ts'
import { ScriptLog } from '../../host/script-log.ts'
import type { TextBoundary } from '../../wasm/instance/text-boundary.ts'
import { recordInput } from '../api/input-log.ts'
import { parseMetadata, type ScriptMetadata } from '../api/metadata.ts'
import { type LoadOptions, recordedOptions, resolveLoadOptions } from '../api/options.ts'
import type { HostContext, ScriptId } from '../api/script-info.ts'
import { endTrial } from '../reload/probation.ts'
import { createScript, type Script } from '../script/script.ts'
import { afterStep, type Store, giveEntity, inScript, inSource, ownsEntity, runStep, transact } from '../script/store.ts'
import { description, type ModuleDescription } from './describe.ts'
import { readSource, type ScriptSource, type SourceModule, sourceName, sourceUrl } from './source.ts'

/** Enters a script under its id and name, still loading. Throws `InvalidOptions`, `DuplicateName`, `EngineUnavailable`. */
export function enterScript(store: Store, id: ScriptId, source: ScriptSource, options: LoadOptions): Script {
  const resolved = resolveLoadOptions(options, store.options)
  const isTaken = (candidate: string): boolean => store.scripts.some((script) => script.name === candidate)
  const given = resolved.name ?? sourceName(source)
  let name = given ?? `script-${id}`
  while (given === undefined && isTaken(name)) name += '+'
  if (isTaken(name)) {
    throw new ScriptError('DuplicateName', `a script named '${name}' is loaded already`, { script: name })
  }
  const log = new ScriptLog(resolved.limits.logsPerTick, (level, message) => {
    store.emitter.queue('log', { script: name, level, message, tick: store.clock.tick })
  })
  const attachment = takeAttachment(store)
  const random = new Random(store.options.seed, name)
  const script = createScript({ id, name, options: resolved, attachment, log, random, url: sourceUrl(source) })
  const before = store.scripts.findIndex((other) => other.options.order > resolved.order)
  store.scripts.splice(before < 0 ? store.scripts.length : before, 0, script)
  return script
}

function takeAttachment(store: Store): Attachment {
  const spare = store.spareAttachments.pop()
  // The host may still have known the tag, and put it on something.
  spare?.clear()
  return spare ?? new Attachment(store.ecs)
}

/** Takes a script out: nothing of it is left in the world. */
export function removeScript(store: Store, script: Script): void {
  script.status = 'disposed'
  script.unfollow?.()
  script.unfollow = undefined
  const index = store.scripts.indexOf(script)
  if (index >= 0) store.scripts.splice(index, 1)
  if (ownsEntity(store, script)) removeEntity(store.ecs.world, script.entity)
  script.attachment.clear()
  store.spareAttachments.push(script.attachment)
  const { generation } = script
  endTrial(store, script)
  if (generation !== undefined) afterStep(store, () => generation.queries.dispose())
  script.generation = undefined
  script.instance = undefined
  script.entityInstances.clear()
}

/** Brings an entered script to life. If anything fails, the script is gone and the world is as it was. */
export async function loadScript(store: Store, script: Script, source: ScriptSource): Promise<void> {
  let generation: Generation | undefined
  try {
    const read = await readSource(source, script.name, script.options.limits.moduleBytes)
    checkLoaded(script)
    script.status = 'validating'
    const prepared = await prepare(store, script, read)
    generation = prepared
    checkLoaded(script)
    script.status = 'initializing'
    const { name, options } = script
    recordInput(store, () => ({ kind: 'load', script: name, content: read.text ?? read.bytes, options: recordedOptions(options) }))
    runStep(store, () => initialize(store, script, prepared))
  } catch (error) {
    if (script.generation === undefined) generation?.queries.dispose()
    if (script.status !== 'disposed') removeScript(store, script)
    throw inScript(script, error)
  }
}

/** Checks a source as loading does, short of entering and running it. */
export async function checkSource(store: Store, source: ScriptSource, options: LoadOptions): Promise<ModuleDescription> {
  const resolved = resolveLoadOptions(options, store.options)
  const name = resolved.name ?? sourceName(source) ?? 'script'
  const attachment = takeAttachment(store)
  const log = new ScriptLog(0, () => undefined)
  const script = createScript({ id: 0, name, options: resolved, attachment, log, random: new Random(0, name), url: undefined })
  try {
    const generation = await prepare(store, script, await readSource(source, name, resolved.limits.moduleBytes))
    generation.queries.dispose()
    return description(generation.module)
  } catch (error) {
    throw inSource(name, error)
  } finally {
    store.spareAttachments.push(attachment)
  }
}

/** Checks and compiles a source for a script. */
export async function prepare(store: Store, script: Script, source: SourceModule): Promise<Generation> {
  const context = linkContext(store, script)
  try {
    return await prepareGeneration(source, script.options, context, coreEngine, store.options.clock)
  } catch (error) {
    context.queries.dispose()
    throw error
  }
}

function checkLoaded(script: Script): void {
  if (script.status === 'disposed') throw new ScriptError('ScriptNotFound', 'it was unloaded while it was loading')
}

function initialize(store: Store, script: Script, generation: Generation): void {
  giveEntity(store, script)
  const { instance, metadata } = transact(store, script, writtenInPlace(generation), () => {
    const made = instantiate(script, generation)
    made.instance.init(script.options.config)
    checkLoaded(script)
    return made
  })
  script.instance = instance
  script.metadata = metadata
  script.generation = generation
  script.generationNumber = 1
  script.status = 'active'
  store.emitter.queue('load', script.info)
}

/** A new instance of a generation and what it says of itself. */
export function instantiate(script: Script, generation: Generation): { instance: ScriptInstance; metadata: ScriptMetadata | undefined } {
  const instance = new ScriptInstance(generation, script.options.limits)
  const value = instance.functions.has('get_metadata') ? parseMetadata(readMetadata(instance)) : undefined
  return { instance, metadata: value }
}

function readMetadata(instance: ScriptInstance): unknown {
  try {
    return instance.readMetadata()
  } catch (error) {
    if (!(error instanceof ScriptError) || error.code !== 'InvalidJson') throw error
    throw new ScriptError('InvalidMetadata', error.detail, { export: 'get_metadata', cause: error })
  }
}

function linkContext(store: Store, script: Script): Omit<LinkContext, 'math'> {
  const { ecs, events, emitter, options } = store
  return {
    ecs,
    queries: new ScriptQueries(ecs, inlines(script.options) ? ecs.components.reserve : undefined, (entities) =>
      countScan(script, entities),
    ),
    attachment: script.attachment,
    log: script.log,
    random: script.random,
    grant: script.options.grant,
    host: options.host,
    clock: store.clock,
    stateVersion: () => script.stateVersion,
    countSpawn: () => {
      const limit = script.options.limits.spawnsPerTick
      if (script.spawned >= limit) throw new ScriptError('Trap', `it spawned more than ${limit} entities in a tick (limits.spawnsPerTick)`)
      script.spawned++
    },
    emit: (name, args) => {
      const event = { name, args, script: script.name }
      events.push(event)
      emitter.queue('event', event)
    },
    hostContext: (text) => hostContext(script, text),
    isLoaded: () => script.status !== 'disposed',
  }
}

/** Holds the entities that a script's queries look at against its fuel: one costs about as much as an instruction. */
function countScan(script: Script, entities: number): void {
  const { fuel } = script.options.limits
  script.scanned += entities
  if (script.scanned > fuel)
    throw new ScriptError('OutOfFuel', `its queries looked at more than ${fuel} entities in one tick or call (limits.fuel)`)
}

function hostContext(script: Script, text: () => TextBoundary): HostContext {
  return Object.freeze({
    script: script.info,
    get memory() {
      return readPassed(() => text().memory)
    },
    readString: (pointer: number, length: number) => readPassed(() => text().readString(pointer, length)),
    readJson: (pointer: number, length: number) => readPassed(() => text().readJson(pointer, length)),
  })
}
