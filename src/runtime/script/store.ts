import { addComponent, addEntity, entityExists, removeComponent } from 'bitecs'
import type { Column } from '../../ecs/components/components.ts'
import { type Ecs, keepColumns } from '../../ecs/entities/access.ts'
import type { Attachment } from '../../ecs/entities/attachment.ts'
import { ScriptState } from '../../ecs/entities/script-state.ts'
import { toScriptError } from '../../engine/trap.ts'
import { describeThrown, type ErrorContext, ScriptError, withContext, withDetail } from '../../errors.ts'
import type { EventQueue } from '../../host/event-queue.ts'
import type { Emitter } from '../api/emitter.ts'
import type { InputSource } from '../api/input-log.ts'
import type { ResolvedRuntimeOptions } from '../api/options.ts'
import type { Script } from './script.ts'

/** What everything in a runtime shares. */
export interface Store extends InputSource {
  readonly options: ResolvedRuntimeOptions
  readonly ecs: Ecs
  readonly events: EventQueue
  readonly emitter: Emitter
  /** All scripts in the order they run. */
  readonly scripts: Script[]
  /** Those of them that the tick at hand runs. */
  readonly turns: Script[]
  /** Attachments of scripts that were unloaded: a tag that bitECS once knew it knows for ever, so it is used again. */
  readonly spareAttachments: Attachment[]
  readonly clock: { tick: number; time: number }
  /** Faults in this tick. */
  faults: number
  /** Whether scripts are running: then reports and new ticks wait. */
  running: boolean
  /** Takes code and world back to the moment before a reload that failed. */
  readonly rollBack: () => void
  /** Trials that have begun. */
  trials: number
  /** What waits for scripts to have run. */
  readonly waiting: (() => void)[]
}

const cores = new WeakMap<object, Store>()

/** Makes known what is behind a runtime, to those who are built on it. */
export function keepStore(runtime: object, store: Store): void {
  cores.set(runtime, store)
}

/** What is behind a runtime. Throws `InvalidOptions` for what is none. */
export function storeOf(runtime: object): Store {
  const store = typeof runtime === 'object' && runtime !== null ? cores.get(runtime) : undefined
  if (store === undefined) throw new ScriptError('InvalidOptions', 'a runtime made by WasmScriptRuntime.create() is needed')
  return store
}

/** The error with the script that it happened in. */
export function inScript(script: Script, error: unknown, context: ErrorContext = {}): ScriptError {
  return withContext(toScriptError(error), { ...context, script: script.name, scriptId: script.id })
}

/** The error with the name of a script that was never loaded. */
export function inSource(name: string, error: unknown): ScriptError {
  return withContext(toScriptError(error), { script: name })
}

/** Deals with a fault of a script, as its `onFault` says, and tells of it. Returns the error that was told. */
export function fault(store: Store, script: Script, cause: unknown, context: ErrorContext): ScriptError {
  const error = onTrial(script, inScript(script, cause, context))
  store.faults++
  const { entity } = context
  if (script.options.onFault === 'detach' && entity !== undefined) {
    if (script.attachment.has(entity)) removeComponent(store.ecs.world, entity, script.attachment.tag)
  } else if (script.status === 'active') {
    script.status = 'faulted'
    script.fault = error
  }
  store.emitter.queue('error', error)
  if (script.trial !== undefined) {
    script.trial.failed = true
    afterStep(store, store.rollBack)
  }
  return error
}

/** The error of a generation on probation says what comes of it. */
function onTrial(script: Script, error: ScriptError): ScriptError {
  if (script.trial === undefined) return error
  const { generationNumber, trial, id } = script
  const before = trial.image.scripts.find((image) => image.id === id)?.generationNumber ?? generationNumber - 1
  const back = `generation ${generationNumber} was on probation: code and world are back at tick ${trial.image.tick}, and generation ${before} runs on`
  return withDetail(error, `${error.detail}; ${back}`)
}

/** Throws what an import threw since, if the script caught it: no fault is swallowed. Called when a call has returned. */
export function rethrow(ecs: Ecs): void {
  const { raised } = ecs
  if (raised === undefined) return
  ecs.raised = undefined
  throw raised
}

/** Carries out what scripts asked for. What goes wrong with it is no fault of theirs, and told as the host's. */
export function flushCommands(store: Store): void {
  if (store.ecs.commands.isEmpty) return
  store.ecs.commands.flush((cause) => {
    store.emitter.queue('error', new ScriptError('HostError', `an observer of the world threw ${describeThrown(cause)}`, { cause }))
  })
}

/**
 * Runs a step of scripts that must succeed as a whole. If it throws, what it did to the world, its events, its commands
 * and its random numbers are taken back. `written` are the columns that it may write without calling a function.
 */
export function transact<Result>(store: Store, script: Script, written: readonly Column[], step: () => Result): Result {
  const random = script.random.save()
  const events = store.events.length
  const reports = store.emitter.queued
  const { spawned } = script
  try {
    return store.ecs.journal.transaction(() => {
      keepColumns(store.ecs, written)
      const result = step()
      rethrow(store.ecs)
      return result
    })
  } catch (error) {
    store.ecs.raised = undefined
    script.random.restore(random)
    store.events.truncate(events)
    store.emitter.retractEvents(reports)
    script.spawned = spawned
    throw error
  }
}

/** Runs a step for what it gives, and takes back whatever it did, as {@link transact} does when a step throws; nothing of it is logged. */
export function dryRun<Result>(store: Store, script: Script, written: readonly Column[], step: () => Result): Result {
  let result: { readonly value: Result } | undefined
  try {
    transact(store, script, written, () => {
      result = { value: script.log.hush(step) }
      rethrow(store.ecs)
      throw DONE
    })
  } catch (error) {
    if (error !== DONE) throw error
  }
  return (result as { readonly value: Result }).value
}

/** Ends a rehearsal. */
const DONE: unique symbol = Symbol('done')

/** Runs a step in which scripts may run; once the outermost ends, what they asked for is done and reports are told. */
export function runStep<Result>(store: Store, step: () => Result): Result {
  if (store.running) return runNested(store, step)
  store.running = true
  try {
    return step()
  } finally {
    flushCommands(store)
    store.running = false
    for (const work of store.waiting.splice(0)) work()
    store.emitter.flush()
  }
}

/** Calls into scripts that may be under way inside each other. */
const MOST_NESTED = 64

function runNested<Result>({ ecs }: Store, step: () => Result): Result {
  if (ecs.nested === MOST_NESTED) throw new ScriptError('StackOverflow', 'calls into scripts are nested too deeply, by way of the host')
  ecs.nested++
  try {
    return step()
  } finally {
    ecs.nested--
  }
}

/** Does something at once, or when the scripts have run that are running: what they use stays until they return. */
export function afterStep(store: Store, work: () => void): void {
  if (store.running) store.waiting.push(work)
  else work()
}

/** Whether the entity of a script is still the one that it was given. */
export function ownsEntity(store: Store, script: Script): boolean {
  return script.entity !== 0 && entityExists(store.ecs.world, script.entity) && store.ecs.versions.of(script.entity) === script.entityVersion
}

/** Gives a script an entity of its own. */
export function giveEntity(store: Store, script: Script): void {
  const { world, versions } = store.ecs
  script.entity = addEntity(world)
  script.entityVersion = versions.of(script.entity)
  addComponent(world, script.entity, ScriptState)
}
