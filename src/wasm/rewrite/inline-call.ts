import type { FieldType } from '../../abi/types.ts'
import { MEMORY_INDEX_FOLLOWS, VALUE_TYPE } from '../format/opcodes.ts'
import type { Writer } from '../format/writer.ts'
import type { Additions } from './additions.ts'

/** What inserted code keeps in locals: values by their types, and the frame and the record of a traced function. */
export type ValueKind = 'i32' | 'f32' | 'f64' | 'v128' | 'frame' | 'record'

/** The locals and indices that inlined code uses. */
export interface InlinePlaces extends Additions {
  /** An i32 local for the first operand. */
  readonly operandLocal: number
  /** The locals for the second operand, by its type. */
  readonly valueLocals: Readonly<Record<ValueKind, number>>
}

/** The same for code that records what a function does. */
export interface ProbePlaces extends InlinePlaces {
  /** The local that caches the fuel; -1 if none does. */
  readonly fuelLocal: number
}

/** Writes code that leaves the operands as they are. */
export type ProbeCode = (out: Writer, places: ProbePlaces) => void

/** An import whose calls are replaced by loads and stores. */
export type Accessor = ColumnAccessor | ResultAccessor | WordAccessor

/** Reads or writes a column. */
export interface ColumnAccessor {
  readonly access: 'get' | 'set'
  readonly type: FieldType
  /** The address of the column in the shared memory. */
  readonly base: number
  /** Entities must be below this. */
  readonly capacity: number
}

/** Reads an entity of a query result. */
export interface ResultAccessor {
  readonly access: 'entity'
  /** The address of two words of the shared memory: the number of entities of the result, and the address of the first. */
  readonly result: number
}

/** Reads a number that the host alone writes, and not while a script runs. */
export interface WordAccessor {
  readonly access: 'word'
  readonly type: 'i32' | 'f64'
  /** Its address in the shared memory. */
  readonly address: number
}

/** Code that replaces a call of an import, with the same operands and results. */
export interface InlineCall {
  /** What the call does. */
  readonly accessor: Accessor
  /** The type of the second operand, which needs a local; `undefined` if there is none. */
  readonly value: ValueKind | undefined
  /** Whether the check of the first operand can be left out if it is known to be in range. */
  readonly mayBeChecked: boolean
  /** Writes the code. `isChecked` is whether the first operand is known to be in range. */
  readonly write: (out: Writer, index: number, places: InlinePlaces, isChecked: boolean) => void
}

/** The inlined calls by function index of the import. */
export type InlineCalls = ReadonlyMap<number, InlineCall>

export const NO_CALLS: InlineCalls = new Map()

const LOCAL_TYPES: Readonly<Record<ValueKind, number>> = { ...VALUE_TYPE, frame: VALUE_TYPE.i32, record: VALUE_TYPE.i32 }

/** Returns the byte of a type in the binary format. */
export function valueTypeByte(kind: ValueKind): number {
  return LOCAL_TYPES[kind]
}

/** Writes a load or a store whose address and value are on the stack. `alignment` is the exponent of a power of two. */
export function writeMemoryAccess(out: Writer, opcode: number, alignment: number, memory: number, offset: number): void {
  out.byte(opcode)
  if (memory === 0) out.byte(alignment)
  else out.byte(alignment | MEMORY_INDEX_FOLLOWS).u32(memory)
  out.u32(offset)
}
