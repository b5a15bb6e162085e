import { type ValueKind, valueTypeByte, writeAccess } from './accessors.ts'
import type { Charges, Insertion } from './charges.ts'
import type { FunctionBody } from './types.ts'
import type { Writer } from './writer.ts'

/** The globals that metering counts in, by index. */
export interface Meters {
  /** Units of fuel that are left, as i32: below 0 when it ran out. */
  readonly fuel: number
  /** How deep the calls are, in units of stack, as i32. */
  readonly depth: number
  /** The entity that an access found out of range, as i32; else 0. */
  readonly fault: number
}

/**
 * Units of stack that nested calls may take: a function takes {@link FRAME} and one for each local. Less than half of
 * the stack that engines have by default, so that it ends here, at the same depth everywhere, and not in the engine.
 */
export const MOST_DEPTH = 24_000
const FRAME = 8

const I32 = 0x7f
const UNREACHABLE = 0x00
const IF = 0x04
const END = 0x0b
const LOCAL_GET = 0x20
const LOCAL_SET = 0x21
const LOCAL_TEE = 0x22
const GLOBAL_GET = 0x23
const GLOBAL_SET = 0x24
const I32_CONST = 0x41
const I32_LT_S = 0x48
const I32_GT_S = 0x4a
const I32_ADD = 0x6a
const I32_SUB = 0x6b
const I32_SHR_U = 0x76
const EMPTY_BLOCK = 0x40
/** Bytes or elements that a bulk instruction does for one unit, as a shift. */
const BULK_SHIFT = 2

/**
 * Writes a function body that spends fuel as it runs. Its own instructions stay as they are and where they are to each other;
 * locals are appended, and no index shifts.
 *
 * A trap is injected as `unreachable`. Afterwards the globals tell which it was: fuel below 0, or a depth beyond the most.
 */
export function meterBody(out: Writer, bytes: Uint8Array, { body }: FunctionBody, charges: Charges, meters: Meters): void {
  const { insertions, localGroups, localsAt, codeAt, locals, calls } = charges
  const added = addLocals(charges)
  const { depthLocal, sizeLocal } = added
  out.u32(localGroups + added.types.length).bytes(bytes.subarray(localsAt, codeAt))
  for (const type of added.types) out.u32(1).byte(type)
  if (calls) {
    out.byte(GLOBAL_GET).u32(meters.depth).byte(LOCAL_TEE).u32(depthLocal)
    out.byte(I32_CONST).s32(MOST_DEPTH).byte(I32_GT_S)
    trapIf(out)
  }
  let from = codeAt
  for (const insertion of insertions) {
    out.range(bytes, from, insertion.at)
    from = insertion.at
    if (insertion.kind === 'call') {
      out
        .byte(LOCAL_GET)
        .u32(depthLocal)
        .byte(I32_CONST)
        .s32(FRAME + locals)
        .byte(I32_ADD)
        .byte(GLOBAL_SET)
        .u32(meters.depth)
    } else if (insertion.access !== undefined) {
      const { accessor, end } = insertion.access
      writeAccess(out, accessor, { entity: added.entityLocal, values: added.valueLocals, fault: meters.fault })
      from = end
    } else if (insertion.kind === 'bulk') {
      out.byte(LOCAL_SET).u32(sizeLocal)
      out.byte(GLOBAL_GET).u32(meters.fuel)
      out.byte(LOCAL_GET).u32(sizeLocal).byte(I32_CONST).s32(BULK_SHIFT).byte(I32_SHR_U)
      out.byte(I32_SUB).byte(GLOBAL_SET).u32(meters.fuel)
      check(out, meters)
      out.byte(LOCAL_GET).u32(sizeLocal)
    } else {
      charge(out, insertion, meters)
    }
  }
  out.range(bytes, from, body.end)
}

interface AddedLocals {
  readonly types: readonly number[]
  readonly depthLocal: number
  readonly sizeLocal: number
  readonly entityLocal: number
  readonly valueLocals: Partial<Record<ValueKind, number>>
}

/** The locals that a body needs beside its own, behind them. Those it does not need have no index that is used. */
function addLocals({ locals, calls, bulk, accesses, written }: Charges): AddedLocals {
  const types: number[] = []
  const add = (needed: boolean, type: number): number => (needed ? locals + types.push(type) - 1 : -1)
  const depthLocal = add(calls, I32)
  const sizeLocal = add(bulk, I32)
  const entityLocal = add(accesses, I32)
  const valueLocals: Partial<Record<ValueKind, number>> = {}
  for (const kind of written) valueLocals[kind] = add(true, valueTypeByte(kind))
  return { types, depthLocal, sizeLocal, entityLocal, valueLocals }
}

function charge(out: Writer, { kind, cost }: Insertion, meters: Meters): void {
  if (cost === 0) return
  out.byte(GLOBAL_GET).u32(meters.fuel).byte(I32_CONST).s32(cost).byte(I32_SUB).byte(GLOBAL_SET).u32(meters.fuel)
  if (kind !== 'block') check(out, meters)
}

function check(out: Writer, meters: Meters): void {
  out.byte(GLOBAL_GET).u32(meters.fuel).byte(I32_CONST).s32(0).byte(I32_LT_S)
  trapIf(out)
}

function trapIf(out: Writer): void {
  out.byte(IF).byte(EMPTY_BLOCK).byte(UNREACHABLE).byte(END)
}
