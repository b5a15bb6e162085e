import type { InstructionReader } from '../../decode/instructions.ts'
import {
  BULK,
  isLoad,
  isNumeric,
  isStore,
  LAST_BULK,
  LAST_SIMD,
  OPCODE,
  PREFIX_SIMD,
  SELECT_LANES,
  VALUE_TYPE,
} from '../../format/opcodes.ts'

/** What an instruction does with a memory. */
export interface MemoryAccess {
  /** The bytes that it reads or writes. */
  readonly width: number
  /** The type byte of the operand above the address; `undefined` if the address is the last operand. */
  readonly operand: number | undefined
}

/** Bytes by opcode, from `i32.load`. */
const LOAD_WIDTHS: readonly number[] = [4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4]

/** Bytes and the type of the value by opcode, from `i32.store`. */
const STORES: readonly (readonly [width: number, operand: number])[] = [
  [4, VALUE_TYPE.i32],
  [8, VALUE_TYPE.i64],
  [4, VALUE_TYPE.f32],
  [8, VALUE_TYPE.f64],
  [1, VALUE_TYPE.i32],
  [2, VALUE_TYPE.i32],
  [1, VALUE_TYPE.i64],
  [2, VALUE_TYPE.i64],
  [4, VALUE_TYPE.i64],
]

/** Bytes by number, from `v128.load`. */
const VECTOR_LOAD_WIDTHS: readonly number[] = [16, 8, 8, 8, 8, 8, 8, 1, 2, 4, 8]

/** The loads and stores without prefix, by opcode. */
const PLAIN: readonly (MemoryAccess | undefined)[] = Array.from({ length: 256 }, (_, opcode) => {
  if (isLoad(opcode)) return access(LOAD_WIDTHS[opcode - 0x28], undefined)
  return isStore(opcode) ? access(...(STORES[opcode - 0x36] as readonly [number, number])) : undefined
})

/** The loads and stores with the prefix of vectors, by number. */
const VECTOR: readonly (MemoryAccess | undefined)[] = Array.from({ length: LAST_SIMD + 1 }, (_, number) => {
  if (number <= 10) return access(VECTOR_LOAD_WIDTHS[number], undefined)
  if (number === 11) return access(16, VALUE_TYPE.v128)
  // Lanes of 1, 2, 4 and 8 bytes: four loads, then four stores.
  if (number >= 84 && number <= 91) return access(2 ** ((number - 84) % 4), VALUE_TYPE.v128)
  return number === 92 || number === 93 ? access(number === 92 ? 4 : 8, undefined) : undefined
})

function access(width: number | undefined, operand: number | undefined): MemoryAccess {
  return { width: width as number, operand }
}

/** Returns what an instruction loads or stores; `undefined` if it is neither a load nor a store. */
export function accessOf({ opcode, number }: InstructionReader): MemoryAccess | undefined {
  return opcode === PREFIX_SIMD ? VECTOR[number] : PLAIN[opcode]
}

/** Returns whether an instruction that neither loads nor stores touches no memory. Whatever is not known to be one does. */
export function touchesNoMemory({ opcode, number }: InstructionReader): boolean {
  if (opcode === OPCODE.bulk) return number <= LAST_BULK && !MEMORY_BULK.includes(number)
  if (opcode === PREFIX_SIMD) return number <= LAST_SIMD || number === SELECT_LANES
  return isNumeric(opcode) || (WITHOUT_MEMORY[opcode] === 1 && PLAIN[opcode] === undefined)
}

/** `memory.init`, `memory.copy` and `memory.fill`. `data.drop` drops a segment and leaves the memory alone. */
const MEMORY_BULK: readonly number[] = [BULK.memoryInit, BULK.memoryCopy, BULK.memoryFill]

/** The ranges of other opcodes without memory: control flow, calls, `drop` and `select`, variables, tables, constants, references. */
const RANGES: readonly (readonly [first: number, last: number])[] = [
  [0x00, 0x1f],
  [0x20, 0x26],
  [0x41, 0x44],
  [0xd0, 0xd6],
  [OPCODE.aggregate, OPCODE.aggregate],
]

const WITHOUT_MEMORY = Uint8Array.from({ length: 256 }, (_, opcode) =>
  RANGES.some(([first, last]) => opcode >= first && opcode <= last) ? 1 : 0,
)
