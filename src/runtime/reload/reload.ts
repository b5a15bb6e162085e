import { sameBytes } from '../../bytes.ts'
import { type SavedState, savedState, saveState } from '../../ecs/entities/script-state.ts'
import { toScriptError } from '../../engine/trap.ts'
import { ScriptError } from '../../errors.ts'
import type { Carrier, GuestInstance } from '../../guest/guest.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { recordInput } from '../api/input-log.ts'
import type { ReloadOptions } from '../api/load-options.ts'
import type { ReloadReport } from '../api/reports.ts'
import { prepare } from '../load/load.ts'
import { readSource, type ScriptSource, sourceUrl } from '../load/source.ts'
import { lostExports } from '../load/warnings.ts'
import { inScript } from '../script/faults.ts'
import type { Generation, Running } from '../script/generation.ts'
import { type Allowance, allowance, invoke, makeInstance, passState, readInstanceMetadata } from '../script/invoke.ts'
import { countPages } from '../script/pages.ts'
import { install, type Script } from '../script/script.ts'
import { addScriptEntity, ownsEntity } from '../script/script-entity.ts'
import { runStep } from '../script/step.ts'
import type { Store } from '../script/store.ts'
import { dryRun, transact } from '../script/transaction.ts'
import { beginProbation, imageForProbation } from './probation.ts'

/** A new generation before the swap, and what became of the state. */
interface Shadow {
  readonly running: Running
  readonly state: ReloadReport['state']
  readonly carried: readonly string[]
  readonly dropped: readonly string[]
  readonly warnings: readonly string[]
}

/** The state that `ScriptState` holds with `instances: 'entity'`: that of the script's own instance, and of each entity's. */
interface EntityStates {
  readonly script: unknown
  readonly entities: Readonly<Record<string, unknown>>
}

/**
 * Replaces the code of a script and passes on its state. The new generation is prepared while the old one runs; the swap
 * happens between two ticks and is the last step. A failure before it changes nothing. Waits for a script that is still loading.
 *
 * Rejects with the errors of loading, `StateRejected`, and `LoadFailed` if a later reload of the script overtook this one.
 */
export async function reloadScript(store: Store, script: Script, source: ScriptSource, options: ReloadOptions): Promise<ReloadReport> {
  const { clock } = store.options
  const turn = ++script.reloads
  const start = clock()
  let prepared: Generation | undefined
  try {
    const read = await readSource(source, script.name, script.options.limits)
    checkTurn(script, turn)
    const assembled = clock()
    if (script.running === undefined) {
      await untilLoaded(script)
      checkTurn(script, turn)
    }
    if (isUnchanged(script, read, sourceUrl(source))) {
      return runStep(store, () => {
        script.running?.generation.program.replaceText(read)
        script.url = sourceUrl(source) ?? script.url
        const ms = { compile: assembled - start, link: 0, state: 0, total: clock() - start }
        return report(store, script, { unchanged: true, state: 'preserved', carried: [], dropped: [], ms }, script.info.warnings)
      })
    }
    const generation = await prepare(store, script, read)
    prepared = generation
    const mode = script.options.preserve ?? options.preserve ?? 'none'
    const carrier = mode === 'auto' ? await generation.program.loadCarrier() : undefined
    checkTurn(script, turn)
    recordInput(store, () => ({ kind: 'reload', script: script.name, content: read.text ?? read.bytes, options }))
    return runStep(store, () => {
      const before = clock()
      generation.queries.register()
      const image = imageForProbation(store, script)
      const replaced = script.running?.generation.program
      const { running, warnings, ...outcome } = makeShadow(store, script, generation, carrier, () => checkTurn(script, turn))
      if (replaced !== undefined) generation.warnings.unshift(...lostExports(replaced, generation.program))
      generation.warnings.push(...warnings)
      beginProbation(store, script, image)
      install(script, running)
      script.generationNumber++
      script.url = sourceUrl(source) ?? script.url
      script.status = 'active'
      script.fault = undefined
      const now = clock()
      const { compile, link } = generation.program.ms
      const ms = { compile: assembled - start + compile, link, state: now - before, total: now - start }
      return report(store, script, { unchanged: false, ...outcome, ms }, generation.warnings)
    })
  } catch (error) {
    if (prepared !== undefined && script.running?.generation !== prepared) prepared.queries.dispose()
    throw inScript(script, error)
  }
}

/** Resolves when a script has loaded. Rejects with `ScriptNotFound` if its load fails. */
async function untilLoaded(script: Script): Promise<void> {
  try {
    await script.loaded
  } catch (cause) {
    throw new ScriptError('ScriptNotFound', 'it failed to load, so there is nothing to reload', { cause })
  }
}

function report(
  store: Store,
  { name, generationNumber }: Script,
  parts: Omit<ReloadReport, 'script' | 'generation' | 'warnings'>,
  warnings: readonly string[],
): ReloadReport {
  const made = Object.freeze({
    script: name,
    generation: generationNumber,
    ...parts,
    warnings: Object.freeze([...warnings]),
    ms: Object.freeze(parts.ms),
  })
  store.emitter.queue('reload', made)
  return made
}

/**
 * Returns whether the text or its URL changed and the code did not. If both are the same too, the caller wants the script to
 * start again, so this returns `false`.
 */
function isUnchanged({ running, status, url }: Script, { text, bytes }: SourceModule, newUrl: URL | undefined): boolean {
  if (running === undefined || status !== 'active') return false
  const { source } = running.generation.program
  const isMoved = url !== undefined && newUrl !== undefined && url.href !== newUrl.href
  return (isMoved || (text !== undefined && text !== source.text)) && sameBytes(bytes, source.bytes)
}

/**
 * Prepares other code for a script, which the caller installs, and whose state it restores from a snapshot. Rejects with the errors of
 * loading.
 */
export async function prepareCode(store: Store, script: Script, source: ScriptSource): Promise<Running> {
  const { options, name } = script
  const generation = await prepare(store, script, await readSource(source, name, options.limits))
  try {
    generation.queries.register()
    // The snapshot already contains the effects of its start function.
    return dryRun(store, script, generation.program.written, () => {
      const left = allowance(script)
      const instance = makeInstance(store, generation, left)
      return { generation, instance, entityInstances: new Map(), metadata: readInstanceMetadata(store, instance, left) }
    })
  } catch (error) {
    generation.queries.dispose()
    throw error
  }
}

/** Throws if the script was unloaded, or a later reload overtook this one. Call it after every wait. */
function checkTurn(script: Script, turn: number): void {
  if (script.status === 'disposed') throw new ScriptError('ScriptNotFound', 'it was unloaded while it was reloading')
  if (script.reloads !== turn) throw new ScriptError('LoadFailed', 'a later reload of the script overtook this one')
}

/** Creates the new instances and passes them the state of the old ones, in one transaction. */
function makeShadow(store: Store, script: Script, generation: Generation, carrier: Carrier | undefined, check: () => void): Shadow {
  if (!ownsEntity(store, script)) addScriptEntity(store, script)
  const old = script.running as Running
  const before = savedState(store.ecs.world, script.entity)
  try {
    return transact(store, script, [...generation.program.written, ...old.generation.program.written], () => {
      const saved = saveOld(store, script, old, before, check)
      const left = allowance(script)
      const instance = makeInstance(store, generation, left)
      const metadata = readInstanceMetadata(store, instance, left)
      const restored = saved !== undefined && instance.roles.setState
      const perEntity = script.options.instances === 'entity'
      const states = perEntity ? (saved?.state as EntityStates | undefined) : undefined
      const carry = restored ? undefined : carrier?.(old.generation.program)
      const preserved = carry?.(old.instance, instance)
      const isPreserved = preserved !== undefined && preserved.carried.length > 0
      const versioned = (state: unknown): Pick<SavedState, 'state' | 'version'> | undefined => (restored ? { ...saved, state } : undefined)
      if (!isPreserved) begin(store, script, instance, left, versioned(perEntity ? states?.script : saved?.state))
      const entityInstances = new Map<number, GuestInstance>()
      // The instances of all entities share one allowance.
      const leftForEntities = allowance(script)
      for (const [entity, before] of old.entityInstances) {
        const own = makeInstance(store, generation, leftForEntities)
        if (carry === undefined || carry(before, own).carried.length === 0) {
          const state = Object.hasOwn(states?.entities ?? {}, entity) ? versioned(states?.entities[entity]) : undefined
          begin(store, script, own, leftForEntities, state)
        }
        entityInstances.set(entity, own)
      }
      // A `get_state` that fails would make the next reload fail, so it is called once before the swap.
      if (instance.roles.getState) invoke(store, instance, left, () => instance.readState())
      // A host function that the script called may have unloaded it, or reloaded it again.
      check()
      const state = restored ? 'restored' : isPreserved ? 'preserved' : 'reset'
      const running = { generation, instance, entityInstances, metadata }
      // Memory that was carried over has grown without being counted.
      countPages(running)
      const { carried = [], dropped = [], warnings = [] } = preserved ?? {}
      return { running, state, carried, dropped, warnings }
    })
  } catch (error) {
    if (ownsEntity(store, script)) saveState(store.ecs.world, script.entity, before)
    throw error
  }
}

/** Passes the state of the old instance to a new one, or runs `init` if there is none. */
function begin(
  store: Store,
  script: Script,
  instance: GuestInstance,
  left: Allowance,
  given: Pick<SavedState, 'state' | 'version'> | undefined,
): void {
  if (given === undefined) invoke(store, instance, left, () => instance.init(script.options.config))
  else passState(store, script, instance, left, given.state, given.version)
}

/** Saves the state of the old generation in `ScriptState`. If it has faulted and `get_state` fails, returns the last saved state. */
function saveOld(
  store: Store,
  script: Script,
  running: Running,
  before: SavedState | undefined,
  check: () => void,
): SavedState | undefined {
  if (!running.instance.roles.getState) return undefined
  let state: unknown
  try {
    state = readStates(store, script, running)
  } catch (error) {
    if (script.status === 'faulted') return before
    const what = `generation ${script.generationNumber}, which is running, cannot save its state`
    const { detail, code, ...context } = toScriptError(error)
    throw new ScriptError(code, `${what}: ${detail}. To go on without its state, unload the script and load it again`, {
      ...context,
      cause: error,
    })
  }
  check()
  const version = running.metadata?.state_version
  const saved: SavedState = { state, generation: script.generationNumber, ...(version !== undefined && { version }) }
  saveState(store.ecs.world, script.entity, saved)
  return saved
}

function readStates(store: Store, script: Script, { instance, entityInstances }: Running): unknown {
  const read = (own: GuestInstance, left: Allowance): unknown => invoke(store, own, left, () => own.readState())
  const own = read(instance, allowance(script))
  if (script.options.instances === 'shared') return own
  const left = allowance(script)
  const entities: Record<string, unknown> = {}
  for (const [entity, each] of entityInstances) entities[entity] = read(each, left)
  return { script: own, entities } satisfies EntityStates
}
