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
   * The units of a basic block; for `bytes` the index of the memory, for `elements` and a `tableGrow` that of the table; for
   * `pages`, the most that a memory may have.
   */
  cost: number
  /** For an `inline`: the code, and the index of the import that it replaces. */
  readonly inlined?: { readonly call: InlineCall; readonly index: number }
  /** For a `global`: the opcode and the index in the original module. */
  readonly global?: { readonly opcode: number; readonly index: number }
  /** For a `canonical`: the shape, and the local that is made canonical, if it is not the last operand. */
  readonly canonical?: { readonly shape: FloatShape; readonly local?: number }
  /** For an `inline`, a `global` or a `return`: the end of the replaced instruction. */
  readonly end?: number
  /** For a `return`: the number of open blocks. */
  readonly depth?: number
}
