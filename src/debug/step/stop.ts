import type { ScriptError } from '../../errors.ts'
import type { HostCaller } from '../../runtime/api/host-caller.ts'
import type { FieldWriter } from '../past/writers.ts'
import type { TraceFrame } from '../trace/trace-event.ts'

/** Which way one goes through the past. */
export type Direction = 'forward' | 'back'

/** A write at which a breakpoint stopped. */
export interface StopWrite {
  /** The name of the script; `'host'` for the game, and for what a script had done, such as a spawn or the result of an actor. */
  readonly by: string
  /** What the host did: the kind of its input, such as `write` or `spawn`. Left out for a script, and if the host wrote to the column itself. */
  readonly input?: FieldWriter['input']
  /** Where the host called the runtime; left out for a script, and if that is not known. */
  readonly caller?: HostCaller
  /** Such as `Health.points`. */
  readonly field: string
  /** The entity whose field it is. */
  readonly entity: number
  /** The value before. */
  readonly old: number
  /** The value after. */
  readonly value: number
}

/** Where a stepper is, and why it stopped there. */
export interface Stop {
  /** The number of the tick. */
  readonly tick: number
  /** The number of the event in a trace with the default options; -1 as the tick begins. */
  readonly index: number
  /**
   * `step` after a step, `goto` after `goTo`, `breakpoint` before a statement, `write` after a write, `fault` after a fault of a script, `start` and `end`
   * of the past, `pause` if it was aborted.
   */
  readonly reason: 'step' | 'goto' | 'breakpoint' | 'write' | 'fault' | 'start' | 'end' | 'pause'
  /** The breakpoints that stopped here, by their places in the list that `setBreakpoints` took. Empty if none did. */
  readonly breakpoints: readonly number[]
  /** The writes at which it stopped. Empty if it stopped at none. */
  readonly writes: readonly StopWrite[]
  /** The fault at which it stopped; left out if it stopped at none. */
  readonly error?: ScriptError
}

/** A stop with where it is among the others: an event, and half of one more for what comes after it. */
export interface PlacedStop extends Stop {
  readonly at: number
  /** The functions that ran between two ticks, if a script wrote there. */
  readonly stack?: readonly TraceFrame[]
}
