import type { Store } from './store.ts'

/** Drops all calls of workers that are not applied yet: their promises reject with an error of that detail. */
export function dropLateCalls(store: Store, detail: string): void {
  store.answers.length = 0
  for (const { running } of store.scripts) running?.instance.late?.drop(detail)
}

/** Resolves when no call of a worker and no request by HTTP waits for its answer. Those that are made meanwhile are waited for, too. */
export async function settleLateCalls(store: Store): Promise<void> {
  while (!store.isReplayed) {
    const busy = store.scripts
      .flatMap(({ running, services }) => [running?.instance.late, services?.http])
      .filter((each) => each?.isBusy === true)
    if (busy.length === 0) return
    await Promise.all(busy.map((each) => each?.settled()))
  }
}
