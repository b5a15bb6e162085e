import { sameIntegers } from '../../bytes.ts'
import { InstructionReader } from '../decode/instructions.ts'
import type { ByteRange } from '../format/module.ts'
import { OPCODE, PREFIX_SIMD, VALUE_TYPE } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'
import { nanInstruction } from './canonical.ts'
import type { CanonicalOperand, ConstantSetter, FloatEdit } from './float-edits.ts'

const V128_CONST = 12
/** The most constants of one function that get a local. Processors have 16 registers for floats, and its loops need others. */
const MAX_CONSTANTS = 12

/** The constants that loops read from locals. */
export interface LoopConstants {
  /** The type of the local of each. Several loops may use one local. */
  readonly types: readonly number[]
  /** The changes in the code, among them the operands that are made canonical, in order of offsets. */
  readonly edits: readonly FloatEdit[]
}

/**
 * Hoists the float and vector constants of loops without inner loops, and the canonical NaN, into locals that are set before the loop. V8
 * computes such a constant in three instructions in each round, which takes as long as the arithmetic of a short loop.
 */
export function hoistConstants(bytes: Uint8Array, code: ByteRange, canonical: readonly CanonicalOperand[]): LoopConstants {
  const loops: Loop[] = []
  findLoops(bytes, code, (loop) => loops.push(loop))
  return hoist(bytes, loops, canonical)
}

/** Hoists the constants of code that is written into a loop of its own. `edits` are what {@link hoistConstants} gave for it. */
export function hoistAllConstants(bytes: Uint8Array, code: ByteRange, edits: readonly FloatEdit[]): LoopConstants {
  const canonical = edits.filter((edit) => edit.kind === 'canonical').map((edit) => ({ ...edit, nan: undefined }))
  return hoist(bytes, [{ at: code.start, end: code.end, constants: findLoops(bytes, code) }], canonical)
}

function hoist(bytes: Uint8Array, loops: readonly Loop[], canonical: readonly CanonicalOperand[]): LoopConstants {
  const types: number[] = []
  const parts: (readonly FloatEdit[])[] = []
  let done = 0
  for (const { at, end, constants } of loops) {
    const first = countUpTo(at, canonical, done)
    const last = countUpTo(end, canonical, first)
    const locals = new ConstantLocals(types)
    const inside: FloatEdit[] = canonical.slice(first, last).map((operand) => {
      const instruction = nanInstruction(operand.shape)
      return instruction === undefined ? operand : { ...operand, nan: locals.take(instruction) }
    })
    for (const { start, end: constantEnd } of constants) {
      const constant = locals.take(bytes.subarray(start, constantEnd))
      if (constant !== undefined) inside.push({ kind: 'getter', at: start, end: constantEnd, constant })
    }
    // Operands come first at the same offset, because sorting is stable.
    inside.sort((one, other) => one.at - other.at)
    parts.push(canonical.slice(done, first), locals.setters(at), inside)
    done = last
  }
  return { types, edits: [...parts.flat(), ...canonical.slice(done)] }
}

/** Returns how many operands there are up to an offset, the first `known` of them known. */
function countUpTo(at: number, operands: readonly CanonicalOperand[], known: number): number {
  let count = known
  while (count < operands.length && (operands[count] as CanonicalOperand).at <= at) count++
  return count
}

interface Loop {
  readonly at: number
  /** The offset of its `end`. */
  readonly end: number
  /** The instructions that push its constants. */
  readonly constants: readonly ByteRange[]
}

/** Calls `found` for each loop without inner loops. Returns the instructions that push constants. */
function findLoops(bytes: Uint8Array, code: ByteRange, found?: (loop: Loop) => void): readonly ByteRange[] {
  const reader = new Reader(bytes, code)
  const instruction = new InstructionReader(reader)
  const constants: ByteRange[] = []
  let loop: { readonly at: number; readonly depth: number; readonly first: number } | undefined
  let depth = 0
  while (!reader.done) {
    instruction.skipPlain()
    instruction.read()
    const { opcode, at, next, number } = instruction
    switch (opcode) {
      case OPCODE.loop:
        loop = { at, depth: depth++, first: constants.length }
        break
      case OPCODE.block:
      case OPCODE.if:
      case OPCODE.try:
      case OPCODE.tryTable:
        depth++
        break
      case OPCODE.end:
      case OPCODE.delegate:
        depth--
        if (loop?.depth !== depth) break
        found?.({ at: loop.at, end: at, constants: constants.slice(loop.first) })
        loop = undefined
        break
      case OPCODE.f32Const:
      case OPCODE.f64Const:
        constants.push({ start: at, end: next })
        break
      case PREFIX_SIMD:
        if (number === V128_CONST) constants.push({ start: at, end: next })
    }
  }
  return constants
}

/** The locals of the constants of one loop. */
class ConstantLocals {
  readonly #types: number[]
  /** The instructions that push the constants, by the numbers of the locals. */
  readonly #instructions = new Map<number, Uint8Array>()

  /** `types` are those of the locals that other loops have; types are appended to it. */
  constructor(types: number[]) {
    this.#types = types
  }

  /** Returns the number of the local for what an instruction pushes; `undefined` if there are too many. */
  take(instruction: Uint8Array): number | undefined {
    for (const [number, known] of this.#instructions) if (sameIntegers(known, instruction)) return number
    const type = typeOf(instruction[0] as number)
    let number = this.#types.findIndex((each, place) => each === type && !this.#instructions.has(place))
    if (number < 0) {
      if (this.#types.length === MAX_CONSTANTS) return undefined
      number = this.#types.push(type) - 1
    }
    this.#instructions.set(number, instruction)
    return number
  }

  /** Returns the edits that set them before the loop at an offset. */
  setters(at: number): readonly ConstantSetter[] {
    return Array.from(this.#instructions, ([constant, instruction]) => ({ kind: 'setter', at, constant, instruction }))
  }
}

function typeOf(opcode: number): number {
  if (opcode === PREFIX_SIMD) return VALUE_TYPE.v128
  return opcode === OPCODE.f32Const ? VALUE_TYPE.f32 : VALUE_TYPE.f64
}
