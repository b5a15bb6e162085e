import type { InlineCall } from './inline-call.ts'

/** What is put in at a place of a function body, before the instruction there. */
export interface Insertion {
  readonly at: number
  /**
   * `entry` and `loop` charge for a basic block and end the script if the fuel is gone; `block` charges for one that is
   * reached from those; `bytes` and `elements` charge for what an instruction does to as many as the number on the stack says;
   * `tableGrow` charges for the elements of the table that `cost` names, `throw` for the frames that an exception may unwind;
   * `call` tells how deep the next call is, `returned` follows it, and `hostReturned` follows a call of the host; `tailCall` comes before one that takes the
   * function's place; `inline` stands in the place of a call, and `global` of an access to a global whose index shifts;
   * `save` comes before what may end the function by a trap or an exception, `leave` before a branch out of it and before
   * its end.
   */
  readonly kind:
    | 'entry'
    | 'loop'
    | 'block'
    | 'bytes'
    | 'elements'
    | 'tableGrow'
    | 'throw'
    | 'call'
    | 'returned'
    | 'hostReturned'
    | 'tailCall'
    | 'inline'
    | 'global'
    | 'save'
    | 'leave'
    | 'return'
  /** Units of the basic block; of a `tableGrow`, the table. */
  cost: number
  /** What an `inline` stands for: the import of this index. */
  readonly inlined?: { readonly call: InlineCall; readonly index: number }
  /** The opcode and the index of a `global`. */
  readonly global?: { readonly opcode: number; readonly index: number }
  /** Where the instruction ends that is an `inline`, a `global` or a `return`. */
  readonly end?: number
  /** Blocks that are open at a `return`. */
  readonly depth?: number
}
