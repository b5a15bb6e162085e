import { setTimeout } from 'node:timers/promises'

/** Bytes in use. */
export interface Usage {
  readonly heap: number
  /** Outside the heap: memories and buffers. */
  readonly external: number
}

/** Returns the bytes in use after a garbage collection. */
export async function settledUsage(): Promise<Usage> {
  for (let round = 0; round < 4; round++) {
    collect()
    // Finalizers run between tasks.
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
