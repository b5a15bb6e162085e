import { FRAME_SHIFT, MEMORY_BYTES_SHIFT, PRICES, TABLE_ELEMENT_SHIFT, TABLE_GROW_SHIFT } from '../../abi/prices.ts'
import { OPCODE } from '../format/opcodes.ts'
import type { Writer } from '../format/writer.ts'
import { type Additions, TOO_DEEP } from './additions.ts'
import { canonicalLocal, writeCanonical } from './canonical.ts'
import type { Charges } from './charges.ts'
import { type FuelPlace, type Snippets, snippetsFor, writeFuelCheck } from './fuel-code.ts'
import { type InlineCall, type ValueKind, valueTypeByte } from './inline-call.ts'
import type { CanonicalOperand, Insertion } from './insertions.ts'

/**
 * Called for each range of code that is written, from `start` to `end`. It is a copy of the original code at `from`, or, if not
 * `isCopy`, replaces the one instruction there.
 */
export type CodeListener = (start: number, end: number, from: number, isCopy: boolean) => void

/** A function body with its charges. */
export interface MeteredCode {
  /** The bytes of the module. */
  readonly bytes: Uint8Array
  /** The end of the body. */
  readonly end: number
  readonly charges: Charges
  readonly additions: Additions
  readonly written?: CodeListener | undefined
}

/**
 * Units of stack that nested calls may take. A function takes {@link FRAME} units, and one for each local and each operand. The
 * limit is less than half of the default stack of engines, so that every engine stops a script at the same depth.
 */
export const MAX_DEPTH = 24_000
const FRAME = 6
/** A function that calls no other does not check its depth unless its frame is larger than this. */
const LARGE_FRAME = 500

/** A basic block that costs more checks the fuel, even outside of loops: a body may have very many blocks. */
const MAX_UNCHECKED = 256
const TABLE_SIZE = 16
const I32 = 0x7f
const I32_GT_S = 0x4a
const I32_ADD = 0x6a
const I32_SUB = 0x6b
const I32_LE_U = 0x4d
const I32_MUL = 0x6c
const I32_SHL = 0x74
const I32_SHR_U = 0x76
const SELECT = 0x1b
const EMPTY_BLOCK = 0x40
/** The binary logarithm of the bytes of a page. */
const PAGE_SHIFT = 16

/**
 * Writes a function body that spends fuel. The original instructions keep their order, and locals are appended.
 *
 * A metering error traps with `unreachable`. The globals then hold the reason: the fuel is negative, or the fault is set.
 */
export function meterBody(out: Writer, code: MeteredCode): void {
  const { charges, additions } = code
  const { localGroups, localsAt, codeAt } = charges
  const caches = keepsFuelInLocal(charges)
  const added = addLocals(charges, charges.locals, caches)
  out.u32(localGroups + added.types.length).bytes(code.bytes.subarray(localsAt, codeAt))
  for (const type of added.types) out.u32(1).byte(type)
  if (countsDepth(charges)) {
    out.byte(OPCODE.globalGet).u32(additions.depth).byte(OPCODE.i32Const).s32(frameOf(charges)).byte(I32_ADD)
    out.byte(OPCODE.localTee).u32(added.depth)
    out.byte(OPCODE.i32Const).s32(MAX_DEPTH).byte(I32_GT_S).byte(OPCODE.if).byte(EMPTY_BLOCK)
    out.byte(OPCODE.i32Const).s32(TOO_DEEP).byte(OPCODE.globalSet).u32(additions.fault)
    out.byte(OPCODE.unreachable).byte(OPCODE.end)
  }
  if (caches) out.byte(OPCODE.globalGet).u32(additions.fuel).byte(OPCODE.localSet).u32(added.fuel)
  writeInstructions(out, code, added, FUNCTION_BODY)
}

/** Returns the units of stack that a call of a function takes. */
export function frameOf({ stack }: Charges): number {
  return FRAME + stack
}

/** Returns whether a function checks its depth: it does if it calls others or has a large frame. */
export function countsDepth(charges: Charges): boolean {
  return charges.calls || frameOf(charges) > LARGE_FRAME
}

/**
 * Returns whether a function caches its fuel in a local. The local is written back over the global at the start of each loop and
 * before everything that may leave the function or trap. A function with handlers does not cache, since an exception may return
 * to it from any call; nor does a function with one block, which would gain nothing.
 */
function keepsFuelInLocal({ blocks, catches }: Charges): boolean {
  return blocks > 1 && !catches
}

/** The indices of the locals that metering adds; -1 for those that a body does not need. */
export interface AddedLocals extends FuelPlace {
  /** The types of all added locals. */
  readonly types: readonly number[]
  /** The depth of the calls that the function makes. */
  readonly depth: number
  /** The size of a bulk instruction. */
  readonly size: number
  /** The first operand of an inlined call. */
  readonly operandLocal: number
  /** The second operand of an inlined call, or an operand that is made canonical, by type. */
  readonly valueLocals: Readonly<Record<ValueKind, number>>
}

/** Assigns indices to the locals that metering adds, from `first`. */
export function addLocals(charges: Charges, first: number, caches: boolean): AddedLocals {
  const { bulk, inlines, values } = charges
  const types: number[] = []
  const add = (needed: boolean, type: number): number => (needed ? first + types.push(type) - 1 : -1)
  const fuel = add(caches, I32)
  const depth = add(countsDepth(charges), I32)
  const size = add(bulk, I32)
  const operandLocal = add(inlines, I32)
  const valueLocals: Record<ValueKind, number> = { i32: -1, f32: -1, f64: -1, v128: -1 }
  for (const kind of values) valueLocals[kind] = add(true, valueTypeByte(kind))
  return { types, fuel, caches, depth, size, operandLocal, valueLocals }
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
  const { bytes, charges, additions, written } = code
  const { isLoopBody } = options
  const snippets = snippetsFor(locals, additions)
  let from = charges.codeAt
  for (const insertion of charges.insertions) {
    const { at } = insertion
    if (at > from || written !== undefined) copy(out, bytes, from, at, written)
    from = at
    switch (insertion.kind) {
      case 'block':
        if (insertion.cost > 0) charge(out, insertion.cost, insertion.cost > MAX_UNCHECKED, snippets)
        break
      case 'save':
        out.short(snippets.save)
        break
      case 'call':
        out.short(snippets.save).byte(OPCODE.localGet).u32(locals.depth).byte(OPCODE.globalSet).u32(additions.depth)
        break
      case 'returned':
        out.short(snippets.reload)
        break
      case 'leave':
        if (!isLoopBody) out.short(snippets.save)
        break
      case 'entry':
      case 'loop':
        if (insertion.cost > 0) charge(out, insertion.cost, true, snippets)
        break
      case 'return':
        if (!isLoopBody) out.short(snippets.save)
        else {
          out.byte(OPCODE.br).u32(insertion.cost)
          from = insertion.end
        }
        break
      case 'global':
        out.byte(bytes[at] as number).u32(insertion.cost + additions.globalShift)
        from = insertion.end
        break
      case 'hostReturned':
        // The host may have charged for the call or refused it.
        out.short(snippets.reload).short(snippets.check)
        break
      case 'canonical': {
        const { shape, local } = insertion.canonical as CanonicalOperand
        if (local !== undefined) out.byte(OPCODE.localGet).u32(local)
        writeCanonical(out, shape, locals.valueLocals[canonicalLocal(shape)])
        if (local !== undefined) out.byte(OPCODE.localSet).u32(local)
        break
      }
      case 'inline': {
        const call = insertion.call as InlineCall
        const { operandLocal, valueLocals } = locals
        const start = out.length
        call.write(out, insertion.cost, { ...additions, operandLocal, valueLocals }, options.checked.has(at))
        written?.(start, out.length, at, false)
        from = insertion.end
        break
      }
      case 'bytes':
      case 'elements':
      case 'pages':
        chargeSize(out, insertion, locals, additions)
        break
      case 'tableGrow': {
        const { cost: table } = insertion
        chargeShifted(out, locals, additions, TABLE_GROW_SHIFT, () => out.byte(OPCODE.bulk).u32(TABLE_SIZE).u32(table))
        break
      }
      case 'throw':
        chargeShifted(out, locals, additions, FRAME_SHIFT, () => {
          if (countsDepth(charges)) out.byte(OPCODE.localGet).u32(locals.depth)
          else out.byte(OPCODE.globalGet).u32(additions.depth)
        })
        break
      case 'tailCall':
        out.short(snippets.save)
        // The called function replaces this one, so it starts at the same depth.
        if (countsDepth(charges)) out.byte(OPCODE.localGet).u32(locals.depth).byte(OPCODE.i32Const).s32(frameOf(charges)).byte(I32_SUB)
        if (countsDepth(charges)) out.byte(OPCODE.globalSet).u32(additions.depth)
        break
    }
  }
  copy(out, bytes, from, code.end, written)
}

function copy(out: Writer, bytes: Uint8Array, from: number, to: number, written: CodeListener | undefined): void {
  const start = out.length
  out.range(bytes, from, to)
  written?.(start, out.length, from, true)
}

/** Writes the charge for a basic block, and a check of the fuel where one is due. */
function charge(out: Writer, cost: number, isChecked: boolean, { beginCharge, endChecked, endUnchecked }: Snippets): void {
  out
    .short(beginCharge)
    .s32(cost)
    .short(isChecked ? endChecked : endUnchecked)
}

/** Writes a charge that is known at run time only: the value that `write` leaves on the stack, times `2 ** shift`. */
function chargeShifted(out: Writer, { caches, fuel }: AddedLocals, additions: Additions, shift: number, write: () => void): void {
  if (caches) out.byte(OPCODE.localGet).u32(fuel)
  else out.byte(OPCODE.globalGet).u32(additions.fuel)
  write()
  out.byte(OPCODE.i32Const).s32(shift).byte(I32_SHL).byte(I32_SUB)
  if (caches) out.byte(OPCODE.localSet).u32(fuel)
  else out.byte(OPCODE.globalSet).u32(additions.fuel)
}

/**
 * Writes the charge for a bulk instruction or a `memory.grow`. Its size is on the stack and stays there. A size that is greater
 * than the memory or table costs nothing: the instruction traps, or fails to grow, and takes no time.
 */
function chargeSize(out: Writer, { kind, cost }: Insertion, locals: AddedLocals, additions: Additions): void {
  const { caches, fuel, size } = locals
  out.byte(OPCODE.localSet).u32(size)
  if (kind === 'pages') refuseGrowth(out, size, additions)
  if (caches) out.byte(OPCODE.localGet).u32(fuel)
  else out.byte(OPCODE.globalGet).u32(additions.fuel)
  out.byte(OPCODE.localGet).u32(size)
  if (kind === 'bytes') {
    out.byte(OPCODE.i32Const).s32(MEMORY_BYTES_SHIFT).byte(I32_SHR_U)
    out.byte(OPCODE.localGet).u32(size).byte(OPCODE.i32Const).s32(PAGE_SHIFT).byte(I32_SHR_U)
    out.byte(OPCODE.memorySize).u32(cost)
  } else {
    if (kind === 'pages') out.byte(OPCODE.i32Const).s32(PRICES.growPage).byte(I32_MUL)
    else out.byte(OPCODE.i32Const).s32(TABLE_ELEMENT_SHIFT).byte(I32_SHL)
    out.byte(OPCODE.localGet).u32(size)
    if (kind === 'pages') out.byte(OPCODE.i32Const).s32(cost)
    else out.byte(OPCODE.bulk).u32(TABLE_SIZE).u32(cost)
  }
  out.byte(I32_LE_U).byte(I32_MUL).byte(I32_SUB)
  if (caches) out.byte(OPCODE.localTee).u32(fuel)
  out.byte(OPCODE.globalSet).u32(additions.fuel)
  writeFuelCheck(out, locals, additions)
  out.byte(OPCODE.localGet).u32(size)
}

/** Writes code that replaces the size of a `memory.grow` by -1, which fails, if all memories together would become too large. */
function refuseGrowth(out: Writer, size: number, additions: Additions): void {
  out.byte(OPCODE.localGet).u32(size).byte(OPCODE.i32Const).s32(-1)
  out.byte(OPCODE.localGet).u32(size).byte(OPCODE.globalGet).u32(additions.pages)
  for (let memory = 0; memory < additions.memory; memory++) out.byte(OPCODE.memorySize).u32(memory).byte(I32_SUB)
  out.byte(I32_LE_U).byte(SELECT).byte(OPCODE.localSet).u32(size)
}
