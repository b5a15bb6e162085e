import type { Inlining } from '../../wasm/rewrite/inlining.ts'
import { type Accessors, type AskedPlaces, inlineAccessor } from './accessors.ts'
import { type DriverPlan, planDriver, updateDriver } from './update-driver.ts'
import type { appendVectors } from './vector-code.ts'

/** What lets `update`, and loops of `tick`, run on several entities at once. */
export interface VectorInlining {
  readonly append: typeof appendVectors
  readonly asked?: AskedPlaces | undefined
  /** Whether the engine supports relaxed SIMD. */
  readonly isRelaxed: boolean
}

/**
 * Returns the code that the runtime adds to a module that shares the ECS memory: loads and stores in place of accessor calls,
 * and, with the address of a `batch`, the loops that call `update`, each time after `writeTurn`. With `vectors`, it may run on four entities at
 * once, and so may loops of `tick`.
 */
export function inlining(
  accessors: Accessors,
  batch: number | undefined,
  vectors?: VectorInlining,
  writeTurn?: DriverPlan['writeTurn'],
): Inlining {
  const calls = new Map([...accessors].map(([index, accessor]) => [index, inlineAccessor(accessor)]))
  return {
    calls,
    append(module, read, catches, firstIndex) {
      if (batch === undefined) return { functions: [] }
      const planned = planDriver(module, batch, calls, catches)
      const plan = planned && { ...planned, writeTurn }
      const functions = plan === undefined ? [] : [updateDriver(module, plan, read)]
      if (vectors === undefined) return { functions }
      const { asked, isRelaxed } = vectors
      return vectors.append(module, { batch, plan, firstIndex, calls, asked: new Map(asked), isRelaxed }, read, functions)
    },
  }
}
