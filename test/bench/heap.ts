import { setTimeout } from 'node:timers/promises'

/** Bytes that are in use. */
export interface Usage {
  readonly heap: number
  /** Outside the heap: memories and buffers. */
  readonly external: number
}

/** What is in use when all garbage is gone. */
export async function settledUsage(): Promise<Usage> {
  for (let round = 0; round < 4; round++) {
    collect()
    // What is released by finalizers goes between tasks.
    await setTimeout(5)
  }
  collect()
  return usage()
}

export function usage(): Usage {
  const { heapUsed, external } = process.memoryUsage()
  return { heap: heapUsed, external }
}

export function collect(): void {
  if (globalThis.gc === undefined) throw new Error('there is no garbage collector to call: start node with --expose-gc')
  globalThis.gc()
}
