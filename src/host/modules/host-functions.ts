import { describeThrown, ScriptError } from '../../errors.ts'
import type { FunctionType, ValueType } from '../../wasm/format/module.ts'

/** What a host function returns: one number, several as an array, or nothing. A boolean is 1 or 0. */
export type HostResult = number | bigint | boolean | readonly (number | bigint | boolean)[] | void

/** A host function of your own: gets the context of the call, then the script's numbers. */
export type HostFunction<Context> = Method<Context>['call']

/** As a method, so that a function may declare which of its numbers are bigint: the linker checks no more than that they are numbers. */
interface Method<Context> {
  call(context: Context, ...numbers: (number | bigint)[]): HostResult
}

/** Host functions by import module and name. */
export type HostModules<Context> = Readonly<Record<string, Readonly<Record<string, HostFunction<Context>>>>>

/**
 * The function as an import of the given type. What it throws becomes `HostError`, as does a result that is no number
 * where the script's type asks for one. An error that `isPassed` knows is the script's, and goes on as it is. `prepare` is called
 * before each call.
 */
export function bindHostFunction<Context>(
  name: string,
  type: FunctionType,
  context: Context,
  implementation: HostFunction<Context>,
  isPassed: (error: unknown) => boolean,
  prepare: () => void,
): (...args: (number | bigint)[]) => number | bigint | readonly (number | bigint)[] | undefined {
  const [first] = type.results
  const isOnly = type.results.length === 1
  return (...args) => {
    prepare()
    let value: unknown
    try {
      value = implementation(context, ...args)
    } catch (cause) {
      if (isPassed(cause)) throw cause
      throw new ScriptError('HostError', `the host function ${name} threw ${describeThrown(cause)}`, { cause })
    }
    if (first === undefined) return undefined
    if (isOnly) return checkResult(name, first, value)
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
