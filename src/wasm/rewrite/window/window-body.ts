import { InstructionReader } from '../../decode/instructions.ts'
import { checkBody, checkCount, MAX_ENGINE_LOCALS, skipValueType } from '../../format/bounds.ts'
import type { ByteRange } from '../../format/module.ts'
import { BULK, EMPTY_BLOCK, MEMORY_INDEX_FOLLOWS, OPCODE, PREFIX_SIMD, VALUE_TYPE } from '../../format/opcodes.ts'
import { Reader } from '../../format/reader.ts'
import type { Writer } from '../../format/writer.ts'
import { KnownAddresses } from './known-addresses.ts'
import { accessOf, type MemoryAccess, touchesNoMemory } from './memory-access.ts'
import { writeLong, writePadded, writePaddedSigned } from './window-numbers.ts'

/** Where a window lies, and what holds its size. */
export interface WindowPlace {
  /** The address of its first byte in the host's memory. */
  readonly base: number
  /** The bytes that it may come to have. The host's memory has them. */
  readonly capacity: number
  /** The index of the mutable i64 global with the bytes that it has. */
  readonly size: number
  /** The index of the mutable i32 global with the pages that it may grow to. */
  readonly room: number
}

/** A function body of a module with its own memory 0 and, if it has one, the host's memory 1. */
export interface WindowedBody extends WindowPlace {
  readonly bytes: Uint8Array
  readonly body: ByteRange
  /** The number of parameters. */
  readonly params: number
  readonly functionIndex: number
}

/** Called for each range of code that is written: a copy of what begins at `from`, or what replaces the instruction there. */
export type WindowListener = (start: number, end: number, from: number, isCopy: boolean) => void

/** The binary logarithm of the bytes of a page. */
const PAGE_SHIFT = 16

/** Writes a body whose own memory is a window of the host's, which has index 0. */
export function windowBody(out: Writer, code: WindowedBody, listen?: WindowListener): void {
  const { bytes, body, params, functionIndex } = code
  const reader = new Reader(bytes, body)
  const groups = reader.count('groups of locals')
  const localsAt = reader.position
  let locals = params
  for (let left = groups; left > 0; left--) {
    locals += reader.u32('the number of locals')
    skipValueType(reader)
  }
  const codeAt = reader.position
  const added = localsOf(new Reader(bytes, { start: codeAt, end: body.end }), locals)
  checkCount(`local variables in function ${functionIndex}`, locals + added.types.length, MAX_ENGINE_LOCALS)
  const start = out.length
  out.u32(groups + added.types.length).range(bytes, localsAt, codeAt)
  for (const type of added.types) out.u32(1).byte(type)
  writeCode(out, code, reader, added, listen)
  checkBody(functionIndex, out.length - start)
}

/** The locals that a body needs in addition: three for addresses and lengths, one for a value of each type, and one for the size. */
interface WindowLocals {
  readonly types: readonly number[]
  readonly numbers: readonly [number, number, number]
  readonly operands: ReadonlyMap<number, number>
  /** The i64 local that holds the size from one call to the next; -1 if the body reads the global for each access. */
  readonly size: number
  /** Whether an exception may return to the body out of any call. */
  readonly catches: boolean
}

function localsOf(reader: Reader, first: number): WindowLocals {
  const instruction = new InstructionReader(reader, { isRewritten: true })
  const operands = new Map<number, number>()
  const types: number[] = [VALUE_TYPE.i32, VALUE_TYPE.i32, VALUE_TYPE.i32]
  let accesses = 0
  let calls = 0
  let catches = false
  while (!reader.done) {
    instruction.read()
    const access = accessOf(instruction)
    if (access !== undefined) accesses++
    else if (isCall(instruction.opcode)) calls++
    else catches ||= instruction.opcode === OPCODE.try || instruction.opcode === OPCODE.tryTable
    const operand = access?.operand
    if (operand !== undefined && !operands.has(operand)) operands.set(operand, first + types.push(operand) - 1)
  }
  const keepsSize = accesses > calls && !catches
  const size = keepsSize ? first + types.push(VALUE_TYPE.i64) - 1 : -1
  return { types, numbers: [first, first + 1, first + 2], operands, size, catches }
}

/** Returns whether an instruction calls a function that returns to this one. Only then may the size change, beside by `memory.grow`. */
function isCall(opcode: number): boolean {
  return opcode === OPCODE.call || opcode === OPCODE.callIndirect || opcode === OPCODE.callRef
}

function writeCode(out: Writer, code: WindowedBody, reader: Reader, locals: WindowLocals, listen: WindowListener | undefined): void {
  const { bytes } = code
  const instruction = new InstructionReader(reader, { isRewritten: true })
  /** The start of what is not copied yet. */
  let from = reader.position
  const known = locals.catches ? undefined : new KnownAddresses()
  const copyTo = (end: number): void => {
    if (end <= from) return
    const start = out.length
    out.range(bytes, from, end)
    listen?.(start, out.length, from, true)
  }
  const replace = (write: () => void): void => {
    copyTo(instruction.at)
    const start = out.length
    write()
    listen?.(start, out.length, instruction.at, false)
    from = instruction.next
  }
  const readSize = (): void => {
    if (locals.size >= 0) out.byte(OPCODE.globalGet).u32(code.size).byte(OPCODE.localSet).u32(locals.size)
  }
  readSize()
  while (!reader.done) {
    instruction.read()
    const { opcode, at } = instruction
    const access = accessOf(instruction)
    if (access !== undefined) replace(() => writeAccess(out, code, instruction, access, locals, known))
    else if (opcode === OPCODE.memorySize || opcode === OPCODE.memoryGrow) {
      if (instruction.index !== 0) deny(reader, at)
      replace(() => (opcode === OPCODE.memorySize ? writePages(out, code) : writeGrow(out, code, locals)))
    } else if (opcode === OPCODE.bulk && isMemoryBulk(instruction.number)) replace(() => writeBulk(out, code, instruction, locals))
    else if (isCall(opcode)) {
      copyTo(instruction.next)
      from = instruction.next
      readSize()
    } else if (!touchesNoMemory(instruction)) deny(reader, at)
    known?.pass(instruction, isCall(opcode))
  }
  copyTo(reader.position)
}

function isMemoryBulk(number: number): boolean {
  return number === BULK.memoryInit || number === BULK.memoryCopy || number === BULK.memoryFill
}

function deny(reader: Reader, at: number): never {
  return reader.fail('an instruction that a window of memory does not know', at)
}

/** Writes a load or store, of the window or of the host's memory. */
function writeAccess(
  out: Writer,
  code: WindowedBody,
  { at, next, opcode, number }: InstructionReader,
  { width, operand }: MemoryAccess,
  { numbers, operands, size }: WindowLocals,
  known: KnownAddresses | undefined,
): void {
  const { bytes, base, capacity } = code
  const reader = new Reader(bytes, { start: at + 1, end: next })
  if (opcode === PREFIX_SIMD) reader.u32('a number')
  const alignment = reader.u32('an alignment')
  const memory = (alignment & MEMORY_INDEX_FOLLOWS) === 0 ? 0 : reader.u32('a memory')
  const offset = reader.u64('an offset')
  const writeInstruction = (writeOffset: () => void): void => {
    out.byte(opcode)
    if (opcode === PREFIX_SIMD) out.u32(number)
    out.byte(alignment & ~MEMORY_INDEX_FOLLOWS)
    writeOffset()
    // The lane of a vector.
    out.range(bytes, reader.position, next)
  }
  if (memory === 1) {
    writeInstruction(() => out.u32(offset))
    return
  }
  if (memory !== 0) deny(reader, at)
  const end = offset + width
  if (end > capacity) {
    // No address is small enough, and the offset of the window's base may be none that the format has.
    writeTrap(out)
    out.byte(OPCODE.unreachable)
    return
  }
  const value = operand === undefined ? -1 : (operands.get(operand) as number)
  const local = known?.addressUnder(operand === undefined ? 0 : 1) ?? -1
  const address = local < 0 ? numbers[0] : local
  if (operand !== undefined) out.byte(OPCODE.localSet).u32(value)
  if (local < 0) out.byte(OPCODE.localSet).u32(address)
  else out.byte(OPCODE.drop)
  if (local < 0 || known?.covers(local, end) !== true) {
    out.byte(OPCODE.localGet).u32(address).byte(OPCODE.i64ExtendI32U).byte(OPCODE.i64Const)
    writeLong(out, end)
    out.byte(OPCODE.i64Add)
    writeBound(out, code, size)
    if (local >= 0) known?.check(local, end)
  }
  out.byte(OPCODE.localGet).u32(address)
  if (operand !== undefined) out.byte(OPCODE.localGet).u32(value)
  writeInstruction(() => writePadded(out, base + offset))
}

/** Writes a trap unless the i64 on the stack is at most the size of the window, which a local may hold. */
function writeBound(out: Writer, { size }: WindowPlace, local: number): void {
  if (local >= 0) out.byte(OPCODE.localGet).u32(local)
  else out.byte(OPCODE.globalGet).u32(size)
  out.byte(OPCODE.i64GtU).byte(OPCODE.if).byte(EMPTY_BLOCK)
  writeTrap(out)
  out.byte(OPCODE.end)
}

/** Writes a load past the end of any memory: the trap of the engine, with its own words, for an access that is out of bounds. */
function writeTrap(out: Writer): void {
  out.byte(OPCODE.i32Const).s32(-1).byte(OPCODE.i32Load8U).byte(0).u32(1).byte(OPCODE.drop)
}

/** Writes `memory.size`. */
function writePages(out: Writer, { size }: WindowPlace): void {
  out.byte(OPCODE.globalGet).u32(size).byte(OPCODE.i64Const).byte(PAGE_SHIFT).byte(OPCODE.i64ShrU).byte(OPCODE.i32WrapI64)
}

/** Writes `memory.grow`: the pages before, or -1 if the window may not have so many more. What it grows by is zeros already. */
function writeGrow(out: Writer, place: WindowPlace, { numbers: [more, before], size: local }: WindowLocals): void {
  const { size, room } = place
  out.byte(OPCODE.localSet).u32(more)
  writePages(out, place)
  out.byte(OPCODE.localSet).u32(before)
  out.byte(OPCODE.localGet).u32(more)
  out.byte(OPCODE.globalGet).u32(room).byte(OPCODE.localGet).u32(before).byte(OPCODE.i32Sub)
  out.byte(OPCODE.i32GtU).byte(OPCODE.if).byte(VALUE_TYPE.i32).byte(OPCODE.i32Const).s32(-1).byte(OPCODE.else)
  out.byte(OPCODE.globalGet).u32(size)
  out
    .byte(OPCODE.localGet)
    .u32(more)
    .byte(OPCODE.i64ExtendI32U)
    .byte(OPCODE.i64Const)
    .byte(PAGE_SHIFT)
    .byte(OPCODE.i64Shl)
    .byte(OPCODE.i64Add)
  if (local >= 0) out.byte(OPCODE.localTee).u32(local)
  out.byte(OPCODE.globalSet).u32(size).byte(OPCODE.localGet).u32(before).byte(OPCODE.end)
}

/** Writes `memory.fill`, `memory.copy` or `memory.init`: both ends of each range in the window are checked, then moved into it. */
function writeBulk(out: Writer, code: WindowedBody, { at, next, number }: InstructionReader, { numbers, size }: WindowLocals): void {
  const { bytes, base } = code
  const [target, source, length] = numbers
  const reader = new Reader(bytes, { start: at + 1, end: next })
  reader.u32('a number')
  const segment = number === BULK.memoryInit ? reader.u32('a segment') : 0
  for (let memories = number === BULK.memoryCopy ? 2 : 1; memories > 0; memories--) if (reader.u32('a memory') !== 0) deny(reader, at)
  out.byte(OPCODE.localSet).u32(length).byte(OPCODE.localSet).u32(source).byte(OPCODE.localSet).u32(target)
  const ranges = number === BULK.memoryCopy ? [target, source] : [target]
  for (const range of ranges) {
    out
      .byte(OPCODE.localGet)
      .u32(range)
      .byte(OPCODE.i64ExtendI32U)
      .byte(OPCODE.localGet)
      .u32(length)
      .byte(OPCODE.i64ExtendI32U)
      .byte(OPCODE.i64Add)
    writeBound(out, code, size)
  }
  for (const operand of [target, source]) {
    out.byte(OPCODE.localGet).u32(operand)
    if (!ranges.includes(operand)) continue
    out.byte(OPCODE.i32Const)
    writePaddedSigned(out, base)
    out.byte(OPCODE.i32Add)
  }
  out.byte(OPCODE.localGet).u32(length).byte(OPCODE.bulk).u32(number)
  if (number === BULK.memoryInit) out.u32(segment)
  for (let memories = number === BULK.memoryCopy ? 2 : 1; memories > 0; memories--) out.byte(0)
}
