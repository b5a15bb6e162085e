import { sameBytes } from '../../bytes.ts'
import { ScriptError } from '../../errors.ts'
import { contentOf, type SourceModule } from '../../wasm/text/source-module.ts'
import { type HostInput, recordInput } from '../api/input-log.ts'
import type { ReloadOptions } from '../api/load-options.ts'
import type { ReloadReport } from '../api/reports.ts'
import { launch, openGeneration } from '../load/load.ts'
import type { OpenedMod, ScriptSource } from '../load/script-source.ts'
import { readSource, sourceUrl } from '../load/source.ts'
import { inScript } from '../script/faults.ts'
import { disposeGeneration, type Generation, type Running } from '../script/generation.ts'
import { allowance, makeInstance, readInstanceMetadata } from '../script/invoke.ts'
import { infoOf, install, type Script } from '../script/script.ts'
import { runStep } from '../script/step.ts'
import type { Store } from '../script/store.ts'
import { dryRun } from '../script/transaction.ts'
import { lostExports } from './lost-exports.ts'
import { beginProbation, imageForProbation } from './probation.ts'
import { makeShadow } from './shadow.ts'

/** The options of a reload, and its number among those of the script: a later one overtakes it. */
export type Reload = ReloadOptions & { readonly turn: number }

/** A reload whose code is ready to be swapped in. */
export interface ReadyReload {
  readonly script: Script
  /** Returns what a recording holds of the reload; `undefined` if it holds nothing. */
  readonly input: (() => HostInput) | undefined
  /** Makes the new instances, in a step. Returns what swaps them in, in the same step, and does not fail. */
  readonly shadow: () => () => ReloadReport
  /** Gives up the new code. Returns the error with the script. */
  readonly abandon: (error: unknown) => ScriptError
}

/**
 * Replaces the code of a script and passes on its state. The new generation is prepared while the old one runs; the swap
 * happens between two ticks and is the last step. A failure before it changes nothing. Waits for a script that is still loading.
 *
 * Rejects with the errors of loading, `StateRejected`, and `LoadFailed` if a later reload of the script overtook this one.
 */
export async function reloadScript(store: Store, script: Script, source: ScriptSource, reload: Reload): Promise<ReloadReport> {
  const ready = await prepareReload(store, script, source, reload)
  try {
    checkTurn(script, reload.turn)
    if (ready.input !== undefined) recordInput(store, ready.input)
    return runStep(store, () => ready.shadow()())
  } catch (error) {
    throw ready.abandon(error)
  }
}

/** Does what a reload does before the swap. Rejects with the errors of {@link reloadScript}. */
export async function prepareReload(
  store: Store,
  script: Script,
  source: ScriptSource | OpenedMod,
  { turn, ...options }: Reload,
): Promise<ReadyReload> {
  const { clock } = store.options
  const start = clock()
  let prepared: Generation | undefined
  const abandon = (error: unknown): ScriptError => {
    if (prepared !== undefined && script.running?.generation !== prepared) disposeGeneration(prepared)
    return inScript(script, error)
  }
  try {
    const read = await readSource(source, script.name, script.options.limits)
    checkTurn(script, turn)
    const assembled = clock()
    if (script.running === undefined) {
      await untilLoaded(script)
      checkTurn(script, turn)
    }
    if (isUnchanged(script, read, sourceUrl(source))) {
      const keep = (): ReloadReport => {
        script.running?.generation.program.replaceText(read)
        script.url = sourceUrl(source) ?? script.url
        const ms = { compile: assembled - start, link: 0, state: 0, total: clock() - start }
        const outcome = { unchanged: true, state: 'preserved', carried: [], dropped: [], ran: [], ms } as const
        return report(store, script, outcome, infoOf(script).warnings)
      }
      return { script, input: undefined, shadow: () => keep, abandon }
    }
    const generation = await openGeneration(store, script, read)
    prepared = generation
    checkTurn(script, turn)
    await launch(store, script, generation)
    const mode = script.options.preserve ?? options.preserve ?? 'none'
    const carrier = mode === 'auto' ? await generation.program.loadCarrier() : undefined
    checkTurn(script, turn)
    const shadow = (): (() => ReloadReport) => {
      const before = clock()
      generation.queries.register()
      const image = imageForProbation(store, script)
      const replaced = script.running?.generation.program
      const { running, warnings, ...outcome } = makeShadow(store, script, generation, carrier, () => checkTurn(script, turn))
      if (replaced !== undefined) generation.warnings.unshift(...lostExports(replaced, generation.program))
      generation.warnings.push(...warnings, ...keptOptions(script, read))
      return () => {
        beginProbation(store, script, image)
        install(script, running)
        script.generationNumber++
        script.url = sourceUrl(source) ?? script.url
        script.status = 'active'
        script.fault = undefined
        const ended = store.jobs?.end('reloaded', script) ?? 0
        if (ended > 0)
          generation.warnings.push(`${ended === 1 ? 'a job' : `${ended} jobs`} of the old code ended, and can be started again`)
        const now = clock()
        const { compile, link } = generation.program.ms
        const ms = { compile: assembled - start + compile, link, state: now - before, total: now - start }
        return report(store, script, { unchanged: false, ...outcome, ms }, generation.warnings)
      }
    }
    return { script, input: () => ({ kind: 'reload', script: script.name, content: contentOf(read), options }), shadow, abandon }
  } catch (error) {
    throw abandon(error)
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

/** What a reload takes over from a manifest: nothing else, since the options of a script stay as they are. */
const TAKEN_OVER: readonly string[] = ['$schema', 'version', 'description', 'source', 'build', 'requires']

/** Returns a warning if the manifest has other options than the one before. */
function keptOptions({ running }: Script, { mod }: SourceModule): string[] {
  const before = running?.generation.program.source.mod?.manifest
  if (before === undefined || mod === undefined) return []
  const [old, now] = [before, mod.manifest].map((manifest) => new Map(Object.entries(manifest))) as [
    Map<string, unknown>,
    Map<string, unknown>,
  ]
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter(
    (key) => !TAKEN_OVER.includes(key) && JSON.stringify(old.get(key)) !== JSON.stringify(now.get(key)),
  )
  if (changed.length === 0) return []
  return [`its manifest has another ${changed.join(', ')}, which a reload does not take over; unload it and load it again`]
}

/**
 * Returns whether the text or its URL changed and the code did not. If both are the same too, the caller wants the script to
 * start again, so this returns `false`.
 */
function isUnchanged({ running, status, url }: Script, { text, bytes, manifest }: SourceModule, newUrl: URL | undefined): boolean {
  if (running === undefined || status !== 'active') return false
  const { source } = running.generation.program
  const isMoved = url !== undefined && newUrl !== undefined && url.href !== newUrl.href
  return (
    (isMoved || (text !== undefined && text !== source.text)) && sameBytes(bytes, source.bytes) && manifest?.text === source.manifest?.text
  )
}

/**
 * Prepares other code for a script, which the caller installs, and whose state it restores from a snapshot. Rejects with the errors of
 * loading.
 */
export async function prepareCode(store: Store, script: Script, source: ScriptSource): Promise<Running> {
  const { options, name } = script
  const generation = await openGeneration(store, script, await readSource(source, name, options.limits))
  try {
    generation.queries.register()
    // The snapshot already contains the effects of its start function.
    return dryRun(store, script, generation.program.written, () => {
      const left = allowance(script)
      const instance = makeInstance(store, generation, left)
      return {
        generation,
        instance,
        entityInstances: new Map(),
        jobInstances: new Set(),
        metadata: readInstanceMetadata(store, generation, instance, left),
      }
    })
  } catch (error) {
    disposeGeneration(generation)
    throw error
  }
}

/** Throws if the script was unloaded, or a later reload overtook this one. Call it after every wait. */
function checkTurn(script: Script, turn: number): void {
  if (script.status === 'disposed') throw new ScriptError('ScriptNotFound', 'it was unloaded while it was reloading')
  if (script.reloads !== turn) throw new ScriptError('LoadFailed', 'a later reload of the script overtook this one: do nothing')
}
