import type { HostFloats } from './host-floats.ts'
import type { InlineCalls } from './inline-call.ts'

/** The options of `ChargeScan`. */
export interface ChargePlan {
  /** The calls that are inlined. */
  readonly calls: InlineCalls
  /** Returns the units of fuel of a call of an import. */
  readonly priceOf: (functionIndex: number) => number
  /** Returns whether the host may charge during a call of an import. */
  readonly mayCharge: (functionIndex: number) => boolean
  /** Whether imports may be functions of other instances that spend the same budget. */
  readonly isLinked: boolean
  /** Where floats of the host may come from. */
  readonly floats: HostFloats
  /** The first global whose index shifts; infinity if none does. */
  readonly firstShifted: number
  /** Pages that a memory may have. */
  readonly memoryPages: number
}
