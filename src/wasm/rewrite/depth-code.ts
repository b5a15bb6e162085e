import { EMPTY_BLOCK, OPCODE } from '../format/opcodes.ts'
import type { Writer } from '../format/writer.ts'
import { type Additions, TOO_DEEP } from './additions.ts'

/**
 * Units of stack that nested calls may take. A function takes a few units, and one for each local and each operand: see `frameOf`. The
 * limit is less than half of the default stack of engines, so that every engine stops a script at the same depth.
 */
export const MAX_DEPTH = 24_000

/** A function takes so many units of stack, and one for each local and each operand. */
export const FRAME = 6

/** Writes code that adds the frame of a function to the depth of its caller, which is on the stack. */
export function writeDepth(out: Writer, depthLocal: number, frame: number): void {
  out.byte(OPCODE.i32Const).s32(frame).byte(OPCODE.i32Add).byte(OPCODE.localSet).u32(depthLocal)
}

/** Writes a check of the depth. */
export function writeDepthCheck(out: Writer, depthLocal: number, additions: Additions): void {
  writeIsTooDeep(out, depthLocal)
  out.byte(OPCODE.if).byte(EMPTY_BLOCK)
  writeTooDeep(out, additions)
  out.byte(OPCODE.unreachable).byte(OPCODE.end)
}

/**
 * Writes one check of the depth and of the fuel, which `getFuel` reads: a second branch would take as long as the first. If both are used up,
 * it is the depth that counts.
 */
export function writeDepthAndFuelCheck(out: Writer, depthLocal: number, getFuel: readonly number[], additions: Additions): void {
  out.short(getFuel)
  out.byte(OPCODE.i32Const).s32(MAX_DEPTH).byte(OPCODE.localGet).u32(depthLocal).byte(OPCODE.i32Sub).byte(OPCODE.i32Or)
  out.byte(OPCODE.i32Const).s32(0).byte(OPCODE.i32LtS).byte(OPCODE.if).byte(EMPTY_BLOCK)
  writeIsTooDeep(out, depthLocal)
  out.byte(OPCODE.if).byte(EMPTY_BLOCK)
  writeTooDeep(out, additions)
  out.byte(OPCODE.end).byte(OPCODE.unreachable).byte(OPCODE.end)
}

function writeIsTooDeep(out: Writer, depthLocal: number): void {
  out.byte(OPCODE.localGet).u32(depthLocal).byte(OPCODE.i32Const).s32(MAX_DEPTH).byte(OPCODE.i32GtS)
}

function writeTooDeep(out: Writer, { fault }: Additions): void {
  out.byte(OPCODE.i32Const).s32(TOO_DEEP).byte(OPCODE.globalSet).u32(fault)
}
