import type { FieldType } from '../abi.ts'
import type { Writer } from './writer.ts'

/** A function that a module imports, and that reads or writes a column: its calls become loads and stores. */
export interface Accessor {
  readonly access: 'get' | 'set'
  /** What the column holds. */
  readonly type: FieldType
  /** Where the column begins in the ECS memory. */
  readonly base: number
  /** Entities are below this. */
  readonly capacity: number
}

/** Locals and globals that an inlined access uses, by index. */
export interface AccessLocals {
  readonly entity: number
  /** Holds the value of a `set`, by its type. */
  readonly values: Readonly<Partial<Record<ValueKind, number>>>
  /** The global in which the entity is left that is out of range. */
  readonly fault: number
}

export type ValueKind = 'i32' | 'f32' | 'f64'

const VALUE_TYPES: Readonly<Record<ValueKind, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c }

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

const UNREACHABLE = 0x00
const IF = 0x04
const END = 0x0b
const LOCAL_GET = 0x20
const LOCAL_SET = 0x21
const GLOBAL_SET = 0x24
const I32_CONST = 0x41
const I32_GE_U = 0x4f
const I32_SHL = 0x74
const EMPTY_BLOCK = 0x40

/** The type of the value that an accessor reads or writes. */
export function valueKind({ type }: Accessor): ValueKind {
  return type === 'f32' || type === 'f64' ? type : 'i32'
}

/** The type in the binary format. */
export function valueTypeByte(kind: ValueKind): number {
  return VALUE_TYPES[kind]
}

/**
 * Writes what stands for the call of an accessor: the same operands, the same result. An entity that is not below the
 * capacity is left in the fault global, and the script traps. The address is the column's own base and an offset that was
 * checked: a script's code never makes one.
 */
export function writeAccess(out: Writer, accessor: Accessor, locals: AccessLocals): void {
  const { shift, load, store } = COLUMNS[accessor.type]
  const value = locals.values[valueKind(accessor)]
  if (accessor.access === 'set') out.byte(LOCAL_SET).u32(value as number)
  out.byte(LOCAL_SET).u32(locals.entity)
  out.byte(LOCAL_GET).u32(locals.entity).byte(I32_CONST).s32(accessor.capacity).byte(I32_GE_U)
  out.byte(IF).byte(EMPTY_BLOCK)
  out.byte(LOCAL_GET).u32(locals.entity).byte(GLOBAL_SET).u32(locals.fault)
  out.byte(UNREACHABLE).byte(END)
  out.byte(LOCAL_GET).u32(locals.entity)
  if (shift > 0) out.byte(I32_CONST).s32(shift).byte(I32_SHL)
  if (accessor.access === 'set') out.byte(LOCAL_GET).u32(value as number)
  out
    .byte(accessor.access === 'get' ? load : store)
    .byte(shift)
    .u32(accessor.base)
}
