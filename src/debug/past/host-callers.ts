import type { SourceLocation } from '../../errors.ts'
import type { GameInput } from '../../runtime/api/input-log.ts'
import type { WasmScriptRuntime } from '../../runtime/runtime.ts'

/** Where the game called a method of the runtime. `file` is what the engine names it: of a page, the file as it was served. */
export interface HostCaller extends SourceLocation {
  /** The name of the function; left out if it has none. */
  readonly function?: string
}

/** Calls between two ticks of which the place is kept. Each takes some microseconds. */
const MAX_CALLS = 32
/** Places that are kept to be used again. */
const MAX_PLACES = 1000

/** The function of V8, which other engines have since 2025. */
const { captureStackTrace } = Error as { captureStackTrace?: (target: object, method: unknown) => void }

/** Finds out where the game calls its runtime. */
export class HostCallers {
  readonly #runtime: WasmScriptRuntime
  readonly #known = new Map<string, HostCaller | undefined>()
  #left = MAX_CALLS

  constructor(runtime: WasmScriptRuntime) {
    this.#runtime = runtime
  }

  /**
   * Returns the caller of the method that makes an input; called within it. `undefined` for a tick, for a method that waits before, on an engine that does not tell, and for what
   * comes after many others since the last tick.
   */
  callerOf({ kind }: GameInput): HostCaller | undefined {
    if (kind === 'tick') this.#left = MAX_CALLS
    const method = (this.#runtime as unknown as Readonly<Record<string, unknown>>)[kind]
    if (kind === 'tick' || typeof method !== 'function' || captureStackTrace === undefined || this.#left === 0) return undefined
    this.#left--
    const frame = frameAbove(method, captureStackTrace)
    if (!this.#known.has(frame)) {
      if (this.#known.size >= MAX_PLACES) this.#known.clear()
      this.#known.set(frame, readFrame(frame))
    }
    return this.#known.get(frame)
  }
}

/** Returns the line of the stack that has the caller of a function. */
function frameAbove(method: unknown, capture: (target: object, method: unknown) => void): string {
  const target: { stack?: string } = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 1
  try {
    capture(target, method)
    return String(target.stack).split('\n').at(-1) ?? ''
  } finally {
    Error.stackTraceLimit = limit
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
