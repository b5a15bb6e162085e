import { removeEntity } from 'bitecs'
import { EXPORT } from '../../abi/exports.ts'
import { Attachment } from '../../ecs/entities/attachment.ts'
import { checkLife } from '../../ecs/entities/world-life.ts'
import { ScriptQueries } from '../../ecs/queries/script-queries.ts'
import { notLoaded, ScriptError } from '../../errors.ts'
import type { GuestInstance, OpenOptions, Program } from '../../guest/guest.ts'
import type { Link } from '../../guest/module-description.ts'
import type { LinkedServices } from '../../host/services/linked-services.ts'
import { Random } from '../../host/services/random.ts'
import { ScriptLog } from '../../host/services/script-log.ts'
import { contentOf, type SourceModule } from '../../wasm/text/source-module.ts'
import { type HostInput, recordInput } from '../api/input-log.ts'
import { isScheduled, type LoadOptions, reasonToCall, recordedOptions, resolveLoadOptions } from '../api/load-options.ts'
import type { ScriptId } from '../api/script-info.ts'
import { inScript } from '../script/faults.ts'
import { disposeGeneration, type Generation } from '../script/generation.ts'
import { allowance, invoke, makeInstance, readInstanceMetadata } from '../script/invoke.ts'
import { createScript, infoOf, install, type Script } from '../script/script.ts'
import { addScriptEntity, ownsEntity } from '../script/script-entity.ts'
import { afterStep, reportObserver, runStep } from '../script/step.ts'
import type { Store } from '../script/store.ts'
import { transact } from '../script/transaction.ts'
import { linkContext } from './link-context.ts'
import { openProgram } from './open-program.ts'
import type { OpenedMod, ScriptSource } from './script-source.ts'
import { readSource, sourceName, sourceUrl } from './source.ts'
import { warningsOf } from './warnings.ts'

/** Adds a script with the status `loading`, which reserves its name. Throws `InvalidOptions`, `DuplicateName`. */
export function enterScript(store: Store, id: ScriptId, source: ScriptSource | OpenedMod, options: LoadOptions): Script {
  const resolved = resolveLoadOptions(options, gameOf(store))
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
  // A mod is entered once its manifest is read: it has its place among those that were loaded since.
  const before = store.scripts.findIndex(
    (other) => other.options.order > resolved.order || (other.options.order === resolved.order && other.id > id),
  )
  store.scripts.splice(before < 0 ? store.scripts.length : before, 0, script)
  return script
}

/** Returns what options of a load are checked against. */
export function gameOf({ options, ecs }: Store): Parameters<typeof resolveLoadOptions>[1] {
  return { ...options, names: ecs.components.byName.keys() }
}

/** Returns an attachment that no script uses. */
export function takeAttachment(store: Store): Attachment {
  const spare = store.spareAttachments.pop()
  // The host may have added the tag to an entity since the script was unloaded.
  spare?.clear((cause) => reportObserver(store, cause))
  return spare ?? new Attachment(store.ecs)
}

/** Removes a script, its entity and its tag. */
export function removeScript(store: Store, script: Script): void {
  store.jobs?.end('unloaded', script)
  script.status = 'disposed'
  script.hooks?.dispose()
  script.hooks = undefined
  script.unfollow?.()
  script.unfollow = undefined
  const index = store.scripts.indexOf(script)
  if (index >= 0) store.scripts.splice(index, 1)
  const failed = (cause: unknown): void => reportObserver(store, cause)
  try {
    if (ownsEntity(store, script)) removeEntity(store.ecs.world, script.entity)
  } catch (cause) {
    failed(cause)
  }
  script.releaseComponents?.()
  script.releaseComponents = undefined
  const { attachment } = script
  attachment.clear(failed)
  // A script that unloads itself still runs with it.
  afterStep(store, () => store.spareAttachments.push(attachment))
  const generation = script.running?.generation
  if (generation !== undefined) afterStep(store, () => disposeGeneration(generation))
  install(script, undefined)
}

/** Loads the script that {@link enterScript} added. If it fails, the script is removed and the world is unchanged. */
export function loadScript(store: Store, script: Script, source: ScriptSource | OpenedMod): Promise<void> {
  script.loaded = load(store, script, source)
  return script.loaded
}

async function load(store: Store, script: Script, source: ScriptSource | OpenedMod): Promise<void> {
  const ready = await prepareStart(store, script, source)
  try {
    checkLoaded(script)
    recordInput(store, ready.input)
    runStep(store, ready.start)
  } catch (error) {
    throw ready.abandon(error)
  }
}

/** A script that is ready to start. */
export interface ReadyScript {
  readonly script: Script
  /** The modules that it imports from. */
  readonly modules: readonly string[]
  /** Starts the script. Call it in a step. */
  readonly start: () => void
  /** Removes the script, which failed to start or will not. Returns the error with the script. */
  readonly abandon: (error: unknown) => ScriptError
  /** Returns what a recording holds of the load. */
  readonly input: () => HostInput
}

/** Does what a load does before it runs a script that {@link enterScript} added. If it fails, the script is removed. */
export async function prepareStart(store: Store, script: Script, source: ScriptSource | OpenedMod): Promise<ReadyScript> {
  let generation: Generation | undefined
  try {
    const read = await readSource(source, script.name, script.options.limits)
    checkLoaded(script)
    script.status = 'validating'
    await store.declareComponents(script)
    checkLoaded(script)
    const prepared = await openGeneration(store, script, read)
    generation = prepared
    checkLoaded(script)
    await launch(store, script, prepared)
    checkLoaded(script)
    script.status = 'initializing'
    const { name } = script
    return {
      script,
      get modules() {
        return prepared.program.describe().imports.flatMap((each) => each.module ?? [])
      },
      start: () => initialize(store, script, prepared),
      abandon(error) {
        if (script.running?.generation !== prepared) disposeGeneration(prepared)
        return abandon(store, script, error)
      },
      input: () => ({ kind: 'load', script: name, content: contentOf(read), options: recordedOptions(script) }),
    }
  } catch (error) {
    if (generation !== undefined) disposeGeneration(generation)
    throw abandon(store, script, error)
  }
}

/** Removes a script whose load failed. Returns the error with the script. */
function abandon(store: Store, script: Script, error: unknown): ScriptError {
  if (script.status !== 'disposed') removeScript(store, script)
  return inScript(script, error)
}

/** Opens a source as a new generation of a script, without running any of it. Its queries are not registered yet. */
export async function openGeneration(store: Store, script: Script, source: SourceModule): Promise<Generation> {
  checkLife(store.ecs)
  const { options } = script
  const queries = new ScriptQueries(
    store.ecs,
    linkFor(script) === 'host' ? undefined : store.ecs.components.reserve,
    store.invocations.charge,
  )
  let services: LinkedServices | undefined
  const loadServices = async (): Promise<LinkedServices> => {
    const { link } = await store.loadServices()
    services ??= link(store, script)
    return services
  }
  let opened: Program | undefined
  try {
    const program = await openCode(store, script, source, { queries, loadServices })
    opened = program
    if (options.worker) await loadAnswers(store)
    if (!program.capabilities.resumes) await loadRenewal(store)
    if (script.config !== null || program.takesJson(EXPORT.validateConfig)) await loadConfiguring(store)
    const schedule = isScheduled(options) ? await store.planSchedule(script, program) : undefined
    if (program.typeOf(EXPORT.update) !== undefined) await store.loadUpdates()
    if (program.parametersOf(EXPORT.jobChunk) !== undefined) await store.loadJobs()
    const actor = options.actor === undefined ? undefined : await store.planActor(script, program, queries)
    const generation = { program, queries, actor, schedule, services, warnings: warningsOf(program, options, services) }
    await store.countRuns?.(script, generation)
    return generation
  } catch (error) {
    queries.dispose()
    opened?.dispose?.()
    throw error
  }
}

/** Loads what brings the answers of workers into ticks. A game without workers does not download it. */
async function loadAnswers(store: Store): Promise<void> {
  store.workerAnswers = (await import('../script/answers.ts').catch(notLoaded('what takes the answers of workers'))).ANSWERS
}

function linkFor({ options }: Script): Link {
  return reasonToCall(options) === undefined ? options.link : 'host'
}

/** Opens a source as the code of a script, with what its imports act on, and options that win over those of the script. */
export function openCode(
  store: Store,
  script: Script,
  source: SourceModule,
  { queries, loadServices, ...more }: Pick<OpenOptions['context'], 'queries' | 'loadServices'> & Partial<OpenOptions>,
): Promise<Program> {
  const { options } = script
  const choice = { guests: store.guests, kind: options.guest, perEntity: options.instances === 'entity', inWorker: options.worker }
  return openProgram(source, choice, {
    limits: options.limits,
    requires: options.requires,
    link: linkFor(script),
    vector: options.vector,
    context: linkContext(store, script, queries, loadServices),
    clock: store.options.clock,
    cacheCounts: store.cacheCounts,
    config: () => script.config ?? null,
    late: { timeoutMs: options.timeoutMs, nextCall: () => store.nextCall++, isReplayed: () => store.isReplayed },
    ...more,
  })
}

/** Loads what makes instances anew that trapped. A game whose guests all resume does not download it. */
async function loadRenewal(store: Store): Promise<void> {
  const { RENEWAL } = await import('../script/renewal.ts').catch(notLoaded('the code that replaces instances that trapped'))
  store.renewal = RENEWAL
}

/** Loads what checks configs. A game without configs does not download it. */
async function loadConfiguring(store: Store): Promise<void> {
  const { CONFIGURING } = await import('./configure.ts').catch(notLoaded('what checks configs'))
  store.configuring = CONFIGURING
}

/** Starts the worker of a generation that runs in one. A replay starts none. */
export async function launch(store: Store, script: Script, { program }: Generation): Promise<void> {
  if (!store.isReplayed) await program.launch?.(script.running?.instance)
}

function checkLoaded(script: Script): void {
  if (script.status === 'disposed') throw new ScriptError('ScriptNotFound', 'it was unloaded while it was loading')
}

function initialize(store: Store, script: Script, generation: Generation): void {
  generation.queries.register()
  addScriptEntity(store, script)
  script.hooks = generation.schedule?.watch()
  const running = transact(store, script, generation.program.writtenAtStart, () => {
    const left = allowance(script)
    const instance = makeInstance(store, generation, left)
    const metadata = readInstanceMetadata(store, generation, instance, left)
    store.configuring?.validate(store, generation, instance, left, script.config)
    invoke(store, instance, left, () => instance.init(script.config))
    checkLoaded(script)
    return { generation, instance, entityInstances: new Map(), jobInstances: new Set<GuestInstance>(), metadata }
  })
  install(script, running)
  script.generationNumber = 1
  script.status = 'active'
  for (const message of generation.warnings)
    store.emitter.queue('log', { script: script.name, level: 'warn', message, tick: store.clock.tick })
  if (store.emitter.hears('load')) store.emitter.queue('load', infoOf(script))
}
