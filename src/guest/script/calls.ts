import { ScriptError } from '../../errors.ts'
import { type FunctionType, formatFunctionType, type ValueType } from '../../wasm/format/module.ts'
import type { TextBoundary } from '../../wasm/instance/text-boundary.ts'

/** Checks the arguments of a call against the type of the function. Throws `SignatureMismatch`. */
export function checkNumbers(name: string, type: FunctionType, args: readonly unknown[]): asserts args is (number | bigint)[] {
  const fail = (what: string): never => {
    throw new ScriptError('SignatureMismatch', `'${name}' is ${formatFunctionType(type)} and ${what}`, { export: name })
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

/** Returns whether a function takes text, as a pointer and a length. */
export function takesText({ params }: FunctionType): boolean {
  return params.length === 2 && params[0] === 'i32' && params[1] === 'i32'
}

/** Converts the argument of `callJson`, a number or an array of numbers, to the arguments of the function. */
export function numbersOf({ params }: FunctionType, arg: unknown): unknown[] {
  const given = arg === undefined ? [] : Array.isArray(arg) ? arg : [arg]
  return given.map((value, index) => (params[index] === 'i64' && Number.isInteger(value) ? BigInt(value as number) : value))
}

/** How `callJson` calls a function. */
export interface JsonCall {
  /** Whether the argument is passed as text, and not as numbers. */
  readonly takesText: boolean
  /** Calls the function with a pointer and a length. */
  readonly enter: (pointer: number, length: number) => unknown
  /** Reads the result: nothing, one number or JSON. */
  readonly read: (result: unknown) => unknown
}

/** Returns a function that reads the result: nothing, one number or JSON, by the type. Throws `SignatureMismatch`. */
export function jsonReader(name: string, type: FunctionType, text: TextBoundary): (result: unknown) => unknown {
  switch (type.results.join()) {
    case '':
      return () => undefined
    case 'i32':
    case 'f32':
    case 'f64':
      return (result) => result
    case 'i64':
    case 'i32,i32':
      return (result) => text.readResult(result)
    default:
      throw unreadable(name, type, 'nothing, one number, or JSON as (i32, i32) or i64')
  }
}

/** Returns a function that reads the result as bytes. Throws `SignatureMismatch`. */
export function bytesReader(name: string, type: FunctionType, text: TextBoundary): (result: unknown) => Uint8Array | undefined {
  switch (type.results.join()) {
    case '':
      return () => undefined
    case 'i64':
    case 'i32,i32':
      return (result) => text.readResultBytes(result)
    default:
      throw unreadable(name, type, 'nothing, or bytes as (i32, i32) or i64')
  }
}

function unreadable(name: string, type: FunctionType, wanted: string): ScriptError {
  return new ScriptError('SignatureMismatch', `'${name}' is ${formatFunctionType(type)} and must return ${wanted}`, { export: name })
}
