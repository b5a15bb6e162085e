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
import { admit } from '../api/input-log.ts'
import { parseMetadata, type ScriptMetadata } from '../api/metadata.ts'
import { type LoadOptions, recordedOptions, resolveLoadOptions } from '../api/options.ts'
import type { HostContext, ScriptId } from '../api/script-info.ts'
import { endTrial } from '../reload/probation.ts'
import { createScript, type Script } from '../script/script.ts'
import { afterStep, type Core, giveEntity, inScript, inSource, ownsEntity, runStep, transact } from '../script/store.ts'
import { description, type ModuleDescription } from './describe.ts'
import { readSource, type ScriptSource, type SourceModule, sourceName, sourceUrl } from './source.ts'

/** Enters a script under its id and name, still loading. Throws `InvalidOptions`, `DuplicateName`, `EngineUnavailable`. */
export function enterScript(core: Core, id: ScriptId, source: ScriptSource, options: LoadOptions): Script {
  const resolved = resolveLoadOptions(options, core.options)
  const isTaken = (candidate: string): boolean => core.scripts.some((script) => script.name === candidate)
  const given = resolved.name ?? sourceName(source)
  let name = given ?? `script-${id}`
  while (given === undefined && isTaken(name)) name += '+'
  if (isTaken(name)) {
    throw new ScriptError('DuplicateName', `a script named '${name}' is loaded already`, { script: name })
  }
  const log = new ScriptLog(resolved.limits.logsPerTick, (level, message) => {
    core.emitter.queue('log', { script: name, level, message, tick: core.clock.tick })
  })
  const attachment = takeAttachment(core)
  const random = new Random(core.options.seed, name)
  const script = createScript({ id, name, options: resolved, attachment, log, random, url: sourceUrl(source) })
  const before = core.scripts.findIndex((other) => other.options.order > resolved.order)
  core.scripts.splice(before < 0 ? core.scripts.length : before, 0, script)
  return script
}

function takeAttachment(core: Core): Attachment {
  const spare = core.spareAttachments.pop()
  // The host may still have known the tag, and put it on something.
  spare?.clear()
  return spare ?? new Attachment(core.ecs)
}

/** Takes a script out: nothing of it is left in the world. */
export function removeScript(core: Core, script: Script): void {
  script.status = 'disposed'
  script.unfollow?.()
  script.unfollow = undefined
  const index = core.scripts.indexOf(script)
  if (index >= 0) core.scripts.splice(index, 1)
  if (ownsEntity(core, script)) removeEntity(core.ecs.world, script.entity)
  script.attachment.clear()
  core.spareAttachments.push(script.attachment)
  const { generation } = script
  endTrial(core, script)
  if (generation !== undefined) afterStep(core, () => generation.queries.dispose())
  script.generation = undefined
  script.instance = undefined
  script.entityInstances.clear()
}

/** Brings an entered script to life. If anything fails, the script is gone and the world is as it was. */
export async function loadScript(core: Core, script: Script, source: ScriptSource): Promise<void> {
  let generation: Generation | undefined
  try {
    const read = await readSource(source, script.name, script.options.limits.moduleBytes)
    checkLoaded(script)
    script.status = 'validating'
    const prepared = await prepare(core, script, read)
    generation = prepared
    checkLoaded(script)
    script.status = 'initializing'
    const { name, options } = script
    admit(core, () => ({ kind: 'load', script: name, content: read.text ?? read.bytes, options: recordedOptions(options) }))
    runStep(core, () => initialize(core, script, prepared))
  } catch (error) {
    if (script.generation === undefined) generation?.queries.dispose()
    if (script.status !== 'disposed') removeScript(core, script)
    throw inScript(script, error)
  }
}

/** Checks a source as loading does, short of entering and running it. */
export async function checkSource(core: Core, source: ScriptSource, options: LoadOptions): Promise<ModuleDescription> {
  const resolved = resolveLoadOptions(options, core.options)
  const name = resolved.name ?? sourceName(source) ?? 'script'
  const attachment = takeAttachment(core)
  const log = new ScriptLog(0, () => undefined)
  const script = createScript({ id: 0, name, options: resolved, attachment, log, random: new Random(0, name), url: undefined })
  try {
    const generation = await prepare(core, script, await readSource(source, name, resolved.limits.moduleBytes))
    generation.queries.dispose()
    return description(generation.module)
  } catch (error) {
    throw inSource(name, error)
  } finally {
    core.spareAttachments.push(attachment)
  }
}

/** Checks and compiles a source for a script. */
export async function prepare(core: Core, script: Script, source: SourceModule): Promise<Generation> {
  const context = linkContext(core, script)
  try {
    return await prepareGeneration(source, script.options, context, coreEngine, core.options.clock)
  } catch (error) {
    context.queries.dispose()
    throw error
  }
}

function checkLoaded(script: Script): void {
  if (script.status === 'disposed') throw new ScriptError('ScriptNotFound', 'it was unloaded while it was loading')
}

function initialize(core: Core, script: Script, generation: Generation): void {
  giveEntity(core, script)
  const { instance, metadata } = transact(core, script, writtenInPlace(generation), () => {
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
  core.emitter.queue('load', script.info)
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

function linkContext(core: Core, script: Script): Omit<LinkContext, 'math'> {
  const { ecs, events, emitter, options } = core
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
    clock: core.clock,
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
