/** Numbers of the binary format. https://webassembly.github.io/spec/core/appendix/index-instructions.html */

/** The opcodes that decide where control goes, that are metered by more than one unit, or that rewriting puts in. */
export const OPCODE = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  throwRef: 0x0a,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  callRef: 0x14,
  returnCallRef: 0x15,
  delegate: 0x18,
  catchAll: 0x19,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memoryGrow: 0x40,
  i32Const: 0x41,
  brOnNull: 0xd5,
  brOnNonNull: 0xd6,
  aggregate: 0xfb,
  bulk: 0xfc,
} as const

/** Instructions behind the prefix `0xfc`, by their number. */
export const BULK = { memoryInit: 8, memoryCopy: 10, memoryFill: 11, tableInit: 12, tableCopy: 14, tableGrow: 15, tableFill: 17 } as const

/** Instructions behind the prefix `0xfb`, by their number. */
export const AGGREGATE = { arrayFill: 16, arrayCopy: 17, arrayInitData: 18, arrayInitElem: 19, brOnCast: 24, brOnCastFail: 25 } as const

/** How many indices follow each instruction behind `0xfb`; those of casts are heap types. */
export const AGGREGATE_INDICES: readonly number[] = [
  1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 2, 1, 1, 1, 1, 0, 1, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0,
]
/** `struct.new`, `array.new` and their kin, which scripts may not use. */
export const ALLOCATING: readonly number[] = [0, 1, 6, 7, 8, 9, 10]
export const NO_AGGREGATES = 'scripts may not make structs and arrays, whose memory cannot be bounded'
export const FIRST_CAST = 20
export const LAST_CAST = 23
/** Instructions that engines may know and scripts may not use, by their prefix. */
export const REFUSED: Readonly<Record<number, string>> = { 254: 'scripts may not use atomic instructions, which have nothing to share' }
export const LAST_BULK = 17
export const LAST_SIMD = 0xff
export const MEMORY_INDEX_FOLLOWS = 0x40

export const PREFIX_SIMD = 0xfd
/** `unreachable`, `table.get`, `table.set`, `ref.as_non_null`, and casts and accesses of structs and arrays. */
export const TRAPPING: readonly number[] = [0x00, 0x25, 0x26, 0xd4, 0xfb]

/** Whether a numeric instruction may trap: divisions, remainders and truncations of floats do. */
export function isPartial(opcode: number): boolean {
  return (
    (opcode >= 0x6d && opcode <= 0x70) ||
    (opcode >= 0x7f && opcode <= 0x82) ||
    (opcode >= 0xa8 && opcode <= 0xab) ||
    (opcode >= 0xae && opcode <= 0xb1)
  )
}
