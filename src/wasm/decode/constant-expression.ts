import type { ByteRange } from '../format/module.ts'
import { ALLOCATING } from '../format/opcodes.ts'
import type { Reader } from '../format/reader.ts'

/** A constant expression. */
export interface ConstantExpression extends ByteRange {
  /** The functions that it refers to. */
  readonly functions: readonly number[]
  /** The globals that it reads. */
  readonly globals: readonly number[]
  /** The offset of its first instruction that makes a struct or an array. */
  readonly allocatesAt?: number
}

/**
 * Reads a constant expression up to its `end`: the initial value of a global or an element, or the offset of a segment.
 * https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions
 */
export function constantExpression(reader: Reader): ConstantExpression {
  const start = reader.position
  let allocatesAt: number | undefined
  const functions: number[] = []
  const globals: number[] = []
  for (;;) {
    const at = reader.position
    const opcode = reader.byte('a constant expression')
    switch (opcode) {
      case 0x0b:
        return { start, end: reader.position, functions, globals, ...(allocatesAt !== undefined && { allocatesAt }) }
      case 0x23: // global.get
        globals.push(reader.u32('an index'))
        break
      case 0xd2: // ref.func
        functions.push(reader.u32('an index'))
        break
      case 0x6a: // add, sub and mul of i32 and i64
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break
      case 0xfb:
        if (aggregate(reader, at)) allocatesAt ??= at
        break
      case 0xfd:
        if (reader.u32('a SIMD instruction') !== 12) reader.fail('this SIMD instruction is not constant', at)
        reader.skip(16, 'a v128')
        break
      default:
        if (!skipConstant(reader, opcode)) reader.fail(`the instruction 0x${opcode.toString(16)} is not constant`, at)
    }
  }
}

/** Skips the operand of an instruction that is a constant by itself. Returns `false` for any other instruction. */
export function skipConstant(reader: Reader, opcode: number): boolean {
  if (opcode === 0x41) reader.skipLeb(32, 'an i32')
  else if (opcode === 0x42) reader.skipLeb(64, 'an i64')
  else if (opcode === 0x43) reader.skip(4, 'an f32')
  else if (opcode === 0x44) reader.skip(8, 'an f64')
  else if (opcode === 0xd0) reader.s33('a heap type')
  else return false
  return true
}

/** Reads a constant instruction on structs, arrays or i31. Returns whether it makes a struct or an array. */
function aggregate(reader: Reader, at: number): boolean {
  const instruction = reader.u32('a GC instruction')
  const indices: Record<number, number> = { 0: 1, 1: 1, 6: 1, 7: 1, 8: 2, 26: 0, 27: 0, 28: 0 }
  const count = indices[instruction]
  if (count === undefined) reader.fail(`the GC instruction ${instruction} is not constant`, at)
  for (let left = count; left > 0; left--) reader.u32('an index')
  return ALLOCATING.includes(instruction)
}
