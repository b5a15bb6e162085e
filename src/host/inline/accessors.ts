import type { FieldType } from '../../abi/types.ts'
import { EMPTY_BLOCK, OPCODE } from '../../wasm/format/opcodes.ts'
import type { Writer } from '../../wasm/format/writer.ts'
import {
  type Accessor,
  type InlineCall,
  type InlinePlaces,
  type ValueKind,
  type WordAccessor,
  writeMemoryAccess,
} from '../../wasm/rewrite/inline-call.ts'

/** The accessors of a module by function index. */
export type Accessors = ReadonlyMap<number, Accessor>

/** The functions that test an entity for a component, each with the address of the bytes that say who has it: see `ComponentHolders`. */
export type AskedPlaces = readonly (readonly [functionIndex: number, address: number])[]

/** An accessor with an operand: the place of an element. */
type ElementAccessor = Exclude<Accessor, WordAccessor>

/** Log2 of the bytes of an element, and the opcodes of its load and store. */
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

/** Log2 of the bytes of an entity. */
const WORD_SHIFT = 2

/** Returns the code that replaces a call of an accessor. */
export function inlineAccessor(accessor: Accessor): InlineCall {
  return {
    accessor,
    value: writtenKind(accessor),
    mayBeChecked: accessor.access === 'get' || accessor.access === 'set',
    write(out, index, places, isChecked) {
      if (accessor.access === 'word') writeRead(out, accessor, places)
      else writeAccess(out, accessor, index, places, isChecked)
    },
  }
}

/** Returns the type of the value that an accessor writes; `undefined` if it only reads. */
function writtenKind(accessor: Accessor): ValueKind | undefined {
  if (accessor.access !== 'set') return undefined
  return accessor.type === 'f32' || accessor.type === 'f64' ? accessor.type : 'i32'
}

/**
 * Writes the code that replaces a call of the accessor at an import index. It takes the same operands and leaves the same
 * result. If the operand is out of range, the script traps, and the operand is in the globals for the host. With `isChecked`,
 * the operand is known to be in range and is not tested.
 *
 * No other code addresses the ECS memory. A column address is a constant base plus an offset inside the column, since the
 * entity is below the capacity. A result address lies inside the result, whose bounds only the host writes. The script's own
 * instructions cannot name the ECS memory, which is added behind all other memories: the engine validates them without it.
 */
function writeAccess(out: Writer, accessor: ElementAccessor, index: number, places: InlinePlaces, isChecked: boolean): void {
  const kind = writtenKind(accessor)
  const value = kind === undefined ? undefined : places.valueLocals[kind]
  if (value !== undefined) out.byte(OPCODE.localSet).u32(value)
  if (!isChecked) {
    out.byte(OPCODE.localTee).u32(places.operandLocal)
    writeBound(out, accessor, places)
    out.byte(OPCODE.i32GeU).byte(OPCODE.if).byte(EMPTY_BLOCK)
    writeRefusal(out, index, places, value)
    out.byte(OPCODE.unreachable).byte(OPCODE.end)
    out.byte(OPCODE.localGet).u32(places.operandLocal)
  }
  if (accessor.access === 'entity') {
    out.byte(OPCODE.i32Const).s32(WORD_SHIFT).byte(OPCODE.i32Shl)
    out.byte(OPCODE.i32Const).s32(0)
    writeMemoryAccess(out, OPCODE.i32Load, WORD_SHIFT, places.memory, accessor.result + 4)
    out.byte(OPCODE.i32Add)
    writeMemoryAccess(out, OPCODE.i32Load, WORD_SHIFT, places.memory, 0)
    return
  }
  const { shift, load, store } = COLUMNS[accessor.type]
  if (shift > 0) out.byte(OPCODE.i32Const).s32(shift).byte(OPCODE.i32Shl)
  if (value !== undefined) out.byte(OPCODE.localGet).u32(value)
  writeMemoryAccess(out, value === undefined ? load : store, shift, places.memory, accessor.base)
}

/**
 * Writes the code for an operand that is out of range. A module with handlers calls the import, which refuses the call: after
 * a trap in a module without handlers, the globals tell the host the operand.
 */
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

/** Writes the read of a number that the host writes. */
function writeRead(out: Writer, { type, address }: WordAccessor, { memory }: InlinePlaces): void {
  const { shift, load } = COLUMNS[type]
  out.byte(OPCODE.i32Const).s32(0)
  writeMemoryAccess(out, load, shift, memory, address)
}

/** Writes the bound of the operand: the capacity, or the length of a result. */
function writeBound(out: Writer, accessor: ElementAccessor, { memory }: InlinePlaces): void {
  if (accessor.access !== 'entity') {
    out.byte(OPCODE.i32Const).s32(accessor.capacity)
    return
  }
  out.byte(OPCODE.i32Const).s32(0)
  writeMemoryAccess(out, OPCODE.i32Load, WORD_SHIFT, memory, accessor.result)
}
