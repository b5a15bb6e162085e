import type { FieldType } from '../../abi/types.ts'
import { OPCODE } from '../../wasm/format/opcodes.ts'
import type { Writer } from '../../wasm/format/writer.ts'
import { type InlineCall, type InlinePlaces, type ValueKind, writeMemoryAccess } from '../../wasm/rewrite/inline-call.ts'

/** A function that a module imports and whose calls become loads and stores. */
export type Accessor = ColumnAccessor | ResultAccessor

/** The accessors that a module imports, by function index. */
export type Accessors = ReadonlyMap<number, Accessor>

/** Reads or writes a column. */
export interface ColumnAccessor {
  readonly access: 'get' | 'set'
  /** What the column holds. */
  readonly type: FieldType
  /** Where the column begins in the ECS memory. */
  readonly base: number
  /** Entities are below this. */
  readonly capacity: number
}

/** Gives an entity of a query's result. */
export interface ResultAccessor {
  readonly access: 'entity'
  /** Where two words of the ECS memory tell how many entities the result has, and the address of the first. */
  readonly result: number
}

/** Size of an element as a shift, and the load and the store that read and write it. */
const COLUMNS: Readonly<Record<FieldType, { readonly shift: number; readonly load: number; readonly store: number }>> = {
  f32: { shift: 2, load: 0x2a, store: 0x38 },
  f64: { shift: 3, load: 0x2b, store: 0x39 },
  i8: { shift: 0, load: 0x2c, store: 0x3a },
  u8: { shift: 0, load: 0x2d, store: 0x3a },
  i16: { shift: 1, load: 0x2e, store: 0x3b },
  u16: { shift: 1, load: 0x2f, store: 0x3b },
  i32: { shift: 2, load: 0x28, store: 0x36 },
  u32: { shift: 2, load: 0x28, store: 0x36 },
  eid: { shift: 2, load: 0x28, store: 0x36 },
}

const I32_GE_U = 0x4f
const I32_ADD = 0x6a
const I32_SHL = 0x74
const I32_LOAD = 0x28
const EMPTY_BLOCK = 0x40
/** An entity is a word. */
const WORD_SHIFT = 2

/** The code that stands for a call of an accessor. */
export function inlineAccessor(accessor: Accessor): InlineCall {
  return {
    value: writtenKind(accessor),
    mayBeChecked: accessor.access !== 'entity',
    write: (out, index, places, isChecked) => writeAccess(out, accessor, index, places, isChecked),
  }
}

/** The type of the value that an accessor writes; `undefined` for one that only reads. */
function writtenKind(accessor: Accessor): ValueKind | undefined {
  if (accessor.access !== 'set') return undefined
  return accessor.type === 'f32' || accessor.type === 'f64' ? accessor.type : 'i32'
}

/**
 * Writes what stands for the call of an accessor, the import of the given index: the same operands, the same result. An
 * operand that is out of range is left in the globals, and the script traps; one that `isChecked` is not checked again.
 *
 * This is all the code that ever addresses the ECS memory, and every address in it is the base of a column, which is
 * written here, and an offset that stays inside of the column, because the entity is below the capacity; or lies in the
 * result of a query, whose bounds only the host writes. A script's own instructions were valid before the ECS memory was
 * there, and so name memories below its index alone.
 */
function writeAccess(out: Writer, accessor: Accessor, index: number, places: InlinePlaces, isChecked: boolean): void {
  const kind = writtenKind(accessor)
  const value = kind === undefined ? undefined : (places.valueLocals[kind] as number)
  if (value !== undefined) out.byte(OPCODE.localSet).u32(value)
  if (!isChecked) {
    out.byte(OPCODE.localTee).u32(places.operandLocal)
    writeBound(out, accessor, places)
    out.byte(I32_GE_U).byte(OPCODE.if).byte(EMPTY_BLOCK)
    writeRefusal(out, index, places, value)
    out.byte(OPCODE.unreachable).byte(OPCODE.end)
    out.byte(OPCODE.localGet).u32(places.operandLocal)
  }
  if (accessor.access === 'entity') {
    out.byte(OPCODE.i32Const).s32(WORD_SHIFT).byte(I32_SHL)
    out.byte(OPCODE.i32Const).s32(0)
    writeMemoryAccess(out, I32_LOAD, WORD_SHIFT, places.memory, accessor.result + 4)
    out.byte(I32_ADD)
    writeMemoryAccess(out, I32_LOAD, WORD_SHIFT, places.memory, 0)
    return
  }
  const { shift, load, store } = COLUMNS[accessor.type]
  if (shift > 0) out.byte(OPCODE.i32Const).s32(shift).byte(I32_SHL)
  if (value !== undefined) out.byte(OPCODE.localGet).u32(value)
  writeMemoryAccess(out, value === undefined ? load : store, shift, places.memory, accessor.base)
}

/** Tells of an operand that is out of range. A script can catch what an import throws, but not a trap. */
function writeRefusal(out: Writer, index: number, places: InlinePlaces, value: number | undefined): void {
  out.byte(OPCODE.localGet).u32(places.operandLocal)
  if (places.catches) {
    if (value !== undefined) out.byte(OPCODE.localGet).u32(value)
    out.byte(OPCODE.call).u32(index)
  } else {
    out.byte(OPCODE.globalSet).u32(places.operand)
    out
      .byte(OPCODE.i32Const)
      .s32(index + 1)
      .byte(OPCODE.globalSet)
      .u32(places.fault)
  }
}

/** What the operand must be below: the capacity, or the length of a result. */
function writeBound(out: Writer, accessor: Accessor, { memory }: InlinePlaces): void {
  if (accessor.access !== 'entity') {
    out.byte(OPCODE.i32Const).s32(accessor.capacity)
    return
  }
  out.byte(OPCODE.i32Const).s32(0)
  writeMemoryAccess(out, I32_LOAD, WORD_SHIFT, memory, accessor.result)
}
