/** Numbers of the binary format. https://webassembly.github.io/spec/core/appendix/index-instructions.html */

import * as BULK from './bulk-opcode.ts'

export * as OPCODE from './opcode.ts'
export * as VECTOR from './vector-opcode.ts'
export { BULK }

/** The bytes of the types of values. */
export const VALUE_TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const

/** The instructions with the prefix `0xfb`, by number. */
export const AGGREGATE = { brOnCast: 24, brOnCastFail: 25 } as const

/** How many indices follow each instruction with the prefix `0xfb`. Casts have heap types instead. */
export const AGGREGATE_INDICES: readonly number[] = [
  1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 2, 1, 1, 1, 1, 0, 1, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0,
]
/** `struct.new`, `array.new` and their variants, which scripts may not use. */
export const ALLOCATING: readonly number[] = [0, 1, 6, 7, 8, 9, 10]
export const NO_AGGREGATES = 'scripts may not make structs and arrays, whose memory cannot be bounded'
export const FIRST_CAST = 20
export const LAST_CAST = 23
/** Instructions that engines may support and scripts may not use, by prefix. */
export const REFUSED: Readonly<Record<number, string>> = {
  254: 'scripts may not use atomic instructions, since their memories cannot be shared',
}
export const LAST_BULK = 17
export const LAST_SIMD = 0xff
/**
 * `i32x4.relaxed_laneselect`, which only code that bitscript adds may use: it gives the same on all engines if the mask has all bits of a
 * lane set, or none.
 */
export const SELECT_LANES = 0x10b
export const MEMORY_INDEX_FOLLOWS = 0x40
/** The type of a block without parameters and results. */
export const EMPTY_BLOCK = 0x40

export const PREFIX_SIMD = 0xfd
/** `unreachable`, `table.get`, `table.set`, `ref.as_non_null`, and casts and accesses of structs and arrays. */
const TRAPPING: readonly number[] = [0x00, 0x25, 0x26, 0xd4, 0xfb]

/** Returns whether an instruction loads a number from a memory. */
export function isLoad(opcode: number): boolean {
  return opcode >= 0x28 && opcode <= 0x35
}

export function isStore(opcode: number): boolean {
  return opcode >= 0x36 && opcode <= 0x3e
}

/** Returns whether an instruction calculates with numbers, and has no immediates. */
export function isNumeric(opcode: number): boolean {
  return opcode >= 0x45 && opcode <= 0xc4
}

/** Returns whether a numeric instruction may trap: divisions, remainders and truncations of floats do. */
function isPartial(opcode: number): boolean {
  return (
    (opcode >= 0x6d && opcode <= 0x70) ||
    (opcode >= 0x7f && opcode <= 0x82) ||
    (opcode >= 0xa8 && opcode <= 0xab) ||
    (opcode >= 0xae && opcode <= 0xb1)
  )
}

/** Returns whether a numeric instruction takes one operand: tests, bit counts, unary float operations, conversions, extensions. */
export function isUnary(opcode: number): boolean {
  return (
    opcode === 0x45 ||
    opcode === 0x50 ||
    (opcode >= 0x67 && opcode <= 0x69) ||
    (opcode >= 0x79 && opcode <= 0x7b) ||
    (opcode >= 0x8b && opcode <= 0x91) ||
    (opcode >= 0x99 && opcode <= 0x9f) ||
    opcode >= 0xa7
  )
}

/** The effect on the number of operands of instructions that are not numeric. Those left out push one. */
const RISES_OF_OTHERS: Readonly<Record<number, number>> = {
  ...Object.fromEntries(
    [0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x0a, 0x0b, 0x0c, 0x0f, 0x18, 0x1f, 0x22, 0x25, 0x40, 0xd1, 0xd4].map((opcode) => [opcode, 0]),
  ),
  ...Object.fromEntries([0x04, 0x0d, 0x0e, 0x1a, 0x21, 0x24].map((opcode) => [opcode, -1])),
  ...Object.fromEntries([0x1b, 0x1c, 0x26].map((opcode) => [opcode, -2])),
}

/** The change in the number of operands by opcode: see {@link riseOf}. */
export const RISES: Int8Array = Int8Array.from({ length: 256 }, (_, opcode) => {
  if (isNumeric(opcode)) return isUnary(opcode) ? 0 : -1
  if (isStore(opcode)) return -2
  if (isLoad(opcode)) return 0
  return RISES_OF_OTHERS[opcode] ?? 1
})

/** 1 for each instruction without prefix that may trap. Calls and bulk instructions are metered separately. */
export const MAY_TRAP: Uint8Array = Uint8Array.from({ length: 256 }, (_, opcode) =>
  isLoad(opcode) || isStore(opcode) || (isNumeric(opcode) && isPartial(opcode)) || TRAPPING.includes(opcode) ? 1 : 0,
)

/** Returns the change in the number of operands by an instruction, calls and blocks aside; an upper bound for prefixed ones. */
export function riseOf(opcode: number): number {
  return RISES[opcode] as number
}

/** Returns the same as {@link riseOf} for an instruction with the prefix `0xfc`. */
export function riseOfBulk(number: number): number {
  if (number <= 7 || number === 9 || number === 13) return 0
  if (number === BULK.tableGrow) return -1
  return number === 16 ? 1 : -3
}

/** The ranges of vector instructions with one operand and one result. Those left out have two operands. */
const UNARY_VECTORS: readonly (readonly [first: number, last: number])[] = [
  ...([
    [0, 10],
    [15, 22],
    [24, 25],
    [27, 27],
    [29, 29],
    [31, 31],
    [33, 33],
    [77, 77],
    [83, 83],
    [92, 100],
    [103, 106],
  ] as const),
  ...([
    [116, 117],
    [122, 122],
    [124, 129],
    [131, 132],
    [135, 138],
    [148, 148],
    [160, 161],
    [163, 164],
    [167, 170],
  ] as const),
  ...([
    [192, 193],
    [195, 196],
    [199, 202],
    [224, 225],
    [227, 227],
    [236, 237],
    [239, 239],
    [248, 255],
  ] as const),
]

const VECTOR_RISES = Int8Array.from({ length: 256 }, (_, number) => {
  if (number === 12) return 1
  if (number === 11 || number === 82 || (number >= 88 && number <= 91)) return -2
  return UNARY_VECTORS.some(([first, last]) => number >= first && number <= last) ? 0 : -1
})

/** Returns the same as {@link riseOf} for a vector instruction. */
export function riseOfVector(number: number): number {
  return VECTOR_RISES[number] as number
}
