import type { DecodedModule } from '../../wasm/format/module.ts'
import type { Appended, CodeReader } from '../../wasm/rewrite/inlining.ts'
import type { AppendedFunction } from '../../wasm/rewrite/sections.ts'
import { groupDriver, type VectorImports } from './group-driver.ts'
import { roundDrivers } from './round-driver.ts'
import type { DriverPlan } from './update-driver.ts'

/** What vectors are made from, beside the code. */
export interface VectorParts extends VectorImports {
  /** The address of the batch. */
  readonly batch: number
  /** Left out if the module has no `update`. */
  readonly plan: DriverPlan | undefined
  /** The index of the first function that is appended. */
  readonly firstIndex: number
}

/** Appends what runs `update`, and loops of `tick`, on several entities at once. `functions` are those that are appended before. */
export function appendVectors(
  module: DecodedModule,
  { batch, plan, firstIndex, ...imports }: VectorParts,
  read: CodeReader,
  functions: readonly AppendedFunction[],
): Appended {
  const groups = plan && groupDriver(module, plan, imports, read)
  const isGrouped = groups !== undefined && !('why' in groups)
  const before = isGrouped ? [...functions, groups.driver] : functions
  const rounds = roundDrivers(module, batch, imports, read, firstIndex + before.length)
  return {
    functions: [...before, ...rounds.functions],
    replaced: rounds.replaced,
    vector: isGrouped ? groups.grouped : (groups ?? rounds.obstacle),
    loops: rounds.functions.length,
  }
}
