import type { Limits } from '../../abi/limits.ts'
import { COPIES } from '../../array-image.ts'
import { ScriptError } from '../../errors.ts'
import type { Grant } from '../../host/modules/permissions.ts'
import type { HostInput } from '../api/input-log.ts'
import { type LoadOptions, resolveLoadOptions } from '../api/load-options.ts'
import type { ScriptId } from '../api/script-info.ts'
import { fingerprint } from '../image/export-script.ts'
import { captureGame, restoreGame } from '../image/game.ts'
import { imageOf } from '../image/game-snapshot.ts'
import type { Snapshot } from '../image/snapshot.ts'
import { endProbation } from '../reload/probation.ts'
import { prepareCode } from '../reload/reload.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import { disposeGeneration, type Running } from '../script/generation.ts'
import { install, type Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import type { PlayOptions } from './play-options.ts'
import type { RecordingContent } from './recording-content.ts'

/*
 * A recording holds code, and anyone may have written it. Code that it gives to a script of the game runs with the grant and the
 * limits of that script. Scripts that it loads need a permission, and are bounded here.
 */

/** What the scripts that a recording loads may import and use. */
export interface CodeBounds {
  readonly load: boolean
  /** Wins over the recorded grant; `undefined` if it may have been anything. */
  readonly grant: Grant | undefined
  /** The hosts that a recorded grant may name, if it wins; `undefined` for all. A script without a grant reaches none. */
  readonly hosts: readonly string[] | undefined
  /** Limits that win over the recorded ones. */
  readonly limits: Partial<Limits>
  /** What the other recorded limits may be at most; `undefined` if they may be anything. */
  readonly maxLimits: Limits | undefined
}

/** Returns the bounds of code, by default those of the scripts that are loaded. Throws `InvalidOptions`. */
export function boundsOf({ scripts, options: runtime, ecs }: Store, { load = false, grant, limits = {} }: PlayOptions): CodeBounds {
  const own = limits === 'recorded' ? {} : limits
  resolveLoadOptions({ limits: own, ...(typeof grant === 'object' && { grant }) }, { ...runtime, names: ecs.components.byName.keys() })
  const loaded = scripts.map(({ options }) => options)
  return {
    load,
    grant: grant === 'recorded' ? undefined : (grant ?? unionOf(loaded.map((options) => options.grant))),
    hosts: grant === 'recorded' ? undefined : loaded.flatMap((options) => options.grant?.hosts ?? []),
    limits: own,
    maxLimits:
      limits === 'recorded' ? undefined : greatest(loaded.length === 0 ? [runtime.limits] : loaded.map((options) => options.limits)),
  }
}

/** Returns the options of a script that a recording loads, within the bounds. */
export function boundOptions({ grant, hosts, limits, maxLimits }: CodeBounds, options: LoadOptions): LoadOptions {
  const lower = Object.entries(maxLimits ?? {}).map(([name, limit]) => [
    name,
    Math.min(limit, options.limits?.[name as keyof Limits] ?? limit),
  ])
  const bounded = options.grant === undefined || hosts === undefined ? options.grant : { ...options.grant, hosts }
  const own = grant ?? bounded
  return { ...options, ...(own !== undefined && { grant: own }), limits: { ...options.limits, ...Object.fromEntries(lower), ...limits } }
}

/** Returns the union of grants: a grant of nothing for an empty list, `undefined` if one of them allows everything. */
function unionOf(grants: readonly (Grant | undefined)[]): Grant | undefined {
  const given = grants.filter((grant) => grant !== undefined)
  if (given.length < grants.length) return undefined
  const names = (kind: 'read' | 'write' | 'change' | 'emit' | 'host' | 'hosts'): string[] => [
    ...new Set(given.flatMap((grant) => grant[kind] ?? [])),
  ]
  return {
    read: names('read'),
    write: names('write'),
    change: names('change'),
    emit: names('emit'),
    host: names('host'),
    hosts: names('hosts'),
    spawn: given.some(({ spawn }) => spawn === true),
  }
}

function greatest([first, ...others]: readonly Limits[]): Limits | undefined {
  return others.reduce(
    (most, limits) =>
      Object.fromEntries(
        Object.entries(limits).map(([name, limit]) => [name, Math.max(limit, most?.[name as keyof Limits] ?? limit)]),
      ) as unknown as Limits,
    first,
  )
}

/** Throws `LoadFailed` for inputs that load scripts of its own, if the bounds do not allow it. */
export function checkLoads(
  store: Store,
  { scripts, inputs }: Pick<RecordingContent, 'scripts'> & { readonly inputs: readonly HostInput[] },
  mode: 'loaded' | 'recorded',
  { load }: CodeBounds,
): void {
  if (load) return
  const missing = mode === 'loaded' ? [] : scripts.filter(({ name }) => !store.scripts.some((script) => script.name === name))
  const own = missing[0]?.name ?? inputs.find((input) => input.kind === 'load')?.script
  if (own !== undefined)
    throw new ScriptError(
      'LoadFailed',
      `what is played loads a script of its own, '${own}'. To let it, pass load: true, with the grant and the limits that it may have`,
    )
}

/**
 * Makes the scripts of the runtime those of a recording, with their recorded code, so that `start` can be restored. If it fails,
 * nothing has changed. Rejects with the errors of `loadModule`, and `StateRejected`.
 */
export async function loadRecordedCode(
  runtime: WasmScriptRuntime,
  store: Store,
  { scripts }: RecordingContent,
  start: Snapshot,
  bounds: CodeBounds,
): Promise<void> {
  const before = captureGame(store, COPIES)
  const added: ScriptId[] = []
  const replaced: { readonly script: Script; readonly old: Running | undefined; readonly next: Running }[] = []
  try {
    for (const { name, content, options, module } of scripts) {
      const script = store.scripts.find((each) => each.name === name)
      if (script === undefined) added.push(await runtime.loadModule(content, { ...boundOptions(bounds, options), name }))
      else if (codeOf(script) !== module) replaced.push({ script, old: script.running, next: await prepareCode(store, script, content) })
    }
    for (const { script, next } of replaced) install(script, next)
    imageOf(store, start)
  } catch (error) {
    for (const { script, old, next } of replaced) {
      install(script, old)
      disposeGeneration(next.generation)
    }
    for (const id of added) runtime.unloadModule(id)
    if (added.length > 0) restoreGame(store, before)
    throw error
  }
  for (const { script, old } of replaced) {
    endProbation(store, script)
    if (old !== undefined) disposeGeneration(old.generation)
  }
  for (const { name, id } of runtime.scripts()) if (!scripts.some((script) => script.name === name)) runtime.unloadModule(id)
}

/** Returns a checksum of the code that a script runs. */
export function codeOf({ running }: Script): string {
  return running === undefined ? '' : fingerprint(running)
}
