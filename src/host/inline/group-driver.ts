import type { DecodedModule } from '../../wasm/format/module.ts'
import { RESERVED } from '../../wasm/format/reserved.ts'
import type { Writer } from '../../wasm/format/writer.ts'
import type { InlineCalls } from '../../wasm/rewrite/inline-call.ts'
import type { CodeReader } from '../../wasm/rewrite/inlining.ts'
import type { AppendedFunction } from '../../wasm/rewrite/sections.ts'
import { type GroupCode, vectorize } from '../../wasm/rewrite/vector/vectorize.ts'
import type { WalkedModule } from '../../wasm/rewrite/vector/walked-module.ts'
import type { CodeObstacle, GroupedUpdate } from '../../wasm/rewrite/vectorization.ts'
import * as GROUP_LOCAL from './group-local.ts'
import { BLOCKS, DT_PARAMETER, GroupLoop } from './group-loop.ts'
import type { DriverPlan } from './update-driver.ts'

/** A function that runs `update` on groups of four entities. */
export interface GroupDriver {
  readonly driver: AppendedFunction
  readonly grouped: GroupedUpdate
}

/** The imports whose calls vectors can run. */
export interface VectorImports {
  /** The calls that are inlined. */
  readonly calls: InlineCalls
  /** Those that test an entity for a component, with the address of the bytes that say who has it. */
  readonly asked: ReadonlyMap<number, number>
  /** Whether the engine supports relaxed SIMD. */
  readonly isRelaxed: boolean
}

/** Returns the driver of groups, or what prevents `update` from running on four entities at once. */
export function groupDriver(
  module: DecodedModule,
  plan: DriverPlan,
  { calls, asked, isRelaxed }: VectorImports,
  read: CodeReader,
): GroupDriver | CodeObstacle {
  const { update, dt } = plan
  const { memory, globalShift } = read(update).additions
  const walked: WalkedModule = { module, calls, asked, read, memory, globalShift, isRelaxed }
  const group = (kind: keyof typeof BLOCKS, alive: number | undefined, free: number): GroupCode | CodeObstacle =>
    vectorize(walked, {
      update,
      dt,
      locals: { first: GROUP_LOCAL.first, dt: DT_PARAMETER, spent: GROUP_LOCAL.spent, alive, free },
      blocks: BLOCKS[kind],
    })
  const full = group('full', undefined, GROUP_LOCAL.firstFree)
  if ('why' in full) return full
  const masked = group('masked', GROUP_LOCAL.alive, GROUP_LOCAL.firstFree + full.types.length)
  if ('why' in masked) return masked
  const write = (out: Writer): void => {
    const { additions, plan: metering } = read(update)
    new GroupLoop(out, { full, masked, plan, additions, callsDepth: metering.setsDepth(update) }).write()
  }
  const { leaves, asked: addresses, tables, base, maxCost } = full
  const work = { full: full.work, masked: masked.work }
  return { driver: { name: RESERVED.groups, type: plan.type, write }, grouped: { leaves, asked: addresses, tables, base, maxCost, work } }
}
