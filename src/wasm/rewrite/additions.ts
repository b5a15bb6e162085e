/** What rewriting adds to a module, by index. */
export interface Additions {
  /** The global of the units of fuel that are left, as i32: below 0 when it ran out. */
  readonly fuel: number
  /** The global of how deep the calls are, in units of stack, as i32. */
  readonly depth: number
  /** The globals that tell which import was given an operand out of range, plus one, and the operand; or {@link TOO_DEEP}. */
  readonly fault: number
  readonly operand: number
  /** By how much the indices of the module's own globals shift. */
  readonly globalShift: number
  /** The memory that the host shares with the module. */
  readonly memory: number
  /** Whether the module could catch what its imports throw: then they are called where an operand is out of range. */
  readonly catches: boolean
}

/** What the global of faults is when the calls were too deep. */
export const TOO_DEEP = -1
