import type { Store } from './store.ts'

/** Drops all calls of workers that are not applied yet: their promises reject with an error of that detail. */
export function dropLateCalls(store: Store, detail: string): void {
  store.answers.length = 0
  for (const { running } of store.scripts) running?.instance.late?.drop(detail)
}

/** Resolves when no call of a worker waits for its answer. Calls that are made meanwhile are waited for, too. */
export async function settleLateCalls(store: Store): Promise<void> {
  while (!store.isReplayed) {
    const busy = store.scripts.flatMap(({ running }) => (running?.instance.late?.isBusy === true ? [running.instance.late] : []))
    if (busy.length === 0) return
    await Promise.all(busy.map(({ settled }) => settled()))
  }
}
