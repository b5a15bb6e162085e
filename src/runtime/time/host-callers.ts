import type { HostCaller } from '../api/host-caller.ts'
import type { GameInput } from '../api/input-log.ts'
import type { WasmScriptRuntime } from '../runtime.ts'
import { type Store, storeOf } from '../script/store.ts'

/** Calls between two ticks of which the place is kept. Each takes some microseconds. */
const MAX_CALLS = 32
/** Places that are kept to be used again. */
const MAX_PLACES = 1000

/** The function of V8, which other engines have since 2025. */
const { captureStackTrace } = Error as { captureStackTrace?: Capture }

type Capture = (target: object, method: unknown) => void

/** Finds out where the game calls its runtime; in a replay, where it called it when it was recorded. */
export class HostCallers {
  readonly #runtime: WasmScriptRuntime
  readonly #store: Store
  readonly #known = new Map<string, HostCaller | undefined>()
  #left = MAX_CALLS

  constructor(runtime: WasmScriptRuntime) {
    this.#runtime = runtime
    this.#store = storeOf(runtime)
  }

  /**
   * Returns the caller of the method that makes an input; called within it. `undefined` for a tick, for a method that waits before, on an engine that does not tell, and for what
   * comes after many others since the last tick. Of an input that is played, returns what its recording has.
   */
  callerOf({ kind }: GameInput): HostCaller | undefined {
    if (this.#store.isReplayed) return this.#store.recordedCaller
    if (kind === 'tick') this.#left = MAX_CALLS
    const method = (this.#runtime as unknown as Readonly<Record<string, unknown>>)[kind === 'unload' ? 'unloadModule' : kind]
    if (kind === 'tick' || typeof method !== 'function' || captureStackTrace === undefined || this.#left === 0) return undefined
    this.#left--
    const frame = frameAbove(method, captureStackTrace, describeSite)
    if (!this.#known.has(frame)) {
      if (this.#known.size >= MAX_PLACES) this.#known.clear()
      // To look for the line in a source map takes longer than all the rest, so each place is looked for once.
      this.#known.set(frame, readFrame(frameAbove(method, captureStackTrace)))
    }
    return this.#known.get(frame)
  }
}

/** A place of a stack, as V8 gives it to `Error.prepareStackTrace`. */
type Site = Pick<NodeJS.CallSite, 'getFileName' | 'getLineNumber' | 'getColumnNumber' | 'getEvalOrigin'>

/** Returns what tells a place from all others in the code that runs. */
function describeSite(_: Error, [site]: readonly Site[]): string {
  return site === undefined
    ? ''
    : `${site.getFileName() ?? site.getEvalOrigin()}:${String(site.getLineNumber())}:${String(site.getColumnNumber())}`
}

/** Returns the line of the stack that has the caller of a function, or what `describe` makes of it, on an engine that asks for that. */
function frameAbove(method: unknown, capture: Capture, describe?: typeof describeSite): string {
  const target: { stack?: string } = {}
  const { stackTraceLimit, prepareStackTrace } = Error
  Error.stackTraceLimit = 1
  if (describe !== undefined) Error.prepareStackTrace = describe
  try {
    capture(target, method)
    return String(target.stack).split('\n').at(-1) ?? ''
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    Error.prepareStackTrace = prepareStackTrace
  }
}

/** As V8 writes it, `at step (file:///game.js:12:5)`, and as others do, `step@file:///game.js:12:5`. */
const FRAME = /^(?:\s*at (?:async )?(?:(?<name>.+?) \()?|(?<other>[^@]*)@)(?<file>[^()]+):(?<line>\d+):(?<column>\d+)\)?$/

function readFrame(frame: string): HostCaller | undefined {
  const { name, other, file, line, column } = FRAME.exec(frame)?.groups ?? {}
  if (file === undefined) return undefined
  const called = name ?? other ?? ''
  return { ...(called !== '' && { function: called }), file, line: Number(line), column: Number(column) }
}
