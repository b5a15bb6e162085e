import { FRAME_SHIFT, TABLE_GROW_SHIFT } from '../../abi/prices.ts'
import { OPCODE } from '../format/opcodes.ts'
import type { Writer } from '../format/writer.ts'
import { type AddedLocals, addLocals, writeLocals } from './added-locals.ts'
import { writeChargeAhead, writeRounds } from './counted-code.ts'
import type { CountedLoop } from './counted-loops.ts'
import { writeDepth, writeDepthAndFuelCheck, writeDepthCheck } from './depth-code.ts'
import { writeLocalsOfTaker } from './depth-taker.ts'
import { writeFloatEdit } from './float-edits.ts'
import { type Snippets, snippetsFor } from './fuel-code.ts'
import { frameOf, MAX_UNCHECKED } from './function-plans.ts'
import type { InlineCall } from './inline-call.ts'
import { INSERTION, type InsertionKind } from './insertions.ts'
import type { MeteredCode } from './metered-code.ts'
import { chargeShifted, chargeSize, TABLE_SIZE } from './size-charges.ts'

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
  new BodyWriter(out, code, locals, options).write({ first, end, from: codeAt, to: code.end })
}

/** A part of a body. */
interface CodeRange {
  /** Its insertions: those from `first` to `end`, `end` not included. */
  readonly first: number
  readonly end: number
  readonly from: number
  readonly to: number
}

/** Writes the instructions of a body in order, each insertion before the instruction at its offset. */
class BodyWriter {
  readonly #out: Writer
  readonly #code: MeteredCode
  readonly #locals: AddedLocals
  readonly #options: BodyOptions
  readonly #snippets: Snippets
  /** The offset up to which the original code is written. */
  #from = 0
  /** The place of the next edit. */
  #edit = 0
  /** The loop that is written, if it is paid for. */
  #paid: CountedLoop | undefined

  constructor(out: Writer, code: MeteredCode, locals: AddedLocals, options: BodyOptions) {
    this.#out = out
    this.#code = code
    this.#locals = locals
    this.#options = options
    this.#snippets = snippetsFor(locals, code.additions)
  }

  write({ first, end, from, to }: CodeRange): void {
    const { insertions, edits } = this.#code.charges
    this.#from = from
    for (let each = first; each < end; each++) {
      const at = insertions.at[each] as number
      const kind = insertions.kind[each] as InsertionKind
      // A constant that is set where a counted loop ends belongs to the next loop, so it is set after that end.
      if (this.#edit < edits.length) this.#writeEdits(kind === INSERTION.countedEnd ? at - 1 : at)
      if (this.#isLeftOut(each, kind, at)) continue
      this.#copyTo(at)
      this.#insert(each, kind, at)
    }
    this.#writeEdits(to - 1)
    this.#copyTo(to)
  }

  /** Writes the edits up to an offset, with the code between them. */
  #writeEdits(to: number): void {
    const { edits } = this.#code.charges
    for (let edit = edits[this.#edit]; edit !== undefined && edit.at <= to; edit = edits[++this.#edit]) {
      // All code that is inserted before an instruction comes before what replaces it.
      if (edit.kind === 'getter' && edit.at === to) return
      this.#copyTo(edit.at)
      const start = this.#out.length
      this.#from = writeFloatEdit(this.#out, edit, this.#locals)
      if (edit.kind === 'getter') this.#code.written?.(start, this.#out.length, edit.at, false)
    }
  }

  #copyTo(to: number): void {
    const { bytes, written } = this.#code
    if (this.#from === to && written === undefined) return
    const start = this.#out.length
    this.#out.range(bytes, this.#from, to)
    written?.(start, this.#out.length, this.#from, true)
    this.#from = to
  }

  /** Writes what stands for the instruction at an offset, in its place or before it. */
  #writeFor(at: number, write: () => void): void {
    const start = this.#out.length
    write()
    this.#code.written?.(start, this.#out.length, at, false)
  }

  /** Leaves out the instruction at an offset, which has one number. */
  #skip(at: number): void {
    const { bytes } = this.#code
    this.#from = at + 1
    while ((bytes[this.#from++] as number) >= 128);
  }

  /** Returns whether nothing is written for an insertion, as for most of those in functions that do not cache the fuel. */
  #isLeftOut(insertion: number, kind: InsertionKind, at: number): boolean {
    const { charges, plan } = this.#code
    const { argument, isChecked } = charges.insertions
    const { caches } = this.#locals
    const { isLoopBody } = this.#options
    if (this.#paid !== undefined && isPaid(kind, at, this.#paid)) return true
    switch (kind) {
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

  /** Writes the code of an insertion. */
  #insert(insertion: number, kind: InsertionKind, at: number): void {
    const out = this.#out
    const { charges, plan, additions } = this.#code
    const { save, reload, check, endChecked, endUnchecked } = this.#snippets
    const number = charges.insertions.argument[insertion] as number
    const isChecked = charges.insertions.isChecked[insertion] === 1
    switch (kind) {
      case INSERTION.block:
        this.#charge(number, number > MAX_UNCHECKED ? endChecked : endUnchecked)
        break
      case INSERTION.save:
      case INSERTION.leave:
        out.short(save)
        break
      case INSERTION.counted:
        this.#writeAhead(charges.countedLoops[number] as CountedLoop, insertion)
        break
      case INSERTION.countedEnd:
        out.byte(OPCODE.end)
        break
      case INSERTION.exit:
        // The loop is in a block more than it was.
        out.byte(OPCODE.brIf).u32(number + 1)
        this.#skip(at)
        break
      case INSERTION.call:
        this.#beforeCall(number, isChecked, at)
        break
      case INSERTION.hostCall:
        out.byte(OPCODE.localGet).u32(this.#locals.depth).byte(OPCODE.globalSet).u32(additions.depth)
        break
      case INSERTION.entry:
        this.#enter(number, isChecked)
        break
      case INSERTION.loop:
        if (number !== 0) this.#charge(number, endChecked)
        else {
          // The scan takes the fuel as saved from here on, also where the loop is paid before.
          out.short(save)
          if (isChecked) out.short(check)
        }
        break
      case INSERTION.return:
        if (!this.#options.isLoopBody) out.short(save)
        else {
          out.byte(OPCODE.br).u32(number)
          this.#from = at + 1
        }
        break
      case INSERTION.global:
        out.byte(this.#code.bytes[at] as number).u32(number + additions.globalShift)
        this.#skip(at)
        break
      case INSERTION.hostReturned:
        // The host may have charged for the call or refused it.
        out.short(reload).short(check)
        break
      case INSERTION.inline:
        this.#inline(number, at)
        break
      case INSERTION.probe:
        this.#probe(number, at)
        break
      case INSERTION.bytes:
      case INSERTION.elements:
      case INSERTION.pages:
        chargeSize(out, kind, number, this.#locals, additions)
        break
      case INSERTION.tableGrow:
        chargeShifted(out, this.#locals, additions, TABLE_GROW_SHIFT, () => out.byte(OPCODE.bulk).u32(TABLE_SIZE).u32(number))
        break
      case INSERTION.throw:
        chargeShifted(out, this.#locals, additions, FRAME_SHIFT, () => {
          if (plan.countsDepth) out.byte(OPCODE.localGet).u32(this.#locals.depth)
          else out.byte(OPCODE.globalGet).u32(additions.depth)
        })
        break
      case INSERTION.tailCall:
        this.#beforeTailCall()
        break
    }
  }

  /** Writes a charge, with one of its ends. */
  #charge(cost: number, end: readonly number[]): void {
    this.#out.short(this.#snippets.beginCharge).s32(Math.min(cost, MAX_CHARGE)).short(end)
  }

  /** Writes the start of a function: its depth, if it counts that, its charge, and one check for both. The scan takes the fuel as saved from there on. */
  #enter(cost: number, isChecked: boolean): void {
    const out = this.#out
    const { charges, plan, additions, depthParameter } = this.#code
    const { get, save, check, endChecked, endSaved } = this.#snippets
    if (!plan.countsDepth || this.#options.isLoopBody) {
      if (cost !== 0) this.#charge(cost, isChecked ? endChecked : endSaved)
      else {
        // What the round before has charged may not be saved.
        if (this.#options.isLoopBody) out.short(save)
        if (isChecked) out.short(check)
      }
      return
    }
    const { depth } = this.#locals
    if (depthParameter === undefined) out.byte(OPCODE.globalGet).u32(additions.depth)
    else out.byte(OPCODE.localGet).u32(depth)
    writeDepth(out, depth, frameOf(charges))
    if (cost !== 0) this.#charge(cost, endSaved)
    if (isChecked) writeDepthAndFuelCheck(out, depth, get, additions)
    else writeDepthCheck(out, depth, additions)
  }

  /** Writes what comes before a call of a function, or the call itself if the function takes the depth. */
  #beforeCall(callee: number, isChecked: boolean, at: number): void {
    const out = this.#out
    const { plan, additions } = this.#code
    if (isChecked) out.short(this.#snippets.check)
    if (!plan.setsDepth(callee)) return
    if (plan.countsDepth) out.byte(OPCODE.localGet).u32(this.#locals.depth)
    else out.byte(OPCODE.i32Const).s32(0)
    const taker = plan.passesDepthTo(callee)
    if (taker < 0) out.byte(OPCODE.globalSet).u32(additions.depth)
    else {
      this.#writeFor(at, () => out.byte(OPCODE.call).u32(taker))
      this.#skip(at)
    }
  }

  /** The called function replaces this one, so it starts at the same depth. */
  #beforeTailCall(): void {
    const out = this.#out.short(this.#snippets.save)
    const { charges, plan, additions } = this.#code
    if (!plan.countsDepth) return
    out.byte(OPCODE.localGet).u32(this.#locals.depth).byte(OPCODE.i32Const).s32(frameOf(charges)).byte(OPCODE.i32Sub)
    out.byte(OPCODE.globalSet).u32(additions.depth)
  }

  #inline(imported: number, at: number): void {
    const { calls, additions } = this.#code
    const { operandLocal, valueLocals } = this.#locals
    const call = calls.get(imported) as InlineCall
    const isInRange = this.#options.checked.has(at)
    this.#writeFor(at, () => call.write(this.#out, imported, { ...additions, operandLocal, valueLocals }, isInRange))
    this.#skip(at)
  }

  #probe(place: number, at: number): void {
    const { charges, additions } = this.#code
    const { operandLocal, valueLocals, fuel } = this.#locals
    this.#writeFor(at, () => charges.probes?.[place]?.(this.#out, { ...additions, operandLocal, valueLocals, fuelLocal: fuel }))
  }

  /**
   * Writes a loop as it is, after a charge for all of its rounds. There must be fuel for them, and their number must be known: else the
   * loop runs that follows, which is charged round by round. Both are in blocks of their own, the second ends with the loop.
   */
  #writeAhead(loop: CountedLoop, counted: number): void {
    const { insertions, end: last } = this.#code.charges
    const { at, kind, argument } = insertions
    const first = counted + 1
    let end = first
    let once = 0
    let rest = 0
    // No such loop is inside another.
    for (; end < last && kind[end] !== INSERTION.countedEnd; end++) {
      if (kind[end] === INSERTION.loop) once = argument[end] as number
      else if (kind[end] === INSERTION.block && at[end] === loop.bodyAt) rest = argument[end] as number
    }
    writeRounds(this.#out, loop, once, once + rest, this.#locals.ahead)
    writeChargeAhead(this.#out, this.#locals, this.#code.additions)
    const edit = this.#edit
    this.#paid = loop
    this.write({ first, end, from: loop.at, to: loop.end })
    // The loop that is charged round by round has the same edits.
    this.#edit = edit
    this.#from = loop.at
    this.#paid = undefined
    this.#out.byte(OPCODE.else)
  }
}

/** Returns whether an insertion in a loop is left out if the loop is paid for. */
function isPaid(kind: InsertionKind, at: number, { bodyAt }: CountedLoop): boolean {
  return kind === INSERTION.loop || kind === INSERTION.save || (kind === INSERTION.block && at === bodyAt)
}
