import type { FloatShape } from '../format/floats.ts'
import { EMPTY_BLOCK, OPCODE, PREFIX_SIMD } from '../format/opcodes.ts'
import type { Writer } from '../format/writer.ts'
import type { ValueKind } from './inline-call.ts'

const V128_CONST = 12
const V128_BITSELECT = 82

interface ScalarCode {
  readonly constant: number
  readonly lessOrEqual: number
}

interface VectorCode {
  readonly equal: number
  readonly notEqual: number
  readonly bitmask: number
}

const SCALARS: Readonly<Record<string, ScalarCode>> = {
  f32: { constant: 0x43, lessOrEqual: 0x5f },
  f64: { constant: 0x44, lessOrEqual: 0x65 },
}
const VECTORS: Readonly<Record<string, VectorCode>> = {
  f32x4: { equal: 65, notEqual: 66, bitmask: 164 },
  f64x2: { equal: 71, notEqual: 72, bitmask: 196 },
}
/** The canonical NaN, positive and quiet. */
const NAN_BYTES: Readonly<Record<FloatShape, readonly number[]>> = {
  f32: [0, 0, 0xc0, 0x7f],
  f64: [0, 0, 0, 0, 0, 0, 0xf8, 0x7f],
  f32x4: [0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f],
  f64x2: [0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f],
}

/** Returns the type of the local that {@link writeCanonical} needs. */
export function canonicalLocal(shape: FloatShape): ValueKind {
  return shape === 'f32' || shape === 'f64' ? shape : 'v128'
}

/** Returns the instruction that pushes the canonical NaN; `undefined` for vectors, which have it in code that hardly ever runs. */
export function nanInstruction(shape: FloatShape): Uint8Array | undefined {
  const scalar = SCALARS[shape]
  return scalar && Uint8Array.of(scalar.constant, ...NAN_BYTES[shape])
}

/** Writes code that replaces each NaN in the last operand by the canonical one. `nanLocal` is a local that holds it, if a scalar has one. */
export function writeCanonical(out: Writer, shape: FloatShape, local: number, nanLocal: number | undefined): void {
  const nan = NAN_BYTES[shape]
  const scalar = SCALARS[shape]
  out.byte(OPCODE.localTee).u32(local)
  if (scalar !== undefined) {
    if (nanLocal === undefined) out.byte(scalar.constant).bytes(nan)
    else out.byte(OPCODE.localGet).u32(nanLocal)
    out.byte(OPCODE.localGet).u32(local).byte(OPCODE.localGet).u32(local)
    // Equality takes x86 two branches, this comparison one.
    out.byte(scalar.lessOrEqual).byte(OPCODE.select)
    return
  }
  const { equal, notEqual, bitmask } = VECTORS[shape] as VectorCode
  const vector = (number: number): Writer => out.byte(PREFIX_SIMD).u32(number)
  out.byte(OPCODE.localGet).u32(local)
  vector(notEqual)
  // A branch that is never taken is faster than a selection of bits.
  vector(bitmask).byte(OPCODE.if).byte(EMPTY_BLOCK)
  out.byte(OPCODE.localGet).u32(local)
  vector(V128_CONST).bytes(nan).byte(OPCODE.localGet).u32(local).byte(OPCODE.localGet).u32(local)
  vector(equal)
  vector(V128_BITSELECT).byte(OPCODE.localSet).u32(local).byte(OPCODE.end)
  out.byte(OPCODE.localGet).u32(local)
}
