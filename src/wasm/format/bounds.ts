import { ScriptError } from '../../errors.ts'
import type { DecodedModule, FunctionBody } from './module.ts'
import { Reader } from './reader.ts'

/**
 * How many entries of each kind a module may have: far more than real modules need, and few enough that no file keeps the
 * engine or the rewriter busy for seconds.
 */
export const MAX_COUNTS: Readonly<Record<string, number>> = {
  types: 300_000,
  imports: 10_000,
  functions: 300_000,
  tables: 1000,
  memories: 16,
  globals: 20_000,
  tags: 10_000,
  exports: 50_000,
  'element segments': 100_000,
  // The limit of engines. Go writes a segment for each run of bytes without zeros.
  'data segments': 100_000,
}

/** Local variables of all functions together: each is work for the engine and takes almost no space in the file. */
const MAX_TOTAL_LOCALS = 2_000_000
/** Local variables of one function in engines. */
export const MAX_ENGINE_LOCALS = 50_000
/** Local variables of one function: that limit less the locals that rewriting adds. */
const MAX_LOCALS = MAX_ENGINE_LOCALS - 32
/** Local variables, or operands, times basic blocks, of all functions together: engines process each where control flow merges. */
export const MAX_LOCALS_BY_BLOCKS = 12_000_000
/** Operands that all branches together carry to their targets: engines move each. */
export const MAX_CARRIED = 1_000_000
/** The sum over all calls of the results times the operands and results: engines compare each result with the others. */
export const MAX_PASSED = 50_000_000
/** The sum over all imported functions of the squared number of float parameters: V8 takes quadratic time to compile the wrapper. */
const MAX_SQUARED_FLOATS = 200_000
/** The depth of nested blocks. */
export const MAX_NESTED = 50_000
/** Bytes of a function: the limit of engines. */
const MAX_BODY_BYTES = 7_654_321

/** Characters of the name of an import, of its module, or of an export. */
export const MAX_NAME_LENGTH = 10_000

/** Throws `TooLarge` if a count exceeds its limit. These limits are fixed: they bound the time of a load, which has no fuel. */
export function checkCount(what: string, count: number, limit: number | undefined = MAX_COUNTS[what]): void {
  if (limit !== undefined && count > limit)
    throw new ScriptError('TooLarge', `it has ${count} ${what}, the limit is ${limit}, which no option raises`)
}

/** Checks the parameters of imported functions. Throws `TooLarge`. */
export function checkImportedParameters(imports: DecodedModule['imports']): void {
  let squared = 0
  for (const { type } of imports.filter((entry) => entry.kind === 'func'))
    squared += type.params.filter((each) => each === 'f32' || each === 'f64').length ** 2
  checkCount('float parameters of imports, squared', squared, MAX_SQUARED_FLOATS)
}

/** Checks the number of a module's local variables before memory is allocated for them. Throws `TooLarge`. */
export function checkLocals(module: Pick<DecodedModule, 'bytes' | 'bodies' | 'functions'>): void {
  let all = 0
  for (const [index, body] of module.bodies.entries()) {
    const count = countLocals(module.bytes, body)
    const functionIndex = module.functions.length - module.bodies.length + index
    if (count > MAX_LOCALS) checkCount(`local variables in function ${functionIndex}`, count, MAX_LOCALS)
    all += count
  }
  checkCount('local variables in total', all, MAX_TOTAL_LOCALS)
}

/** Throws `TooLarge` for a metered function that is too large for engines. */
export function checkBody(functionIndex: number, bytes: number): void {
  if (bytes > MAX_BODY_BYTES) checkCount(`bytes in function ${functionIndex} after metering`, bytes, MAX_BODY_BYTES)
}

function countLocals(bytes: Uint8Array, { body }: FunctionBody): number {
  const reader = new Reader(bytes, body)
  let count = 0
  for (let groups = reader.count('groups of locals'); groups > 0; groups--) {
    count += reader.u32('the number of locals')
    skipValueType(reader)
  }
  return count
}

/** Skips a value type without checking its heap type. */
export function skipValueType(reader: Reader): void {
  const first = reader.byte('a value type')
  if (first === 0x63 || first === 0x64) reader.s33('a heap type')
}
