import { describeThrown, ScriptError } from '../errors.ts'

/** Returns what ended a call into a script as a {@link ScriptError}. */
export function toScriptError(error: unknown): ScriptError {
  if (error instanceof ScriptError) return error
  const message = error instanceof Error ? error.message : describeThrown(error)
  if (isStackOverflow(error, message)) return new ScriptError('StackOverflow', 'the calls are nested too deeply', { cause: error })
  if (error instanceof WebAssembly.RuntimeError) return new ScriptError('Trap', message, { cause: error })
  if (isOutOfMemory(error, message)) return new ScriptError('OutOfMemory', message, { cause: error })
  if (isWasmException(error)) return new ScriptError('Trap', 'the script threw an exception that it did not catch', { cause: error })
  return new ScriptError('HostError', message, { cause: error })
}

// No regular expressions here: where little of the stack is left, V8 ends the whole process as it compiles one.

/** V8 and JavaScriptCore throw a RangeError, SpiderMonkey an InternalError. */
function isStackOverflow(error: unknown, message: string): boolean {
  return error instanceof Error && (message.includes('call stack size exceeded') || message.includes('too much recursion'))
}

function isOutOfMemory(error: unknown, message: string): boolean {
  return error instanceof RangeError && message.toLowerCase().includes('memory')
}

function isWasmException(error: unknown): boolean {
  return typeof WebAssembly.Exception === 'function' && error instanceof WebAssembly.Exception
}
