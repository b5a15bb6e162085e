import { COPIES } from '../array-image.ts'
import { isIndexShared } from '../ecs/entities/entity-index.ts'
import { recordInput } from '../runtime/api/input-log.ts'
import type { ReloadReport } from '../runtime/api/reports.ts'
import { captureGame, findUnsavable, restoreGame } from '../runtime/image/game.ts'
import type { ReadyScript } from '../runtime/load/load.ts'
import type { ReadyReload } from '../runtime/reload/reload.ts'
import { flushCommands, runStep } from '../runtime/script/step.ts'
import type { Store } from '../runtime/script/store.ts'

/** Starts scripts in one step. If one fails, none of them is loaded and the game is as before. Throws its error. */
export function startTogether(store: Store, scripts: readonly ReadyScript[]): void {
  let failing = scripts[0]
  allOrNone(
    store,
    scripts.length,
    () => {
      for (const ready of scripts) {
        failing = ready
        ready.start()
        // A replay loads them one by one.
        flushCommands(store)
      }
    },
    (error) => {
      const own = failing?.abandon(error)
      for (const ready of scripts) if (ready !== failing) ready.abandon(error)
      return own
    },
  )
  for (const { input } of scripts) recordInput(store, input)
}

/** Swaps in the code of several reloads in one step. If one fails, none of them is, and the game is as before. Throws its error. */
export function reloadTogether(store: Store, reloads: readonly ReadyReload[]): readonly ReloadReport[] {
  let failing = reloads[0]
  const reports = allOrNone(
    store,
    reloads.length,
    () => {
      const swaps = reloads.map((ready) => {
        failing = ready
        return ready.shadow()
      })
      return swaps.map((swap) => swap())
    },
    (error) => {
      const own = failing?.abandon(error)
      for (const ready of reloads) if (ready !== failing) ready.abandon(error)
      return own
    },
  )
  for (const { input } of reloads) if (input !== undefined) recordInput(store, input)
  return reports
}

/** Runs a step. If it throws, `undo` is called, the game is restored, and what `undo` returned is thrown. */
function allOrNone<Result>(store: Store, count: number, step: () => Result, undo: (error: unknown) => unknown): Result {
  return runStep(store, () => {
    // One alone is a transaction by itself. A worker's state cannot be saved.
    const isNeeded = count > 1 && findUnsavable(store) === undefined && !isIndexShared(store.ecs.world)
    const before = isNeeded ? captureGame(store, COPIES) : undefined
    const reports = store.emitter.queued
    try {
      return step()
    } catch (error) {
      const thrown = undo(error)
      if (before !== undefined) restoreGame(store, before)
      store.emitter.retractEvents(reports, ['event', 'load', 'reload'])
      throw thrown
    }
  })
}
