import { describeThrown, ScriptError } from '../errors.ts'
import type { FunctionType } from '../wasm/types.ts'

/** A host function of your own: gets the context of the call, then the script's numbers. */
// biome-ignore lint/suspicious/noExplicitAny: each function declares the numbers it takes, which the linker cannot see
export type HostFunction<Context> = (context: Context, ...args: any[]) => number | bigint | boolean | void

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
): (...args: (number | bigint)[]) => number | bigint | undefined {
  const [result] = type.results
  return (...args) => {
    let value: unknown
    try {
      value = implementation(context, ...args)
    } catch (cause) {
      if (cause instanceof ScriptError && ofScript.has(cause)) throw cause
      throw new ScriptError('HostError', `the host function ${name} threw ${describeThrown(cause)}`, { cause })
    }
    if (result === undefined) return undefined
    if (typeof value === 'boolean') value = Number(value)
    if (result === 'i64' ? typeof value === 'bigint' : typeof value === 'number') return value as number | bigint
    const wanted = result === 'i64' ? 'a bigint' : 'a number'
    const given = value instanceof Promise ? 'a promise' : typeof value
    throw new ScriptError('HostError', `the host function ${name} must return ${wanted} and returned ${given}`)
  }
}
