import type { DecodedModule, FunctionType } from '../format/module.ts'
import { OPCODE } from '../format/opcodes.ts'
import { RESERVED } from '../format/reserved.ts'
import type { AppendedFunction } from './sections.ts'

const SIMD = 0xfd
const I64X2_SPLAT = 0x12
const I64X2_EXTRACT_LANE = 0x1d
const I64X2_REPLACE_LANE = 0x1e

/** The types of the functions that read and write a vector as two i64, since JavaScript has no vector values. */
export const VECTOR_TYPES: readonly FunctionType[] = [
  { params: [], results: ['i64', 'i64'] },
  { params: ['i64', 'i64'], results: [] },
]

/** Returns functions that read and write the mutable v128 globals. Their types are the first that are appended to the module. */
export function vectorGlobals(module: DecodedModule, globalShift: number): readonly AppendedFunction[] {
  return [...module.globals.entries()].flatMap(([index, { mutable, value }]) =>
    mutable && value === 'v128'
      ? [readVector(index, globalShift, module.types.length), writeVector(index, globalShift, module.types.length + 1)]
      : [],
  )
}

function readVector(global: number, shift: number, type: number): AppendedFunction {
  return {
    name: `${RESERVED.readVector}${global}`,
    type,
    write(out) {
      out.u32(0)
      for (const lane of [0, 1])
        out
          .byte(OPCODE.globalGet)
          .u32(global + shift)
          .byte(SIMD)
          .u32(I64X2_EXTRACT_LANE)
          .byte(lane)
      out.byte(OPCODE.end)
    },
  }
}

function writeVector(global: number, shift: number, type: number): AppendedFunction {
  return {
    name: `${RESERVED.writeVector}${global}`,
    type,
    write(out) {
      out.u32(0).byte(OPCODE.localGet).u32(0).byte(SIMD).u32(I64X2_SPLAT)
      out.byte(OPCODE.localGet).u32(1).byte(SIMD).u32(I64X2_REPLACE_LANE).byte(1)
      out
        .byte(OPCODE.globalSet)
        .u32(global + shift)
        .byte(OPCODE.end)
    },
  }
}
