import { VALUE_TYPE } from '../format/opcodes.ts'
import type { Writer } from '../format/writer.ts'
import type { Charges } from './charges.ts'
import type { EditLocals } from './float-edits.ts'
import type { FuelPlace } from './fuel-code.ts'
import type { FunctionPlan } from './function-plans.ts'
import { type ValueKind, valueTypeByte } from './inline-call.ts'

/** The indices of the locals that metering adds; -1 for those that a body does not need. */
export interface AddedLocals extends FuelPlace, EditLocals {
  /** The types of all added locals. */
  readonly types: readonly number[]
  /** The depth of the calls that the function makes. */
  readonly depth: number
  /** What a loop costs that is charged ahead: an i64. */
  readonly ahead: number
  /** The size of a bulk instruction. */
  readonly size: number
  /** The first operand of an inlined call. */
  readonly operandLocal: number
}

/** What the added locals depend on. */
interface LocalsOf {
  readonly charges: Charges
  readonly plan: FunctionPlan
  readonly depthParameter?: number | undefined
}

/** Assigns indices to the locals that metering adds, after those of the function. */
export function addLocals({ charges, plan, depthParameter }: LocalsOf, caches: boolean): AddedLocals {
  const { bulk, inlines, values, countedLoops, constants, locals } = charges
  const first = depthParameter === locals ? locals + 1 : locals
  const types: number[] = []
  const add = (needed: boolean, type: number): number => (needed ? first + types.push(type) - 1 : -1)
  const fuel = add(caches, VALUE_TYPE.i32)
  const depth = add(plan.countsDepth, VALUE_TYPE.i32)
  const ahead = add(countedLoops.length > 0, VALUE_TYPE.i64)
  const size = add(bulk, VALUE_TYPE.i32)
  const operandLocal = add(inlines, VALUE_TYPE.i32)
  const valueLocals: Record<ValueKind, number> = { i32: -1, f32: -1, f64: -1, v128: -1, frame: -1, record: -1 }
  for (const kind of values) valueLocals[kind] = add(true, valueTypeByte(kind))
  const constantLocals = constants.map((type) => add(true, type))
  return { types, fuel, caches, depth, ahead, size, operandLocal, valueLocals, constants: constantLocals }
}

/** Writes the locals of a function, and those that are added. */
export function writeLocals(out: Writer, bytes: Uint8Array, { localGroups, localsAt, codeAt }: Charges, added: readonly number[]): void {
  out.u32(localGroups + added.length).range(bytes, localsAt, codeAt)
  for (const type of added) out.u32(1).byte(type)
}
