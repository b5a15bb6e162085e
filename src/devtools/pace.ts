/** Work may take one part in so many of the time. */
const SHARE = 25

/** Does work when it is asked to, but no more often than every so many milliseconds, and the less often the longer it takes. */
export interface Pace {
  run(work: () => void): void
  /** The next `run` does its work, however soon it comes. */
  hurry(): void
}

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
