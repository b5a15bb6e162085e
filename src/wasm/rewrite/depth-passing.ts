import { type DecodedModule, type FunctionType, importedFunctions } from '../format/module.ts'
import { VALUE_TYPE } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'
import type { Charges } from './charges.ts'

/**
 * Functions that get the depth of their caller as one more parameter. A global would take longer, since each call would wait until it is
 * written and read again. Each is written behind the functions of the module, under an index of its own; under the old index is one that
 * passes on the depth from the global, for callers that know only that: exports, tables, references.
 */
export interface DepthPassing {
  /** The functions, by their index in the module, in order. */
  readonly functions: readonly number[]
  /** The types that they add to the module. */
  readonly types: readonly FunctionType[]
  /** The index of the type of each, by place among these types. */
  readonly typeOf: readonly number[]
  /** Returns the index of what takes the depth; -1 if a function does not take it, or is not known. */
  readonly indexOf: (functionIndex: number) => number
}

/** Engines pass more parameters than a few on the stack. */
const MAX_PARAMETERS = 16
/** A module may have many functions of types that are long. */
const MAX_RESULTS = 16
const NUMBERS: readonly string[] = ['i32', 'i64', 'f32', 'f64']

/**
 * Returns which functions get the depth passed: those that count it, and are called by a function that counts it. Their first local must be an
 * i32, whose place the parameter takes, or they have no locals: so no index of a local shifts. In a module with tail calls there are none,
 * since a function that passes on a depth keeps its frame.
 */
export function planDepthPassing(
  module: DecodedModule,
  functions: readonly Charges[],
  countsDepth: (functionIndex: number) => boolean,
): DepthPassing {
  const imported = importedFunctions(module)
  const called = new Set<number>()
  for (const [place, { calls, tailCalls }] of functions.entries()) {
    if (tailCalls) return NONE_PASSED
    if (countsDepth(imported + place)) for (const { callee } of calls) if (callee >= 0 && countsDepth(callee)) called.add(callee)
  }
  const taking = [...called].sort((one, other) => one - other)
  const passed = taking.filter((index) => canTake(module, index, functions[index - imported] as Charges))
  const types: FunctionType[] = []
  const places = new Map<string, number>()
  const typeOf: number[] = []
  const indices = new Map<number, number>()
  for (const [place, index] of passed.entries()) {
    const { params, results } = module.functions[index] as FunctionType
    const type: FunctionType = { params: [...params, 'i32'], results }
    const key = `${type.params.join()}:${results.join()}`
    const known = places.get(key) ?? types.push(type) - 1
    places.set(key, known)
    typeOf.push(known)
    indices.set(index, module.functions.length + place)
  }
  return { functions: passed, types, typeOf, indexOf: (index) => indices.get(index) ?? -1 }
}

const NONE_PASSED: DepthPassing = { functions: [], types: [], typeOf: [], indexOf: () => -1 }

function canTake({ bytes, functions }: DecodedModule, index: number, charges: Charges): boolean {
  const { params, results } = functions[index] as FunctionType
  if (params.length > MAX_PARAMETERS || results.length > MAX_RESULTS || ![...params, ...results].every((type) => NUMBERS.includes(type)))
    return false
  if (charges.locals === params.length) return true
  const reader = new Reader(bytes, { start: charges.localsAt, end: charges.codeAt })
  return reader.u32('the number of locals') > 0 && reader.peek() === VALUE_TYPE.i32
}
