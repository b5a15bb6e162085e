import type { FloatShape } from '../format/floats.ts'
import type { InlineCall } from './inline-call.ts'

/** Code that metering adds to a function body. */
export interface Insertion {
  /** The offset of the instruction before which the code is inserted. */
  readonly at: number
  /**
   * What the code does:
   *
   * - `entry`, `loop`: charges for a basic block at the start of a function or loop, and ends the script if the fuel is used up
   * - `block`: charges for another basic block
   * - `bytes`, `elements`, `pages`: charges for a bulk instruction or a `memory.grow` whose size is on the stack
   * - `tableGrow`: charges for copying the table with the index `cost`
   * - `throw`: charges for the frames that an exception may unwind
   * - `call`: saves the fuel and sets the depth before a call
   * - `returned`: reads the fuel after a call
   * - `hostReturned`: reads and checks the fuel after a call of the host
   * - `tailCall`: saves the fuel and restores the caller's depth before a tail call
   * - `inline`: replaces a call of an import
   * - `global`: replaces an access to a global whose index shifts
   * - `save`: saves the fuel before an instruction that may trap or throw
   * - `canonical`: makes each NaN of the last operand or of a local canonical
   * - `leave`: saves the fuel before a branch out of the function and before its end
   * - `return`: does the same before a `return`
   */
  readonly kind:
    | 'entry'
    | 'loop'
    | 'block'
    | 'bytes'
    | 'elements'
    | 'pages'
    | 'tableGrow'
    | 'throw'
    | 'call'
    | 'returned'
    | 'hostReturned'
    | 'tailCall'
    | 'inline'
    | 'global'
    | 'save'
    | 'canonical'
    | 'leave'
    | 'return'
  /**
   * The units of a basic block. For other kinds, another number: for `bytes` the index of the memory, for `elements` and a
   * `tableGrow` that of the table; for `pages`, the most that a memory may have; for an `inline` the index of the import, for a
   * `global` its index in the original module; for a `return`, the number of open blocks.
   */
  cost: number
  /** For an `inline`, a `global` or a `return`: the end of the replaced instruction. Otherwise the offset. */
  readonly end: number
  /** For an `inline`: the code. */
  readonly call: InlineCall | undefined
  /** For a `canonical`: what is made canonical. */
  readonly canonical: CanonicalOperand | undefined
}

/** The last operand, or a local, that is made canonical, and its shape. */
export interface CanonicalOperand {
  readonly shape: FloatShape
  /** @default the last operand */
  readonly local?: number
}

/** Returns an insertion. All have the same properties in the same order, so that engines read them fast. */
export function createInsertion(
  at: number,
  kind: Insertion['kind'],
  cost: number,
  end: number = at,
  call?: InlineCall,
  canonical?: CanonicalOperand,
): Insertion {
  return { at, kind, cost, end, call, canonical }
}
