/** Calls `act` after a number of milliseconds. Returns a function that cancels this. */
export type After = (milliseconds: number, act: () => void) => () => void

/** Acts that wait, by name: at most one each. */
export interface Delays {
  /** Lets an act wait in the place of the one of the same name. */
  start(name: string, act: () => void): void
  cancel(name: string): void
  cancelAll(): void
}

/** Delays acts by a number of milliseconds. */
export function delayBy(milliseconds: number, after: After = byTimeout): Delays {
  const waiting = new Map<string, () => void>()
  const cancel = (name: string): void => {
    waiting.get(name)?.()
    waiting.delete(name)
  }
  return {
    start(name, act) {
      cancel(name)
      waiting.set(name, after(milliseconds, act))
    },
    cancel,
    cancelAll() {
      for (const name of [...waiting.keys()]) cancel(name)
    },
  }
}

function byTimeout(milliseconds: number, act: () => void): () => void {
  const timer = setTimeout(act, milliseconds)
  return () => clearTimeout(timer)
}
