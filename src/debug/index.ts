export type { HostCaller } from '../runtime/api/host-caller.ts'
export type { Find, FoundEvent } from './past/find.ts'
export type { PastInput } from './past/moments.ts'
export { Past } from './past/past.ts'
export type { PastOptions, TraceOptions } from './past/past-options.ts'
export type { FieldRead } from './past/reads.ts'
export type { FieldWriter, WritersOptions } from './past/writers.ts'
export { toLcov } from './profile/lcov.ts'
export type { Profile, ProfiledScript } from './profile/profile.ts'
export { profile } from './profile/profile.ts'
export type { FileCoverage, ProfiledFunction, ProfiledLine } from './profile/profile-report.ts'
export { type AllowDebuggerOptions, allowDebugger, type DebugChannel } from './session/allow-debugger.ts'
export { DebugSession, type DebugSessionOptions } from './session/debug-session.ts'
export type { Breakpoint, FaultBreakpoint, LineBreakpoint, WriteBreakpoint } from './step/breakpoint.ts'
export type { PlacedBreakpoint } from './step/breakpoint-places.ts'
export type { EntityFields } from './step/game-moment.ts'
export type { SteppedSource } from './step/sources.ts'
export { Stepper, type StepperOptions } from './step/stepper.ts'
export type { Direction, Stop, StopWrite } from './step/stop.ts'
export type { Untraced } from './trace/tick-tracer.ts'
export type { LineCount, TraceLog } from './trace/trace.ts'
export { Trace } from './trace/trace.ts'
export type {
  CallEvent,
  EnterEvent,
  LineEvent,
  LocalValues,
  ReadEvent,
  ReturnedEvent,
  TraceEvent,
  TraceFrame,
  TraceMoment,
  WriteEvent,
} from './trace/trace-event.ts'
