import type { FloatShape } from '../format/floats.ts'
import { OPCODE } from '../format/opcodes.ts'
import type { Writer } from '../format/writer.ts'
import { canonicalLocal, writeCanonical } from './canonical.ts'
import type { ValueKind } from './inline-call.ts'

/** A change in the code of a function that has floats. */
export type FloatEdit = CanonicalOperand | ConstantSetter | ConstantGetter

/** An operand that is made canonical before an instruction: the last one, or a local. */
export interface CanonicalOperand {
  readonly kind: 'canonical'
  /** The offset of the instruction. */
  readonly at: number
  readonly shape: FloatShape
  /** `undefined` for the last operand. */
  readonly local: number | undefined
  /** The number of the loop constant that is the canonical NaN; `undefined` if none is. */
  readonly nan: number | undefined
}

/** Sets a loop constant. */
export interface ConstantSetter {
  readonly kind: 'setter'
  /** The offset of the loop. */
  readonly at: number
  /** The number of the constant. */
  readonly constant: number
  /** The instruction that pushes it. */
  readonly instruction: Uint8Array
}

/** Replaces an instruction that pushes a loop constant. */
export interface ConstantGetter {
  readonly kind: 'getter'
  /** The offset of the instruction. */
  readonly at: number
  readonly end: number
  /** The number of the constant. */
  readonly constant: number
}

/** The locals that edits use. */
export interface EditLocals {
  /** Those for operands that are made canonical, by type. */
  readonly valueLocals: Readonly<Record<ValueKind, number>>
  /** Those of the loop constants, by number. */
  readonly constants: readonly number[]
}

/** Writes the code of an edit. Returns the offset at which the original code goes on. */
export function writeFloatEdit(out: Writer, edit: FloatEdit, { constants, valueLocals }: EditLocals): number {
  switch (edit.kind) {
    case 'setter':
      out
        .bytes(edit.instruction)
        .byte(OPCODE.localSet)
        .u32(constants[edit.constant] as number)
      return edit.at
    case 'getter':
      out.byte(OPCODE.localGet).u32(constants[edit.constant] as number)
      return edit.end
    case 'canonical': {
      const { at, shape, local, nan } = edit
      if (local !== undefined) out.byte(OPCODE.localGet).u32(local)
      writeCanonical(out, shape, valueLocals[canonicalLocal(shape)], nan === undefined ? undefined : constants[nan])
      if (local !== undefined) out.byte(OPCODE.localSet).u32(local)
      return at
    }
  }
}
