import type { Accessor } from '../../host/inline/accessors.ts'

/** What is put in at a place of a function body, before the instruction there. */
export interface Insertion {
  readonly at: number
  /**
   * `entry` and `loop` charge for a basic block and end the script if the fuel is gone; `block` charges for one that is
   * reached from those; `bulk` charges for what an instruction does to as many bytes or elements as the number on the
   * stack says; `call` tells how deep the next call is, and `returned` follows it; `tailCall` comes before one that takes the
   * function's place; `access` stands in the place of a call;
   * `save` comes before what may end the function by a trap or an exception, `leave` before a branch out of it and before
   * its end.
   */
  readonly kind: 'entry' | 'loop' | 'block' | 'bulk' | 'call' | 'returned' | 'tailCall' | 'access' | 'save' | 'leave' | 'return'
  /** Instructions of the basic block. */
  cost: number
  /** What an `access` calls. */
  readonly accessor?: { readonly accessor: Accessor; readonly index: number }
  /** Where the instruction ends that is an `access` or a `return`. */
  readonly end?: number
  /** Blocks that are open at a `return`. */
  readonly depth?: number
}
