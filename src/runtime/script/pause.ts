import { ScriptError } from '../../errors.ts'
import { recordInput } from '../api/input-log.ts'
import type { Store } from './store.ts'

/**
 * Pauses a script, or lets it run on: a paused script stays loaded, and ticks do not run it. What happens to entities meanwhile calls no hook,
 * and messages to it are refused. Throws `ScriptNotFound`.
 */
export function setPaused(store: Store, name: string, isPaused: boolean): void {
  const script = store.scripts.find((each) => each.name === name)
  if (script === undefined) throw new ScriptError('ScriptNotFound', `there is no script '${name}'`, { script: name })
  if (script.isPaused === isPaused) return
  recordInput(store, () => ({ kind: isPaused ? 'pause' : 'resume', script: name }))
  if (!isPaused) script.hooks?.take()
  script.isPaused = isPaused
}
