import { PREFIX_SIMD } from '../../format/opcodes.ts'
import { Reader } from '../../format/reader.ts'
import type { Node } from './graph.ts'
import { VECTOR } from './lanes.ts'

/** The time of a vector instruction, in units of fuel one by one. */
export const VECTOR_WORK = 2.2
/** That of one that reads or writes a single lane, with what computes its address. */
const LANE_WORK = 6.8
/** That of a division or a square root. */
const SLOW_WORK = 27

const LANES: readonly number[] = [VECTOR.load32Lane, VECTOR.load64Lane, VECTOR.load32Zero, VECTOR.load64Zero, VECTOR.replaceI32]
const SLOW: readonly number[] = [VECTOR.rootF32, VECTOR.divideF32, VECTOR.rootF64, VECTOR.divideF64]

/** Returns about how long a node takes, in units of fuel one by one. Addresses and constants count as part of what takes them. */
export function workOf({ type, operands, code }: Node): number {
  if (type === 'i32' || operands.length === 0 || code[0] !== PREFIX_SIMD) return 0
  const number = new Reader(code, { start: 1, end: code.length }).u32('an instruction')
  if (LANES.includes(number)) return LANE_WORK
  return SLOW.includes(number) ? SLOW_WORK : VECTOR_WORK
}
