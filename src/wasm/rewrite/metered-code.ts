import type { Additions } from './additions.ts'
import type { Charges } from './charges.ts'
import type { FunctionPlan } from './function-plans.ts'
import type { InlineCalls } from './inline-call.ts'

/**
 * Called for each range of code that is written, from `start` to `end`. It is a copy of the original code at `from`, or, if not
 * `isCopy`, replaces the one instruction there. A range at {@link NO_PLACE} has no original.
 */
export type CodeListener = (start: number, end: number, from: number, isCopy: boolean) => void

/** The place of code of which a stack trace shows nothing. */
export const NO_PLACE = -1

/** A function body with its charges. */
export interface MeteredCode {
  /** The bytes of the module. */
  readonly bytes: Uint8Array
  /** The end of the body. */
  readonly end: number
  readonly charges: Charges
  /** The calls that are inlined. */
  readonly calls: InlineCalls
  readonly plan: FunctionPlan
  readonly additions: Additions
  readonly written?: CodeListener | undefined
  /** The index of the parameter with the depth of the caller; `undefined` if that is in the global. */
  readonly depthParameter?: number | undefined
}
