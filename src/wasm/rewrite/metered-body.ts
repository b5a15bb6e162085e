import { FRAME_SHIFT, TABLE_GROW_SHIFT } from '../../abi/prices.ts'
import { EMPTY_BLOCK, OPCODE } from '../format/opcodes.ts'
import type { Writer } from '../format/writer.ts'
import { type AddedLocals, addLocals, writeLocals } from './added-locals.ts'
import type { Additions } from './additions.ts'
import type { Charges } from './charges.ts'
import { writeRounds } from './counted-code.ts'
import type { CountedLoop } from './counted-loops.ts'
import { writeDepth, writeDepthAndFuelCheck, writeDepthCheck } from './depth-code.ts'
import { writeLocalsOfTaker } from './depth-taker.ts'
import { writeFloatEdit } from './float-edits.ts'
import { type Snippets, snippetsFor } from './fuel-code.ts'
import { type FunctionPlan, frameOf, MAX_UNCHECKED } from './function-plans.ts'
import type { InlineCall, InlineCalls } from './inline-call.ts'
import { INSERTION, type InsertionKind } from './insertions.ts'
import { chargeShifted, chargeSize, TABLE_SIZE } from './size-charges.ts'

/**
 * Called for each range of code that is written, from `start` to `end`. It is a copy of the original code at `from`, or, if not
 * `isCopy`, replaces the one instruction there. A range at {@link NO_PLACE} has no original.
 */
export type CodeListener = (start: number, end: number, from: number, isCopy: boolean) => void

/** The place of code of which a stack trace shows nothing. */
export const NO_PLACE = -1

/** A function body with its charges. */
export interface MeteredCode {
  /** The bytes of the module. */
  readonly bytes: Uint8Array
  /** The end of the body. */
  readonly end: number
  readonly charges: Charges
  /** The calls that are inlined. */
  readonly calls: InlineCalls
  readonly plan: FunctionPlan
  readonly additions: Additions
  readonly written?: CodeListener | undefined
  /** The index of the parameter with the depth of the caller; `undefined` if that is in the global. */
  readonly depthParameter?: number | undefined
}

/** More than any budget. A block with very many calls of the host may cost more than 32 bits hold. */
const MAX_CHARGE = 2 ** 30

/**
 * Writes a function body that spends fuel. The original instructions keep their order, and locals are appended.
 *
 * A metering error traps with `unreachable`. The globals then hold the reason: the fuel is negative, or the fault is set.
 */
export function meterBody(out: Writer, code: MeteredCode): void {
  const { charges, plan, additions, depthParameter } = code
  const added = addLocals(code, plan.cachesFuel)
  if (depthParameter === undefined) writeLocals(out, code.bytes, charges, added.types)
  else writeLocalsOfTaker(out, code.bytes, charges, added, depthParameter)
  if (added.caches) out.byte(OPCODE.globalGet).u32(additions.fuel).byte(OPCODE.localSet).u32(added.fuel)
  writeInstructions(out, code, added, FUNCTION_BODY)
}

/** How {@link writeInstructions} writes a function body. */
export interface BodyOptions {
  /** The offsets of inlined calls whose first operand is known to be in range. */
  readonly checked: ReadonlySet<number>
  /** Whether the body is written into a block of a loop: leaving it ends the block instead of the function. */
  readonly isLoopBody: boolean
}

const FUNCTION_BODY: BodyOptions = { checked: new Set(), isLoopBody: false }

/** Writes the instructions of a body with the insertions of its charges. */
export function writeInstructions(out: Writer, code: MeteredCode, locals: AddedLocals, options: BodyOptions): void {
  const { first, end, codeAt } = code.charges
  writeRange(out, code, locals, options, { first, end, edit: 0, from: codeAt, to: code.end, paid: undefined })
}

/** A part of a body. */
interface CodeRange {
  /** Its insertions: those from `first` to `end`, `end` not included. */
  readonly first: number
  readonly end: number
  /** The place of its first edit. */
  readonly edit: number
  readonly from: number
  readonly to: number
  /** The loop that it is, if that is paid for. */
  readonly paid: CountedLoop | undefined
}

function writeRange(out: Writer, code: MeteredCode, locals: AddedLocals, options: BodyOptions, range: CodeRange): void {
  const { bytes, calls, charges, plan, additions, written } = code
  const { isLoopBody } = options
  const { paid, end } = range
  const { insertions, edits } = charges
  const { at: offsets, kind: kinds, argument, isChecked } = insertions
  const snippets = snippetsFor(locals, additions)
  let { from } = range
  let next = range.edit
  const writeEdits = (to: number): void => {
    for (let edit = edits[next]; edit !== undefined && edit.at <= to; edit = edits[++next]) {
      // All code that is inserted before an instruction comes before what replaces it.
      if (edit.kind === 'getter' && edit.at === to) return
      copy(out, bytes, from, edit.at, written)
      const start = out.length
      from = writeFloatEdit(out, edit, locals)
      if (edit.kind === 'getter') written?.(start, out.length, edit.at, false)
    }
  }
  for (let each = range.first; each < end; each++) {
    const at = offsets[each] as number
    const kind = kinds[each] as InsertionKind
    const number = argument[each] as number
    // A constant that is set where a counted loop ends belongs to the next loop, so it is set after that end.
    if (next < edits.length) writeEdits(kind === INSERTION.countedEnd ? at - 1 : at)
    if (isSilent(code, locals, options, each) || (paid !== undefined && isPaid(kind, at, paid))) continue
    copy(out, bytes, from, at, written)
    from = at
    switch (kind) {
      case INSERTION.block:
        charge(out, number, number > MAX_UNCHECKED, snippets)
        break
      case INSERTION.save:
        out.short(snippets.save)
        break
      case INSERTION.counted:
        writeAhead(out, code, locals, options, { loop: charges.countedLoops[number] as CountedLoop, counted: each, edit: next })
        break
      case INSERTION.countedEnd:
        out.byte(OPCODE.end)
        break
      case INSERTION.exit:
        // The loop is in a block more than it was.
        out.byte(OPCODE.brIf).u32(number + 1)
        from = endOf(bytes, at)
        break
      case INSERTION.call:
        if (isChecked[each] === 1) out.short(snippets.check)
        if (plan.setsDepth(number)) {
          if (plan.countsDepth) out.byte(OPCODE.localGet).u32(locals.depth)
          else out.byte(OPCODE.i32Const).s32(0)
          const taker = plan.passesDepthTo(number)
          if (taker < 0) out.byte(OPCODE.globalSet).u32(additions.depth)
          else {
            const start = out.length
            out.byte(OPCODE.call).u32(taker)
            written?.(start, out.length, at, false)
            from = endOf(bytes, at)
          }
        }
        break
      case INSERTION.hostCall:
        out.byte(OPCODE.localGet).u32(locals.depth).byte(OPCODE.globalSet).u32(additions.depth)
        break
      case INSERTION.leave:
        out.short(snippets.save)
        break
      case INSERTION.entry:
        if (plan.countsDepth && !isLoopBody) enter(out, code, locals, number, isChecked[each] === 1)
        else if (number !== 0) enterCharge(out, number, isChecked[each] === 1, snippets)
        else if (isChecked[each] === 1) out.short(snippets.check)
        break
      case INSERTION.loop:
        if (number !== 0) charge(out, number, true, snippets)
        else {
          // The scan takes the fuel as saved from here on, also where the loop is paid before.
          out.short(snippets.save)
          if (isChecked[each] === 1) out.short(snippets.check)
        }
        break
      case INSERTION.return:
        if (!isLoopBody) out.short(snippets.save)
        else {
          out.byte(OPCODE.br).u32(number)
          from = at + 1
        }
        break
      case INSERTION.global:
        out.byte(bytes[at] as number).u32(number + additions.globalShift)
        from = endOf(bytes, at)
        break
      case INSERTION.hostReturned:
        // The host may have charged for the call or refused it.
        out.short(snippets.reload).short(snippets.check)
        break
      case INSERTION.inline: {
        const call = calls.get(number) as InlineCall
        const { operandLocal, valueLocals } = locals
        const start = out.length
        call.write(out, number, { ...additions, operandLocal, valueLocals }, options.checked.has(at))
        written?.(start, out.length, at, false)
        from = endOf(bytes, at)
        break
      }
      case INSERTION.probe: {
        const { operandLocal, valueLocals } = locals
        const start = out.length
        charges.probes?.[number]?.(out, { ...additions, operandLocal, valueLocals, fuelLocal: locals.fuel })
        written?.(start, out.length, at, false)
        break
      }
      case INSERTION.bytes:
      case INSERTION.elements:
      case INSERTION.pages:
        chargeSize(out, kind, number, locals, additions)
        break
      case INSERTION.tableGrow:
        chargeShifted(out, locals, additions, TABLE_GROW_SHIFT, () => out.byte(OPCODE.bulk).u32(TABLE_SIZE).u32(number))
        break
      case INSERTION.throw:
        chargeShifted(out, locals, additions, FRAME_SHIFT, () => {
          if (plan.countsDepth) out.byte(OPCODE.localGet).u32(locals.depth)
          else out.byte(OPCODE.globalGet).u32(additions.depth)
        })
        break
      case INSERTION.tailCall:
        out.short(snippets.save)
        // The called function replaces this one, so it starts at the same depth.
        if (plan.countsDepth) out.byte(OPCODE.localGet).u32(locals.depth).byte(OPCODE.i32Const).s32(frameOf(charges)).byte(OPCODE.i32Sub)
        if (plan.countsDepth) out.byte(OPCODE.globalSet).u32(additions.depth)
        break
    }
  }
  writeEdits(range.to - 1)
  copy(out, bytes, from, range.to, written)
}

/** Returns whether nothing is written for an insertion, as for most of those in functions that do not cache the fuel. */
function isSilent({ charges, plan }: MeteredCode, { caches }: AddedLocals, { isLoopBody }: BodyOptions, insertion: number): boolean {
  const { kind, argument, isChecked } = charges.insertions
  switch (kind[insertion]) {
    case INSERTION.block:
      return argument[insertion] === 0
    case INSERTION.save:
      return !caches
    case INSERTION.hostCall:
      return !plan.countsDepth
    case INSERTION.leave:
      return !caches || isLoopBody
    case INSERTION.return:
      return !caches && !isLoopBody
    case INSERTION.call:
      return isChecked[insertion] === 0 && !plan.setsDepth(argument[insertion] as number)
    default:
      return false
  }
}

/** Returns the end of an instruction that has one number. */
function endOf(bytes: Uint8Array, at: number): number {
  let end = at + 1
  while ((bytes[end++] as number) >= 128);
  return end
}

/** Returns whether an insertion in a loop is left out if the loop is paid for. */
function isPaid(kind: InsertionKind, at: number, { bodyAt }: CountedLoop): boolean {
  return kind === INSERTION.loop || kind === INSERTION.save || (kind === INSERTION.block && at === bodyAt)
}

/** A loop that is paid for before it begins. */
interface PaidLoop {
  readonly loop: CountedLoop
  /** The insertion with which it begins. */
  readonly counted: number
  /** The place of its first edit. */
  readonly edit: number
}

/**
 * Writes a loop as it is, after a charge for all of its rounds. There must be fuel for them, and their number must be known: else the
 * loop runs that follows, which is charged round by round. Both are in blocks of their own, the second ends with the loop.
 */
function writeAhead(out: Writer, code: MeteredCode, locals: AddedLocals, options: BodyOptions, paid: PaidLoop): void {
  const { additions, charges } = code
  const { caches, fuel, ahead } = locals
  const { loop, counted, edit } = paid
  const { at, kind, argument } = charges.insertions
  const first = counted + 1
  let end = first
  let once = 0
  let rest = 0
  // No such loop is inside another.
  for (; end < charges.end && kind[end] !== INSERTION.countedEnd; end++) {
    if (kind[end] === INSERTION.loop) once = argument[end] as number
    else if (kind[end] === INSERTION.block && at[end] === loop.bodyAt) rest = argument[end] as number
  }
  const getFuel = (): Writer => (caches ? out.byte(OPCODE.localGet).u32(fuel) : out.byte(OPCODE.globalGet).u32(additions.fuel))
  writeRounds(out, loop, once, once + rest, ahead)
  out.byte(OPCODE.localGet).u32(ahead)
  getFuel().byte(OPCODE.i64ExtendI32S).byte(OPCODE.i64LeS).byte(OPCODE.i32And).byte(OPCODE.if).byte(EMPTY_BLOCK)
  getFuel().byte(OPCODE.localGet).u32(ahead).byte(OPCODE.i32WrapI64).byte(OPCODE.i32Sub)
  if (caches) out.byte(OPCODE.localTee).u32(fuel)
  out.byte(OPCODE.globalSet).u32(additions.fuel)
  writeRange(out, code, locals, options, { first, end, edit, from: loop.at, to: loop.end, paid: loop })
  out.byte(OPCODE.else)
}

function copy(out: Writer, bytes: Uint8Array, from: number, to: number, written: CodeListener | undefined): void {
  if (from === to && written === undefined) return
  const start = out.length
  out.range(bytes, from, to)
  written?.(start, out.length, from, true)
}

/** Writes the charge for a basic block, and a check of the fuel where one is due. */
function charge(out: Writer, cost: number, isChecked: boolean, { beginCharge, endChecked, endUnchecked }: Snippets): void {
  out
    .short(beginCharge)
    .s32(Math.min(cost, MAX_CHARGE))
    .short(isChecked ? endChecked : endUnchecked)
}

/** Writes the charge at the start of a function. The scan takes the fuel as saved from there on. */
function enterCharge(out: Writer, cost: number, isChecked: boolean, { beginCharge, endChecked, endSaved }: Snippets): void {
  out
    .short(beginCharge)
    .s32(Math.min(cost, MAX_CHARGE))
    .short(isChecked ? endChecked : endSaved)
}

/** Writes the start of a function that counts its depth: its charge, and one check for both. */
function enter(
  out: Writer,
  { charges, additions, depthParameter }: MeteredCode,
  locals: AddedLocals,
  cost: number,
  isChecked: boolean,
): void {
  const { depth } = locals
  const { get, beginCharge, endSaved } = snippetsFor(locals, additions)
  if (depthParameter === undefined) out.byte(OPCODE.globalGet).u32(additions.depth)
  else out.byte(OPCODE.localGet).u32(depth)
  writeDepth(out, depth, frameOf(charges))
  if (cost !== 0) out.short(beginCharge).s32(Math.min(cost, MAX_CHARGE)).short(endSaved)
  if (isChecked) writeDepthAndFuelCheck(out, depth, get, additions)
  else writeDepthCheck(out, depth, additions)
}
