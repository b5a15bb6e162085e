import type { Inlining } from '../../wasm/rewrite/inlining.ts'
import { type Accessors, inlineAccessor } from './accessors.ts'
import { updateDriver } from './update-driver.ts'

/**
 * What the runtime writes into a module that reaches the ECS memory: loads and stores in the place of its accessors, and, with
 * the address of a `batch`, the driver of its `update`.
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
