import { describeThrown, ScriptError } from '../errors.ts'
import type { FunctionType, ValueType } from '../wasm/format/module.ts'

/** What a host function returns: one number, several as an array, or nothing. A boolean is 1 or 0. */
export type HostResult = number | bigint | boolean | readonly (number | bigint | boolean)[] | void

/** A host function of your own: gets the context of the call, then the script's numbers. */
// biome-ignore lint/suspicious/noExplicitAny: each function declares the numbers it takes, which the linker cannot see
export type HostFunction<Context> = (context: Context, ...args: any[]) => HostResult

/** Host functions by import module and name. */
export type HostModules<Context> = Readonly<Record<string, Readonly<Record<string, HostFunction<Context>>>>>

/** Errors that are the script's, though a host function threw them on: it was given a pointer to nowhere, say. */
const ofScript = new WeakSet<object>()

/** Reads what a script passed to a host function. If it throws, the mistake is the script's and not the host's. */
export function readPassed<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (error instanceof ScriptError) ofScript.add(error)
    throw error
  }
}

/**
 * The function as an import of the given type. What it throws becomes `HostError`, as does a result that is no number
 * where the script's type asks for one: a mistake of the host is told apart from one of the script.
 */
export function bindHostFunction<Context>(
  name: string,
  type: FunctionType,
  context: Context,
  implementation: HostFunction<Context>,
): (...args: (number | bigint)[]) => number | bigint | readonly (number | bigint)[] | undefined {
  return (...args) => {
    let value: unknown
    try {
      value = implementation(context, ...args)
    } catch (cause) {
      if (cause instanceof ScriptError && ofScript.has(cause)) throw cause
      throw new ScriptError('HostError', `the host function ${name} threw ${describeThrown(cause)}`, { cause })
    }
    const [first, ...more] = type.results
    if (first === undefined) return undefined
    if (more.length === 0) return checkResult(name, first, value)
    if (!Array.isArray(value) || value.length !== type.results.length) {
      throw new ScriptError(
        'HostError',
        `the host function ${name} must return an array of ${type.results.length} numbers and returned ${kindOf(value)}`,
      )
    }
    return value.map((each, index) => checkResult(name, type.results[index] as ValueType, each))
  }
}

function checkResult(name: string, type: ValueType, given: unknown): number | bigint {
  const value = typeof given === 'boolean' ? Number(given) : given
  if (type === 'i64' ? typeof value === 'bigint' : typeof value === 'number') return value as number | bigint
  const wanted = type === 'i64' ? 'a bigint' : 'a number'
  throw new ScriptError('HostError', `the host function ${name} must return ${wanted} and returned ${kindOf(value)}`)
}

function kindOf(value: unknown): string {
  if (value instanceof Promise) return 'a promise'
  return Array.isArray(value) ? `an array of ${value.length}` : typeof value
}
