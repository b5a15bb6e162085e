import { toScriptError } from '../../engine/trap.ts'
import { type ErrorCode, type ErrorContext, ScriptError, withContext } from '../../errors.ts'

/** Runs the work of an export, and throws its errors under another code, with the original error as the cause. A `HostError` keeps its code. */
export function wrapping<Result>(code: ErrorCode, what: string, name: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    const cause = toScriptError(error)
    if (cause.code === 'HostError') throw withContext(cause, { export: name })
    const { location, frame, trace } = cause
    throw new ScriptError(code, `${what}: ${cause.detail} (${cause.code})`, contextOf({ export: name, location, frame, trace, cause }))
  }
}

/** Returns a context without its undefined properties. */
function contextOf(known: { readonly [Key in keyof ErrorContext]: ErrorContext[Key] | undefined }): ErrorContext {
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined))
}
