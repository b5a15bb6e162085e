import { MEMORY_BYTES_SHIFT, PRICES, TABLE_ELEMENT_SHIFT } from '../../abi/prices.ts'
import { OPCODE } from '../format/opcodes.ts'
import type { Writer } from '../format/writer.ts'
import type { AddedLocals } from './added-locals.ts'
import type { Additions } from './additions.ts'
import { writeFuelCheck } from './fuel-code.ts'
import { INSERTION, type InsertionKind } from './insertions.ts'

/** The number of `table.size` behind the prefix. */
export const TABLE_SIZE = 16
/** The binary logarithm of the bytes of a page. */
const PAGE_SHIFT = 16

/** Writes a charge that is known at run time only: the value that `write` leaves on the stack, times `2 ** shift`. */
export function chargeShifted(out: Writer, { caches, fuel }: AddedLocals, additions: Additions, shift: number, write: () => void): void {
  if (caches) out.byte(OPCODE.localGet).u32(fuel)
  else out.byte(OPCODE.globalGet).u32(additions.fuel)
  write()
  out.byte(OPCODE.i32Const).s32(shift).byte(OPCODE.i32Shl).byte(OPCODE.i32Sub)
  if (caches) out.byte(OPCODE.localSet).u32(fuel)
  else out.byte(OPCODE.globalSet).u32(additions.fuel)
}

/**
 * Writes the charge for a bulk instruction or a `memory.grow`. Its size is on the stack and stays there. A size that is greater
 * than the memory or table costs nothing: the instruction traps, or fails to grow, and takes no time.
 */
export function chargeSize(out: Writer, kind: InsertionKind, argument: number, locals: AddedLocals, additions: Additions): void {
  const { caches, fuel, size } = locals
  out.byte(OPCODE.localSet).u32(size)
  if (kind === INSERTION.pages) refuseGrowth(out, size, additions)
  if (caches) out.byte(OPCODE.localGet).u32(fuel)
  else out.byte(OPCODE.globalGet).u32(additions.fuel)
  out.byte(OPCODE.localGet).u32(size)
  if (kind === INSERTION.bytes) {
    out.byte(OPCODE.i32Const).s32(MEMORY_BYTES_SHIFT).byte(OPCODE.i32ShrU)
    out.byte(OPCODE.localGet).u32(size).byte(OPCODE.i32Const).s32(PAGE_SHIFT).byte(OPCODE.i32ShrU)
    out.byte(OPCODE.memorySize).u32(argument)
  } else {
    if (kind === INSERTION.pages) out.byte(OPCODE.i32Const).s32(PRICES.growPage).byte(OPCODE.i32Mul)
    else out.byte(OPCODE.i32Const).s32(TABLE_ELEMENT_SHIFT).byte(OPCODE.i32Shl)
    out.byte(OPCODE.localGet).u32(size)
    if (kind === INSERTION.pages) out.byte(OPCODE.i32Const).s32(argument)
    else out.byte(OPCODE.bulk).u32(TABLE_SIZE).u32(argument)
  }
  out.byte(OPCODE.i32LeU).byte(OPCODE.i32Mul).byte(OPCODE.i32Sub)
  if (caches) out.byte(OPCODE.localTee).u32(fuel)
  out.byte(OPCODE.globalSet).u32(additions.fuel)
  writeFuelCheck(out, locals, additions)
  out.byte(OPCODE.localGet).u32(size)
}

/** Writes code that replaces the size of a `memory.grow` by -1, which fails, if all memories together would become too large. */
function refuseGrowth(out: Writer, size: number, additions: Additions): void {
  out.byte(OPCODE.localGet).u32(size).byte(OPCODE.i32Const).s32(-1)
  out.byte(OPCODE.localGet).u32(size).byte(OPCODE.globalGet).u32(additions.pages)
  for (let memory = 0; memory < additions.memory; memory++) out.byte(OPCODE.memorySize).u32(memory).byte(OPCODE.i32Sub)
  out.byte(OPCODE.i32LeU).byte(OPCODE.select).byte(OPCODE.localSet).u32(size)
}
