import { describeThrown, isPromise, reportRejection, ScriptError } from '../../errors.ts'
import type { FunctionType, ValueType } from '../../wasm/format/module.ts'

/**
 * What a host function takes and gives: numbers in scripts and plugins, where `true` is 1 and `false` is 0; any value of WIT in components, where
 * records are objects and lists are arrays. Never a promise.
 */
export type HostValue = number | bigint | boolean | string | null | undefined | (object & { readonly then?: never })

/** The result of a host function: a value, an array for several results, or nothing. */
export type HostResult = HostValue | void

/**
 * A function of the game that scripts import. It receives the context of the call, then the script's numbers, or the values of a component; an i64 is a
 * bigint. An error that it throws ends the script with `HostError`. A script cannot wait for a promise: for an
 * import without results a returned one is ignored, and if it rejects, the `error` event reports a `HostError`.
 *
 * @example
 * ```ts
 * const runtime = await WasmScriptRuntime.create({
 *   world,
 *   components,
 *   host: {
 *     // (import "audio" "play" (func $play (param i32)))
 *     audio: { play: (context, sound: number) => sounds[sound]?.play() },
 *     // (import "ui" "show" (func $show (param i32 i32)))
 *     ui: { show: (context, pointer: number, length: number) => label.show(context.readString(pointer, length)) },
 *   },
 * })
 * ```
 */
export type HostFunction<Context> = Method<Context>['call']

/** What binding a host function needs of the runtime. */
export interface HostBinding {
  /** Returns whether an error came from reading the script's input. It is the script's mistake, and stays as it is. */
  readonly isInputError: (error: unknown) => boolean
  /** Called before each call. */
  readonly prepare: () => void
  /** Returns the result of a call, by default what `call` returns. */
  readonly around: (name: string, call: () => unknown) => unknown
  /** Called after each call that did not throw. */
  readonly finish: () => void
  /** Called with an error that happens after the call has returned. */
  readonly reportLater: (error: ScriptError) => void
}

/** A method, so that parameters are bivariant and a function may declare each as what it is passed. The linker checks the types. */
interface Method<Context> {
  call(context: Context, ...values: HostValue[]): HostResult
}

/** Host functions by import module, then by name. */
export type HostFunctions<Context> = Readonly<Record<string, Readonly<Record<string, HostFunction<Context>>>>>

/** Host functions by import module, then by name. The text `version` of a module is its version, such as `1.2.0`. */
export type HostModules<Context> = Readonly<Record<string, Readonly<Record<string, HostFunction<Context> | string>>>>

/**
 * Returns the function as an import of the given type. Errors that it throws, and results of another type, become
 * `HostError`. A promise is no result, since no script can wait for it; if it rejects, that is reported.
 */
export function bindHostFunction<Context>(
  name: string,
  type: FunctionType,
  context: Context,
  implementation: HostFunction<Context>,
  { isInputError, prepare, around, finish, reportLater }: HostBinding,
): (...args: (number | bigint)[]) => number | bigint | readonly (number | bigint)[] | undefined {
  const [first] = type.results
  const isOnly = type.results.length === 1
  return (...args) => {
    prepare()
    let value: unknown
    try {
      value = around(name, () => implementation(context, ...args))
    } catch (cause) {
      if (isInputError(cause)) throw cause
      throw new ScriptError('HostError', `the host function ${name} threw ${describeThrown(cause)}`, { cause })
    }
    reportRejection(value, (cause) => {
      const what = `the promise that the host function ${name} returned was rejected with ${describeThrown(cause)}`
      reportLater(new ScriptError('HostError', what, { cause }))
    })
    finish()
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
  if (isPromise(value)) return 'a promise'
  return Array.isArray(value) ? `an array of ${value.length}` : typeof value
}
