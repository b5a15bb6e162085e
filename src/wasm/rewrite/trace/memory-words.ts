import { OPCODE } from '../../format/opcodes.ts'
import type { Writer } from '../../format/writer.ts'
import { writeMemoryAccess } from '../inline-call.ts'

/** Log2 of the bytes of a word, the alignment of its loads and stores. */
export const WORD_SHIFT = 2

/** Writes a load of the word at an address of a memory. */
export function writeWordLoad(out: Writer, memory: number, address: number): void {
  out.byte(OPCODE.i32Const).s32(0)
  writeMemoryAccess(out, OPCODE.i32Load, WORD_SHIFT, memory, address)
}

/** Writes a store of what `read` pushes to the word at an address of a memory. */
export function writeWordStore(out: Writer, memory: number, address: number, read: () => void): void {
  out.byte(OPCODE.i32Const).s32(0)
  read()
  writeMemoryAccess(out, OPCODE.i32Store, WORD_SHIFT, memory, address)
}
