import { EMPTY_BLOCK, OPCODE } from '../format/opcodes.ts'
import type { Writer } from '../format/writer.ts'
import type { AddedLocals } from './added-locals.ts'
import type { Additions } from './additions.ts'
import type { CountedLoop, Sum } from './counted-loops.ts'

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
      out.byte(OPCODE.i32Const).s32(size).byte(OPCODE.i32RemU).byte(OPCODE.i32Eqz)
    }
    distance()
    writeDivision(out, step, size)
    out.byte(OPCODE.i64ExtendI32U)
  } else {
    writeSum(out, counter)
    writeSum(out, bound)
    out.byte(COMPARISONS[comparison])
    writeRange(out, loop)
    out.byte(OPCODE.i32And)
    const isUp = comparison.startsWith('l')
    if (isUp) writeDifference(out, bound, counter)
    else writeDifference(out, counter, bound)
    if (!comparison.includes('e')) out.byte(OPCODE.i32Const).s32(1).byte(OPCODE.i32Sub)
    writeDivision(out, step, Math.abs(step.constant))
    out.byte(OPCODE.i64ExtendI32U).byte(OPCODE.i64Const).s32(1).byte(OPCODE.i64Add)
  }
  out
    .byte(OPCODE.i64Const)
    .s32(each)
    .byte(OPCODE.i64Mul)
    .byte(OPCODE.i64Const)
    .s32(first)
    .byte(OPCODE.i64Add)
    .byte(OPCODE.localSet)
    .u32(local)
}

/**
 * Begins a block in which a loop is paid for: it runs if what {@link writeRounds} left on the stack is not 0, and there is fuel for what it
 * wrote into the local, which is charged then.
 */
export function writeChargeAhead(out: Writer, { caches, fuel, ahead }: AddedLocals, additions: Additions): void {
  const getFuel = (): Writer => (caches ? out.byte(OPCODE.localGet).u32(fuel) : out.byte(OPCODE.globalGet).u32(additions.fuel))
  out.byte(OPCODE.localGet).u32(ahead)
  getFuel().byte(OPCODE.i64ExtendI32S).byte(OPCODE.i64LeS).byte(OPCODE.i32And).byte(OPCODE.if).byte(EMPTY_BLOCK)
  getFuel().byte(OPCODE.localGet).u32(ahead).byte(OPCODE.i32WrapI64).byte(OPCODE.i32Sub)
  if (caches) out.byte(OPCODE.localTee).u32(fuel)
  out.byte(OPCODE.globalSet).u32(additions.fuel)
}

function writeSum(out: Writer, { locals, constant }: Sum): void {
  if (locals.length === 0 || constant !== 0) out.byte(OPCODE.i32Const).s32(constant)
  for (const [place, local] of locals.entries()) {
    out.byte(OPCODE.localGet).u32(local)
    if (place > 0 || constant !== 0) out.byte(OPCODE.i32Add)
  }
}

function writeDifference(out: Writer, one: Sum, other: Sum): void {
  writeSum(out, one)
  writeSum(out, other)
  out.byte(OPCODE.i32Sub)
}

/** Divides by the size of a step. A step of 0, for which the result is not used, must not trap. */
function writeDivision(out: Writer, step: Sum, size: number): void {
  if (step.locals.length > 0) {
    writeSum(out, step)
    writeSum(out, step)
    out.byte(OPCODE.i32Eqz).byte(OPCODE.i32Or).byte(OPCODE.i32DivU)
  } else if ((size & (size - 1)) !== 0) out.byte(OPCODE.i32Const).s32(size).byte(OPCODE.i32DivU)
  else if (size > 1) out.byte(OPCODE.i32Const).s32(Math.log2(size)).byte(OPCODE.i32ShrU)
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
      .byte(isSigned ? OPCODE.i32GeS : OPCODE.i32GeU)
    return
  }
  if (step.locals.length === 0) {
    out
      .byte(OPCODE.i32Const)
      .s32(isSigned ? MAX - step.constant : ~step.constant)
      .byte(isSigned ? OPCODE.i32LeS : OPCODE.i32LeU)
    return
  }
  // What is left above the bound is at least the step.
  if (isSigned) out.byte(OPCODE.i32Const).s32(MAX)
  else out.byte(OPCODE.i32Const).s32(-1)
  writeSum(out, step)
  out.byte(isSigned ? OPCODE.i32Sub : OPCODE.i32Xor).byte(isSigned ? OPCODE.i32LeS : OPCODE.i32LeU)
  writeSum(out, step)
  out
    .byte(OPCODE.i32Const)
    .s32(0)
    .byte(isSigned ? OPCODE.i32GtS : OPCODE.i32Ne)
    .byte(OPCODE.i32And)
}
