import { recordInput } from '../api/input-log.ts'
import { findNamed } from './find-script.ts'
import type { Store } from './store.ts'

/**
 * Pauses a script, or lets it run on: a paused script stays loaded, and ticks do not run it. What happens to entities meanwhile calls no hook,
 * and messages to it are refused. Throws `ScriptNotFound`.
 */
export function setPaused(store: Store, name: string, isPaused: boolean): void {
  const script = findNamed(store, name)
  if (script.isPaused === isPaused) return
  recordInput(store, () => ({ kind: isPaused ? 'pause' : 'resume', script: name }))
  if (!isPaused) script.hooks?.take()
  script.isPaused = isPaused
}
