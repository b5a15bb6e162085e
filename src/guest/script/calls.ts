import { ScriptError } from '../../errors.ts'
import { suggest } from '../../nearest-name.ts'
import { formatFunctionType, type ValueType } from '../../wasm/format/module.ts'
import type { ExportedFunction, ScriptInstance } from './instance.ts'

/** The exported function of that name. Throws `ExportNotFound`. */
export function findFunction(instance: ScriptInstance, name: string): ExportedFunction {
  const exported = instance.functions.get(name)
  if (exported !== undefined) return exported
  throw new ScriptError('ExportNotFound', `it exports no function '${name}'${suggest(name, [...instance.functions.keys()])}`, {
    export: name,
  })
}

/** Holds the numbers of a call against the function's own type. Throws `SignatureMismatch`. */
export function checkNumbers(name: string, { type }: ExportedFunction, args: readonly unknown[]): asserts args is (number | bigint)[] {
  const label = `'${name}' is ${formatFunctionType(type)}`
  const fail = (what: string): never => {
    throw new ScriptError('SignatureMismatch', `${label} and ${what}`, { export: name })
  }
  const odd = type.results.find((result) => WANTED[result] === undefined)
  if (odd !== undefined) fail(`returns a ${odd}, which JavaScript cannot read`)
  if (args.length !== type.params.length) fail(`was given ${args.length} numbers`)
  for (const [index, param] of type.params.entries()) {
    if (!accepts(param, args[index]))
      fail(`was given ${show(args[index])} as number ${index + 1}, which must be ${WANTED[param] ?? 'of another type'}`)
  }
}

const WANTED: Readonly<Record<ValueType, string>> = {
  i32: 'a whole number of 32 bits',
  i64: 'a bigint of 64 bits',
  f32: 'a number',
  f64: 'a number',
}

function accepts(param: ValueType, value: unknown): boolean {
  if (param === 'i64') return typeof value === 'bigint' && (BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value)
  if (typeof value !== 'number') return false
  if (param === 'i32') return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32
  return param === 'f32' || param === 'f64'
}

function show(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : typeof value === 'number' ? String(value) : typeof value
}

/** An argument as the script will see it: numbers as they are, and of anything else what JSON can write. */
export function asData(arg: unknown): unknown {
  if (arg === undefined || [arg].flat().every((each) => typeof each === 'number' || typeof each === 'bigint')) return arg
  try {
    return JSON.parse(JSON.stringify(arg) ?? 'null')
  } catch {
    // The call fails for it.
    return null
  }
}

/** Calls a function, passing its argument and reading its result as its type tells. Throws what ends the call, and what is checked. */
export function callWithJson(instance: ScriptInstance, name: string, arg: unknown): unknown {
  const exported = findFunction(instance, name)
  const { type } = exported
  const read = resultReader(instance, name, exported)
  if (type.params.join() === 'i32,i32') {
    return instance.text.passJson(arg, (pointer, length) => instance.run(() => exported.call(pointer, length)), read)
  }
  const given = arg === undefined ? [] : Array.isArray(arg) ? arg : [arg]
  const numbers = given.map((value, index) => (type.params[index] === 'i64' && Number.isInteger(value) ? BigInt(value as number) : value))
  checkNumbers(name, exported, numbers)
  return read(instance.run(() => exported.call(...numbers)))
}

function resultReader(instance: ScriptInstance, name: string, { type }: ExportedFunction): (result: unknown) => unknown {
  switch (type.results.join()) {
    case '':
      return () => undefined
    case 'i32':
    case 'f32':
    case 'f64':
      return (result) => result
    case 'i64':
    case 'i32,i32':
      return (result) => instance.text.readResult(result)
    default:
      throw new ScriptError(
        'SignatureMismatch',
        `'${name}' is ${formatFunctionType(type)} and must return nothing, one number, or JSON as (i32, i32) or i64`,
        { export: name },
      )
  }
}

/** The arguments of an event as a handler takes them: those it has no parameter for are left out, missing ones are 0. */
export function fitArguments(params: readonly ValueType[], args: readonly (number | bigint)[]): (number | bigint)[] {
  return params.map((param, index) => {
    const value = args[index] ?? 0
    if (param !== 'i64') return Number(value)
    return typeof value === 'bigint' ? value : Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n
  })
}
