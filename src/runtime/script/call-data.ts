import { type ErrorContext, ScriptError } from '../../errors.ts'
import { copyJson } from '../../json.ts'

/**
 * Returns an argument of `callJson` as the script receives it: numbers unchanged, anything else converted to JSON and back.
 * Throws `InvalidJson` for a value that JSON cannot hold, as the call itself would.
 */
export function asData(arg: unknown, context: ErrorContext): unknown {
  if (arg === undefined || [arg].flat().every((each) => typeof each === 'number' || typeof each === 'bigint')) return arg
  try {
    return copyJson(arg)
  } catch (cause) {
    throw new ScriptError('InvalidJson', 'the value that is passed cannot be written as JSON', { ...context, cause })
  }
}
