import type { Trace, TraceMoment } from '../../debug/index.ts'

/** Which events of a tick are shown. */
export interface DebugFilter {
  /** The name of a script. @default all scripts */
  readonly script?: string
  /** Only what runs on this entity. @default everything that runs */
  readonly entity?: number
}

/** An event of the past that is looked at. */
export interface DebugPosition {
  /** The number of the tick, as its report has it. */
  readonly tick: number
  /** What the tick did as it ran again. */
  readonly trace: Trace
  /** The number of the event in the trace; -1 if the trace is empty. */
  readonly index: number
  /** The event, and the functions that run. `undefined` if the trace is empty. */
  readonly moment: TraceMoment | undefined
}
