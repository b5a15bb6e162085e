import { disposeEcs } from '../ecs/entities/access.ts'
import { afterStep, reportObserver } from './script/step.ts'
import type { Store } from './script/store.ts'
import { endScript } from './tick/unload.ts'

/** Removes all scripts, and releases the world once none of them runs. Does nothing the second time. */
export function disposeStore(store: Store): void {
  if (store.isDisposed) return
  store.isDisposed = true
  store.jobs?.end('disposed')
  for (const script of [...store.scripts]) endScript(store, script)
  store.messages.abandon('Disposed', 'the runtime was disposed of before the script replied')
  store.emitter.clear()
  afterStep(store, () => {
    for (const attachment of store.spareAttachments.splice(0)) attachment.dispose((cause) => reportObserver(store, cause))
    store.clock.dispose()
    disposeEcs(store.ecs)
  })
  // An observer of the world may have thrown.
  if (!store.running) store.emitter.flush()
}
