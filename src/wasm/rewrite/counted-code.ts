import { OPCODE } from '../format/opcodes.ts'
import type { Writer } from '../format/writer.ts'
import type { CountedLoop, Sum } from './counted-loops.ts'

const I32_EQZ = 0x45
const I32_NE = 0x47
const I32_GT_S = 0x4a
const I32_LE_S = 0x4c
const I32_LE_U = 0x4d
const I32_GE_S = 0x4e
const I32_GE_U = 0x4f
const I32_ADD = 0x6a
const I32_SUB = 0x6b
const I32_DIV_U = 0x6e
const I32_REM_U = 0x70
const I32_AND = 0x71
const I32_OR = 0x72
const I32_XOR = 0x73
const I32_SHR_U = 0x76
const I64_ADD = 0x7c
const I64_MUL = 0x7e
const I64_EXTEND_I32_U = 0xad
const COMPARISONS = { lt_s: 0x48, lt_u: 0x49, gt_s: 0x4a, gt_u: 0x4b, le_s: 0x4c, le_u: 0x4d, ge_s: 0x4e, ge_u: 0x4f } as const
const MAX = 0x7fff_ffff
const MIN = -0x8000_0000

/**
 * Writes the units that all rounds of a loop cost, as an i64, into a local: `first` for the first test, and `each` for each round that goes on.
 * Before that, writes an i32 that is not 0 if the number of these rounds is right. It is not where the counter would pass the ends of
 * its range, where the first test fails, and where the counter would step over a bound that it must equal.
 *
 * All products are exact: there are less than 2^32 rounds, and a round costs less than 2^24 units.
 */
export function writeRounds(out: Writer, loop: CountedLoop, first: number, each: number, local: number): void {
  const { counter, bound, step, comparison } = loop
  if (comparison === 'ne') {
    const size = Math.abs(step.constant)
    const distance = (): void => (step.constant > 0 ? writeDifference(out, bound, counter) : writeDifference(out, counter, bound))
    if (size === 1) out.byte(OPCODE.i32Const).s32(1)
    else {
      distance()
      out.byte(OPCODE.i32Const).s32(size).byte(I32_REM_U).byte(I32_EQZ)
    }
    distance()
    writeDivision(out, step, size)
    out.byte(I64_EXTEND_I32_U)
  } else {
    writeSum(out, counter)
    writeSum(out, bound)
    out.byte(COMPARISONS[comparison])
    writeRange(out, loop)
    out.byte(I32_AND)
    const isUp = comparison.startsWith('l')
    if (isUp) writeDifference(out, bound, counter)
    else writeDifference(out, counter, bound)
    if (!comparison.includes('e')) out.byte(OPCODE.i32Const).s32(1).byte(I32_SUB)
    writeDivision(out, step, Math.abs(step.constant))
    out.byte(I64_EXTEND_I32_U).byte(OPCODE.i64Const).s32(1).byte(I64_ADD)
  }
  out.byte(OPCODE.i64Const).s32(each).byte(I64_MUL).byte(OPCODE.i64Const).s32(first).byte(I64_ADD).byte(OPCODE.localSet).u32(local)
}

function writeSum(out: Writer, { locals, constant }: Sum): void {
  if (locals.length === 0 || constant !== 0) out.byte(OPCODE.i32Const).s32(constant)
  for (const [place, local] of locals.entries()) {
    out.byte(OPCODE.localGet).u32(local)
    if (place > 0 || constant !== 0) out.byte(I32_ADD)
  }
}

function writeDifference(out: Writer, one: Sum, other: Sum): void {
  writeSum(out, one)
  writeSum(out, other)
  out.byte(I32_SUB)
}

/** Divides by the size of a step. A step of 0, for which the result is not used, must not trap. */
function writeDivision(out: Writer, step: Sum, size: number): void {
  if (step.locals.length > 0) {
    writeSum(out, step)
    writeSum(out, step)
    out.byte(I32_EQZ).byte(I32_OR).byte(I32_DIV_U)
  } else if ((size & (size - 1)) !== 0) out.byte(OPCODE.i32Const).s32(size).byte(I32_DIV_U)
  else if (size > 1) out.byte(OPCODE.i32Const).s32(Math.log2(size)).byte(I32_SHR_U)
}

/** Writes whether the counter stays in its range until it has passed the bound, and, for a step that is a local, whether it grows. */
function writeRange(out: Writer, { bound, step, comparison }: CountedLoop): void {
  const isSigned = comparison.endsWith('s')
  writeSum(out, bound)
  if (!comparison.startsWith('l')) {
    const size = -step.constant
    out
      .byte(OPCODE.i32Const)
      .s32(isSigned ? MIN + size : size)
      .byte(isSigned ? I32_GE_S : I32_GE_U)
    return
  }
  if (step.locals.length === 0) {
    out
      .byte(OPCODE.i32Const)
      .s32(isSigned ? MAX - step.constant : ~step.constant)
      .byte(isSigned ? I32_LE_S : I32_LE_U)
    return
  }
  // What is left above the bound is at least the step.
  if (isSigned) out.byte(OPCODE.i32Const).s32(MAX)
  else out.byte(OPCODE.i32Const).s32(-1)
  writeSum(out, step)
  out.byte(isSigned ? I32_SUB : I32_XOR).byte(isSigned ? I32_LE_S : I32_LE_U)
  writeSum(out, step)
  out
    .byte(OPCODE.i32Const)
    .s32(0)
    .byte(isSigned ? I32_GT_S : I32_NE)
    .byte(I32_AND)
}
