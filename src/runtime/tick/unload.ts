import { recordInput } from '../api/input-log.ts'
import { removeScript } from '../load/load.ts'
import { isInCall } from '../script/invoke.ts'
import { infoOf, type Script } from '../script/script.ts'
import { runStep } from '../script/step.ts'
import type { Store } from '../script/store.ts'
import { detachAll } from './tick.ts'

/** Detaches a script from all entities and removes it. Its `on_detach` is not called while the script runs. */
export function unloadScript(store: Store, script: Script): void {
  recordInput(store, () => ({ kind: 'unload', script: script.name }))
  runStep(store, () => {
    if (!isInCall(store, script)) detachAll(store, script)
    // Its on_detach may have called a host function that unloaded it.
    if (script.status === 'disposed') return
    endScript(store, script)
    if (store.emitter.hears('unload')) store.emitter.queue('unload', infoOf(script))
  })
}

/** Ends the probation of a script, and removes it as it is. */
export function endScript(store: Store, script: Script): void {
  store.probations?.end(store, script)
  removeScript(store, script)
}
