import { resolveLimits } from '../../abi/limits.ts'
import { notLoaded } from '../../errors.ts'
import type { ModuleDescription } from '../../guest/module-description.ts'
import type { LoadOptions } from '../api/load-options.ts'
import type { ScriptId } from '../api/script-info.ts'
import { checkLive, unlessDisposed } from '../script/runtime-life.ts'
import type { Store } from '../script/store.ts'
import { enterScript, loadScript } from './load.ts'
import type { OpenedMod, ScriptSource } from './script-source.ts'
import { mayBeMod, openMod } from './source.ts'

/** Loads a script from a source, which it follows from then on. Of a mod, the manifest is read first. */
export async function loadModule(store: Store, source: ScriptSource, options: LoadOptions): Promise<ScriptId> {
  checkLive(store)
  const id = store.nextScript++ as ScriptId
  const mod = mayBeMod(source) ? await readMod(store, source, options) : undefined
  const script = enterScript(store, id, mod ?? source, mod?.complete(options, store.options) ?? options)
  const loading = loadScript(store, script, mod ?? source)
  // From here on, so that a save during the load is not missed.
  store.follow(script, source)
  await unlessDisposed(store, loading)
  return script.id
}

/** Does what a load does before it runs a script, with code that is loaded when it is first needed. */
export async function checkScript(store: Store, source: ScriptSource, options: LoadOptions): Promise<ModuleDescription> {
  checkLive(store)
  const mod = mayBeMod(source) ? await readMod(store, source, options) : undefined
  const { checkSource } = await import('./check-source.ts').catch(notLoaded('what checks scripts'))
  return unlessDisposed(store, checkSource(store, mod ?? source, mod?.complete(options, store.options) ?? options))
}

async function readMod(store: Store, source: ScriptSource, { limits = {} }: LoadOptions): Promise<OpenedMod | undefined> {
  const mod = await unlessDisposed(store, openMod(source, resolveLimits(store.options.limits, limits)))
  checkLive(store)
  return mod
}
