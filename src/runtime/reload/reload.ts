import { sameBytes } from '../../bytes.ts'
import { type SavedState, savedState, saveState } from '../../ecs/entities/script-state.ts'
import { toScriptError } from '../../engine/trap.ts'
import { ScriptError } from '../../errors.ts'
import type { ScriptInstance } from '../../guest/script/instance.ts'
import { type Preserved, preserve } from '../../guest/script/preserve.ts'
import { type Generation, writtenInPlace } from '../../guest/script/program.ts'
import { recordInput } from '../api/input-log.ts'
import type { ScriptMetadata } from '../api/metadata.ts'
import type { ReloadOptions } from '../api/options.ts'
import type { ReloadReport } from '../api/reports.ts'
import { instantiate, prepare } from '../load/load.ts'
import { readSource, type ScriptSource, type SourceModule, sourceUrl } from '../load/source.ts'
import { giveState, type Script } from '../script/script.ts'
import { type Store, giveEntity, inScript, ownsEntity, dryRun, runStep, transact } from '../script/store.ts'
import { beginTrial, endTrial, imageForTrial } from './probation.ts'

/** Everything of a new generation that is put in place at the end, in one go. */
interface Shadow {
  readonly instance: ScriptInstance
  readonly entityInstances: ReadonlyMap<number, ScriptInstance>
  readonly metadata: ScriptMetadata | undefined
  readonly state: ReloadReport['state']
  readonly carried: readonly string[]
  readonly dropped: readonly string[]
}

/** What `instances: 'entity'` keeps in `ScriptState`: the state of the script's own instance, and of each entity's. */
interface EntityStates {
  readonly script: unknown
  readonly entities: Readonly<Record<string, unknown>>
}

/**
 * Puts new code in the place of the old, with its state. The new generation is prepared beside the old one, which runs
 * on; the swap happens between two ticks, and comes last. Whatever fails before it leaves all as it was.
 *
 * Throws what loading throws, `StateRejected`, and `LoadFailed` if a later reload of the script overtook this one.
 */
export async function reloadScript(store: Store, script: Script, source: ScriptSource, options: ReloadOptions): Promise<ReloadReport> {
  const { clock } = store.options
  const turn = ++script.reloads
  const start = clock()
  let prepared: Generation | undefined
  try {
    if (script.generation === undefined) throw new ScriptError('ScriptNotFound', 'it is still loading')
    const read = await readSource(source, script.name, script.options.limits.moduleBytes)
    checkTurn(script, turn)
    const assembled = clock()
    if (isUnchanged(script, read)) {
      return runStep(store, () => {
        goOn(script, read, sourceUrl(source))
        const ms = { compile: assembled - start, link: 0, state: 0, total: clock() - start }
        return report(store, script, { unchanged: true, state: 'preserved', carried: [], dropped: [], ms })
      })
    }
    const generation = await prepare(store, script, read)
    prepared = generation
    checkTurn(script, turn)
    recordInput(store, () => ({ kind: 'reload', script: script.name, content: read.text ?? read.bytes, options }))
    return runStep(store, () => {
      const before = clock()
      const image = imageForTrial(store, script)
      const shadow = makeShadow(store, script, generation, script.options.preserve ?? options.preserve ?? 'none', () =>
        checkTurn(script, turn),
      )
      beginTrial(store, script, image)
      swap(script, generation, shadow, sourceUrl(source))
      const now = clock()
      const ms = { compile: assembled - start + generation.ms.compile, link: generation.ms.link, state: now - before, total: now - start }
      const { state, carried, dropped } = shadow
      return report(store, script, { unchanged: false, state, carried, dropped, ms })
    })
  } catch (error) {
    if (prepared !== undefined && script.generation !== prepared) prepared.queries.dispose()
    throw inScript(script, error)
  }
}

function report(store: Store, script: Script, parts: Omit<ReloadReport, 'script' | 'generation'>): ReloadReport {
  const { name, generationNumber } = script
  const told = Object.freeze({ script: name, generation: generationNumber, ...parts, ms: Object.freeze(parts.ms) })
  store.emitter.queue('reload', told)
  return told
}

/**
 * Whether an edit of the text left the code what it was. The very same text is no edit: who gives it again wants the
 * script reloaded.
 */
function isUnchanged({ generation, status }: Script, { text, bytes }: SourceModule): boolean {
  if (generation === undefined || status !== 'active') return false
  const { source } = generation
  return text !== undefined && text !== source.text && sameBytes(bytes, source.bytes)
}

/** Takes up the new text for a generation that goes on: places of traps are told in it from now on. */
function goOn(script: Script, source: SourceModule, url: URL | undefined): void {
  if (script.generation !== undefined) script.generation.source = source
  script.generation?.tracer.retell(source)
  script.url = url ?? script.url
}

/**
 * Puts other code in the place of a script's, and carries nothing over: what the script is comes next, from a snapshot.
 * Throws what loading throws; then the script has the code it had.
 */
export async function replaceCode(store: Store, script: Script, source: ScriptSource): Promise<void> {
  const { options, generation: old, name } = script
  const generation = await prepare(store, script, await readSource(source, name, options.limits.moduleBytes))
  let made: ReturnType<typeof instantiate>
  try {
    // What its start does is done already in the snapshot.
    made = dryRun(store, script, writtenInPlace(generation), () => instantiate(script, generation))
  } catch (error) {
    generation.queries.dispose()
    throw error
  }
  endTrial(store, script)
  script.generation = generation
  script.instance = made.instance
  script.metadata = made.metadata
  script.entityInstances.clear()
  old?.queries.dispose()
}

/** After every wait: is this still the reload that is wanted? */
function checkTurn(script: Script, turn: number): void {
  if (script.status === 'disposed') throw new ScriptError('ScriptNotFound', 'it was unloaded while it was reloading')
  if (script.reloads !== turn) throw new ScriptError('LoadFailed', 'a later reload of the script overtook this one')
}

/** Makes the new instances and gives them the state of the old, as one transaction. */
function makeShadow(store: Store, script: Script, generation: Generation, mode: 'auto' | 'none', check: () => void): Shadow {
  if (!ownsEntity(store, script)) giveEntity(store, script)
  const before = savedState(store.ecs.world, script.entity)
  try {
    const written = [...writtenInPlace(generation), ...(script.generation === undefined ? [] : writtenInPlace(script.generation))]
    return transact(store, script, written, () => {
      const saved = saveOld(store, script, before, check)
      const { instance, metadata } = instantiate(script, generation)
      const restored = saved !== undefined && instance.takesState
      const perEntity = script.options.instances === 'entity'
      const states = perEntity ? (saved?.state as EntityStates | undefined) : undefined
      const preserves = mode === 'auto' && !restored
      const preserved = preserves ? carryOver(script, script.instance, generation, instance) : undefined
      const isPreserved = preserved !== undefined && preserved.carried.length > 0
      const giving = (state: unknown): Pick<SavedState, 'state' | 'version'> | undefined => (restored ? { ...saved, state } : undefined)
      if (!isPreserved) begin(script, instance, giving(perEntity ? states?.script : saved?.state))
      const entityInstances = new Map<number, ScriptInstance>()
      for (const [entity, before] of script.entityInstances) {
        const own = instantiate(script, generation).instance
        if (!preserves || (carryOver(script, before, generation, own)?.carried.length ?? 0) === 0) {
          begin(script, own, Object.hasOwn(states?.entities ?? {}, entity) ? giving(states?.entities[entity]) : undefined)
        }
        entityInstances.set(entity, own)
      }
      // The state of the new generation must be one that can be saved: else the mistake would show when it is too late.
      if (instance.hasState) instance.readState()
      // What runs in a script may unload it, or reload it again.
      check()
      const state = restored ? 'restored' : isPreserved ? 'preserved' : 'reset'
      return { instance, entityInstances, metadata, state, carried: preserved?.carried ?? [], dropped: preserved?.dropped ?? [] }
    })
  } catch (error) {
    if (ownsEntity(store, script)) saveState(store.ecs.world, script.entity, before)
    throw error
  }
}

/** Carries the old instance's memory and globals into the new one; `undefined` where there is none. */
function carryOver(script: Script, before: ScriptInstance | undefined, next: Generation, instance: ScriptInstance): Preserved | undefined {
  const { generation: old, options } = script
  if (old === undefined || before === undefined) return undefined
  return preserve(old, before, next, instance, options.limits)
}

/** Gives a new instance the state of the old, or a fresh start where there is none. */
function begin(script: Script, instance: ScriptInstance, given: Pick<SavedState, 'state' | 'version'> | undefined): void {
  if (given === undefined) instance.init(script.options.config)
  else giveState(script, instance, given.state, given.version)
}

/** Saves the old generation's state in `ScriptState`. One that has faulted may no longer know it: then the last saved serves. */
function saveOld(store: Store, script: Script, before: SavedState | undefined, check: () => void): SavedState | undefined {
  if (script.instance?.hasState !== true) return undefined
  let state: unknown
  try {
    state = readStates(script, script.instance)
  } catch (error) {
    if (script.status === 'faulted') return before
    const running = `generation ${script.generationNumber}, which runs, cannot save its state`
    const { detail, code, ...context } = toScriptError(error)
    throw new ScriptError(code, `${running}: ${detail}. To go on without its state, unload the script and load it again`, {
      ...context,
      cause: error,
    })
  }
  check()
  const version = script.metadata?.state_version
  const saved: SavedState = { state, generation: script.generationNumber, ...(version !== undefined && { version }) }
  saveState(store.ecs.world, script.entity, saved)
  return saved
}

function readStates(script: Script, instance: ScriptInstance): unknown {
  const read = (own: ScriptInstance): unknown => own.withFuel(script.options.limits.fuel, () => own.readState())
  if (script.options.instances === 'shared') return read(instance)
  const entities: Record<string, unknown> = {}
  for (const [entity, own] of script.entityInstances) entities[entity] = read(own)
  return { script: read(instance), entities } satisfies EntityStates
}

function swap(script: Script, generation: Generation, shadow: Shadow, url: URL | undefined): void {
  script.generation = generation
  script.instance = shadow.instance
  script.entityInstances.clear()
  for (const [entity, instance] of shadow.entityInstances) script.entityInstances.set(entity, instance)
  script.metadata = shadow.metadata
  script.generationNumber++
  script.url = url ?? script.url
  script.status = 'active'
  script.fault = undefined
}
