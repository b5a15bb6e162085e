/** The indices of what rewriting adds to a module. */
export interface Additions {
  /** The i32 global with the remaining units of fuel; negative if they are used up. */
  readonly fuel: number
  /** The i32 global with the depth of calls in units of stack. */
  readonly depth: number
  /** The i32 global with the index, plus one, of the inlined import whose operand was out of range, or {@link TOO_DEEP}. */
  readonly fault: number
  /** The i32 global with the operand that was out of range. */
  readonly operand: number
  /** The i32 global with the pages that all memories of the module may have together at the moment, host arena included. */
  readonly pages: number
  /** By how much the indices of the module's own globals shift. */
  readonly globalShift: number
  /** The index of the memory that the host shares with the module. */
  readonly memory: number
  /** Whether the module can catch errors of imports. Then an inlined import is called if its operand is out of range. */
  readonly catches: boolean
}

/** The value of the fault global if the calls were nested too deeply. */
export const TOO_DEEP = -1
