import { isLoad, isNumeric, isStore, OPCODE, PREFIX_SIMD } from '../format/opcodes.ts'
import * as IMMEDIATE from './immediate.ts'

/** Opcodes by what follows them, numeric instructions and accesses to memory aside. */
const OTHERS: readonly (readonly [follows: number, opcodes: readonly number[]])[] = [
  [IMMEDIATE.none, [0x00, 0x01, 0x05, 0x0a, 0x0b, 0x0f, 0x19, 0x1a, 0x1b, 0xd1, 0xd3, 0xd4]],
  [IMMEDIATE.blockType, [0x02, 0x03, 0x04, 0x06]],
  [IMMEDIATE.label, [0x0c, 0x0d, 0xd5, 0xd6]],
  // `catch`, `throw`, `rethrow`, calls, locals, globals, tables, the size of memory, `ref.func`. The label of a `delegate` (0x18) names a
  // handler and not a target.
  [IMMEDIATE.index, [0x07, 0x08, 0x09, 0x10, 0x12, 0x14, 0x15, 0x18, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x3f, 0x40, 0xd2]],
  [IMMEDIATE.typeAndTable, [OPCODE.callIndirect, OPCODE.returnCallIndirect]],
  [IMMEDIATE.labels, [OPCODE.brTable]],
  [IMMEDIATE.types, [0x1c]],
  [IMMEDIATE.handlers, [OPCODE.tryTable]],
  [IMMEDIATE.aggregate, [OPCODE.aggregate]],
  [IMMEDIATE.bulk, [OPCODE.bulk]],
  [IMMEDIATE.vector, [PREFIX_SIMD]],
]

/** What follows each opcode. */
export const IMMEDIATES: Uint8Array = Uint8Array.from({ length: 256 }, (_, opcode) => {
  if (isNumeric(opcode)) return IMMEDIATE.none
  if (isLoad(opcode) || isStore(opcode)) return IMMEDIATE.memory
  return OTHERS.find(([, opcodes]) => opcodes.includes(opcode))?.[0] ?? IMMEDIATE.other
})
