import { checkLife } from '../../ecs/entities/world-life.ts'
import { checkOpen } from '../api/input-log.ts'
import type { Store } from './store.ts'

/** Throws `Disposed` after the runtime was disposed of, and `HostError` if its world was reset or deleted. */
export function checkLive(store: Store): void {
  checkOpen(store)
  checkLife(store.ecs)
}

/** Resolves as `work` does. Rejects with `Disposed` if it fails and the runtime was disposed of meanwhile. */
export function unlessDisposed<Result>(store: Store, work: Promise<Result>): Promise<Result> {
  return work.catch((error: unknown) => {
    checkOpen(store)
    throw error
  })
}
