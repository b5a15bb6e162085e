import type { Inlining } from '../../wasm/rewrite/inlining.ts'
import { type Accessors, inlineAccessor } from './accessors.ts'
import { updateDriver } from './update-driver.ts'

/**
 * Returns the code that the runtime adds to a module that shares the ECS memory: loads and stores in place of accessor calls,
 * and, with the address of a `batch`, the loop that calls `update`.
 */
export function inlining(accessors: Accessors, batch: number | undefined): Inlining {
  const calls = new Map([...accessors].map(([index, accessor]) => [index, inlineAccessor(accessor)]))
  return {
    calls,
    append(module, read, catches) {
      const driver = batch === undefined ? undefined : updateDriver(module, batch, calls, read, catches)
      return driver === undefined ? [] : [driver]
    },
  }
}
