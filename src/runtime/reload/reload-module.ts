import { notLoaded, ScriptError } from '../../errors.ts'
import { type ReloadOptions, resolveReloadOptions } from '../api/load-options.ts'
import type { ReloadReport, RestoreReport } from '../api/reports.ts'
import type { ScriptId } from '../api/script-info.ts'
import type { ScriptSource } from '../load/script-source.ts'
import { inScript } from '../script/faults.ts'
import { findScript } from '../script/find-script.ts'
import { checkLive, unlessDisposed } from '../script/runtime-life.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'

/** Reloads a script from a source, which it follows from then on, with code that is loaded with the first reload. */
export async function reloadModule(store: Store, id: ScriptId, source: ScriptSource, options: ReloadOptions): Promise<ReloadReport> {
  checkLive(store)
  const script = findScript(store, id)
  const resolved = resolveReloadOptions(options)
  // Overtakes a reload that is under way, now.
  const turn = ++script.reloads
  const code = import('./reload.ts').catch(notLoaded('the code that reloads scripts'))
  const report = await unlessDisposed(
    store,
    code.then(({ reloadScript }) => reloadScript(store, script, source, { ...resolved, turn })),
  )
  store.follow(script, source)
  return report
}

/** Takes the reload of a script on probation back. Throws `InvalidOptions` if it is not on probation. */
export function revertReload(store: Store, script: Script): RestoreReport {
  const reverted = store.probations?.revert(store, script)
  if (reverted !== undefined) return reverted
  const why = 'it is not on probation: nothing is kept to take its last reload back to. Reload it with the code that it shall run'
  throw inScript(script, new ScriptError('InvalidOptions', why))
}
