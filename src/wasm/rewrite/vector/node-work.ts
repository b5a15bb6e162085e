import { VECTOR } from '../../format/opcodes.ts'
import { type Node, vectorNumber } from './graph.ts'

/** The time of a vector instruction, in units of fuel one by one. */
export const VECTOR_WORK = 1.6
/** That of a selection of bits, which takes engines three instructions. */
const SELECT_WORK = 4.2
/** That of one that reads or writes a single lane, and of one that extracts a lane. */
const LANE_WORK = 1
const EXTRACT_WORK = 9
/** What an arm takes beside its code: the processor often expects the wrong way. */
export const ARM_WORK = 30
/** That of an instruction on the number of a lane. */
const NUMBER_WORK = 1.45
/** That of a division or a square root. */
const SLOW_WORK = 27

const WORK: ReadonlyMap<number, number> = new Map([
  [VECTOR.select, SELECT_WORK],
  ...[VECTOR.load32Lane, VECTOR.load64Lane, VECTOR.load32Zero, VECTOR.load64Zero].map((number) => [number, LANE_WORK] as const),
  ...[VECTOR.replaceI32, VECTOR.replaceF32].map((number) => [number, LANE_WORK] as const),
  [VECTOR.extractI32, EXTRACT_WORK],
  ...[VECTOR.rootF32, VECTOR.divideF32, VECTOR.rootF64, VECTOR.divideF64].map((number) => [number, SLOW_WORK] as const),
])

/** Returns about how long a node takes, in units of fuel one by one. Addresses and constants count as part of what takes them. */
export function workOf({ type, lane, operands, code }: Node): number {
  if (operands.length === 0) return 0
  const number = vectorNumber(code)
  if (number < 0) return type === 'v128' || lane < 0 ? 0 : NUMBER_WORK
  return WORK.get(number) ?? VECTOR_WORK
}
