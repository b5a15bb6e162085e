/** Work may take one part in this many of the time. */
const SHARE = 25

/** Limits how often work is done: at most once in an interval, and less often the longer the work takes. */
export interface Pace {
  /** Does the work, or skips it if it comes too soon. */
  run(work: () => void): void
  /** Makes the next `run` do its work, however soon it comes. */
  hurry(): void
}

/** Creates a pace with an interval in milliseconds. */
export function createPace(interval: number): Pace {
  let next = 0
  return {
    run(work) {
      const start = performance.now()
      if (start < next) return
      try {
        work()
      } finally {
        next = start + Math.max(interval, SHARE * (performance.now() - start))
      }
    },
    hurry() {
      next = 0
    },
  }
}
