import type { Writer } from '../../format/writer.ts'
import type { Charges } from '../charges.ts'
import type { InlineCalls } from '../inline-call.ts'

/** How a module is traced: what rewriting adds so that a run leaves records in the host's memory. The fuel of each path stays what it is. */
export interface TracePlan {
  /**
   * Returns the charges of a function with the code that writes records among its insertions. `units` are what each insertion charges for
   * instructions of its own basic block, by number: some of it may be charged elsewhere.
   */
  readonly instrument: (functionIndex: number, charges: Charges, calls: InlineCalls, units: Float64Array) => Charges
  /** Writes what the driver of `update` does before each call of it. `hostMemory` is the index of the host's memory. */
  readonly writeTurn: (out: Writer, hostMemory: number) => void
}
