import { OPCODE } from './opcodes.ts'

/**
 * What instructions do with the bits of NaN. Engines and processors choose the bits of a NaN that arithmetic gives; all other
 * instructions keep bits as they are.
 *
 * https://webassembly.github.io/spec/core/exec/numerics.html#nan-propagation
 */

/** A float, or a vector of floats. */
export type FloatShape = 'f32' | 'f64' | 'f32x4' | 'f64x2'

/** The first and the last instruction about floats: from `f32.abs` to `f64.reinterpret_i64`. */
const FIRST_FLOAT = 0x8b
const LAST_FLOAT = 0xbf

const SCALARS: readonly (FloatShape | undefined)[] = Array.from({ length: 256 }, (_, opcode) => {
  if ((opcode >= 0x8d && opcode <= 0x97) || opcode === OPCODE.f32DemoteF64) return 'f32'
  return (opcode >= 0x9b && opcode <= 0xa5) || opcode === OPCODE.f64PromoteF32 ? 'f64' : undefined
})

/** Returns whether a numeric instruction takes or gives floats. Comparisons and truncations, which give integers, are left out. */
export function isFloatInstruction(opcode: number): boolean {
  return opcode >= FIRST_FLOAT && opcode <= LAST_FLOAT
}

/** 1 for each instruction whose result has NaN bits that the engine chooses. */
export const CHOSEN: Uint8Array = Uint8Array.from(SCALARS, (shape) => (shape === undefined ? 0 : 1))

/** Returns the type of a result whose NaN bits the engine chooses: of arithmetic. `undefined` if there is none. */
export function chosenScalar(opcode: number): FloatShape | undefined {
  return SCALARS[opcode]
}

/** Returns whether a result is never NaN: floats made from integers. */
export function isNeverNaN(opcode: number): boolean {
  return opcode >= 0xb2 && opcode <= 0xba && opcode !== OPCODE.f32DemoteF64
}

/** Returns whether an instruction is `abs` or `neg`, which change the sign of a NaN and keep its other bits. */
export function isSignChange(opcode: number): boolean {
  return opcode === 0x8b || opcode === 0x8c || opcode === 0x99 || opcode === 0x9a
}

export function isCopySign(opcode: number): boolean {
  return opcode === 0x98 || opcode === 0xa6
}

/** Returns whether an instruction makes an integer of the bits of a float. */
export function isReinterpretation(opcode: number): boolean {
  return opcode === 0xbc || opcode === 0xbd
}

const VECTORS: readonly ({ readonly operand: FloatShape; readonly result?: FloatShape } | undefined)[] = Array.from(
  { length: 256 },
  (_, number) => {
    if (number === 94) return { operand: 'f64x2', result: 'f32x4' }
    if (number === 95) return { operand: 'f32x4', result: 'f64x2' }
    if ((number >= 103 && number <= 106) || (number >= 227 && number <= 233)) return { operand: 'f32x4', result: 'f32x4' }
    if ([116, 117, 122, 148].includes(number) || (number >= 239 && number <= 245)) return { operand: 'f64x2', result: 'f64x2' }
    if ((number >= 65 && number <= 70) || number === 248 || number === 249) return { operand: 'f32x4' }
    return (number >= 71 && number <= 76) || number === 252 || number === 253 ? { operand: 'f64x2' } : undefined
  },
)

/** Returns the shape as which a vector instruction calculates with its operands; `undefined` if it reads their bits. */
export function calculatedShape(number: number): FloatShape | undefined {
  return VECTORS[number]?.operand
}

/** Returns the shape of a vector result whose NaN bits the engine chooses; `undefined` if there is none. */
export function chosenVector(number: number): FloatShape | undefined {
  return VECTORS[number]?.result
}
