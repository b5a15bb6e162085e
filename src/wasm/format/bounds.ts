import { ScriptError } from '../../errors.ts'
import type { DecodedModule, FunctionBody } from './module.ts'
import { Reader } from './reader.ts'

/**
 * The most of each kind that a module may have: far more than real ones do, and few enough that no file, however it was
 * made, keeps the engine or the rewriter busy for seconds.
 */
export const MOST: Readonly<Record<string, number>> = {
  types: 100_000,
  imports: 10_000,
  functions: 100_000,
  tables: 1000,
  memories: 16,
  globals: 20_000,
  tags: 10_000,
  exports: 50_000,
  'element segments': 50_000,
  'data segments': 50_000,
}

/** Local variables of all functions: each is work for the engine, and takes no room in a file. */
const MOST_LOCALS_IN_ALL = 2_000_000
/** Local variables of one function, as engines have it, less those that rewriting adds. */
const MOST_LOCALS = 50_000 - 16
/** Local variables times basic blocks, of all functions: engines look at each local where control meets. */
export const MOST_LOCALS_BY_BLOCKS = 12_000_000
/** Operands that branches carry to where they go, of all branches: engines move each. */
export const MOST_CARRIED = 1_000_000
/** Blocks inside each other. */
export const MOST_NESTED = 50_000
/** Bytes of a function, as engines have it. */
const MOST_BODY_BYTES = 7_654_321

/** Throws `TooLarge` for more than there may be. */
export function checkMost(what: string, count: number, most: number | undefined = MOST[what]): void {
  if (most !== undefined && count > most) throw new ScriptError('TooLarge', `it has ${count} ${what}, the limit is ${most}`)
}

/** Holds a module's local variables against the limits, before anybody makes room for them. Throws `TooLarge`. */
export function checkLocals(module: Pick<DecodedModule, 'bytes' | 'bodies' | 'functions'>): void {
  let all = 0
  for (const [index, body] of module.bodies.entries()) {
    const count = countLocals(module.bytes, body)
    const functionIndex = module.functions.length - module.bodies.length + index
    checkMost(`local variables in function ${functionIndex}`, count, MOST_LOCALS)
    all += count
  }
  checkMost('local variables in all', all, MOST_LOCALS_IN_ALL)
}

/** Throws `TooLarge` for a function that has grown beyond what engines take. */
export function checkBody(functionIndex: number, bytes: number): void {
  checkMost(`bytes in function ${functionIndex}, as it is metered`, bytes, MOST_BODY_BYTES)
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

/** Passes over a value type, whatever heap it refers to. */
export function skipValueType(reader: Reader): void {
  const first = reader.byte('a value type')
  if (first === 0x63 || first === 0x64) reader.s33('a heap type')
}
