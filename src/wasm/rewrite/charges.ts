import { InstructionReader } from '../decode/instructions.ts'
import { skipValueType } from '../format/bounds.ts'
import { type DecodedModule, type FunctionBody, importedFunctions } from '../format/module.ts'
import { Reader } from '../format/reader.ts'
import { canonicalLocal } from './canonical.ts'
import { type ChargePlan, ChargeScan } from './charge-scan.ts'
import { type CanonicalInsertion, makeCanonical, mayTakeFloats } from './float-scan.ts'
import type { ValueKind } from './inline-call.ts'
import type { Insertion } from './insertions.ts'

/** The result of analysing a function body for metering. */
export interface Charges {
  /** The code to insert, in order of offsets. */
  readonly insertions: readonly Insertion[]
  /** The number of groups in the declaration of locals. */
  readonly localGroups: number
  /** The offset of the first group. */
  readonly localsAt: number
  /** The offset of the first instruction. */
  readonly codeAt: number
  /** The number of locals, including parameters. */
  readonly locals: number
  /** An upper bound of the locals and operands that exist at once. A vector counts twice. */
  readonly stack: number
  /** Whether it calls other functions, imports of the host aside. */
  readonly calls: boolean
  /** Whether it has bulk instructions whose size is on the stack. */
  readonly bulk: boolean
  /** Whether it may grow a memory. */
  readonly grows: boolean
  /** Whether it catches exceptions. */
  readonly catches: boolean
  readonly tailCalls: boolean
  /** Whether it ends with a call of an import that gives a float. */
  readonly returnsHost: boolean
  /** Whether calls of imports are inlined. */
  readonly inlines: boolean
  /** The types of the second operands of inlined calls, and of the operands that are made canonical. */
  readonly values: ReadonlySet<ValueKind>
  /** The number of operands that its branches carry. */
  readonly carried: number
  /** The sum over its calls of the results times the operands and results. */
  readonly passed: number
  /** The number of basic blocks. */
  readonly blocks: number
  /** The number of blocks that make vectors canonical. */
  readonly addedBlocks: number
}

/** The type of a vector. */
const VECTOR = 0x7b

/**
 * Divides a function body into basic blocks and counts the instructions of each, so that every path costs exactly one unit of
 * fuel for each instruction, beside the prices. Unreachable code is not counted. Calls of imports do not count as deeper calls.
 */
export function findCharges(module: DecodedModule, functionIndex: number, plan: ChargePlan): Charges {
  const { body } = module.bodies[functionIndex - importedFunctions(module)] as FunctionBody
  const reader = new Reader(module.bytes, body)
  const localGroups = reader.count('groups of locals')
  const localsAt = reader.position
  const params = module.functions[functionIndex]?.params ?? []
  let locals = params.length
  let vectors = params.filter((type) => type === 'v128').length
  for (let left = localGroups; left > 0; left--) {
    const count = reader.u32('the number of locals')
    locals += count
    if (reader.peek() === VECTOR) vectors += count
    skipValueType(reader)
  }
  const codeAt = reader.position
  const scan = new ChargeScan(module, codeAt, locals, plan)
  const instruction = new InstructionReader(reader, plan.firstShifted !== Number.POSITIVE_INFINITY)
  while (scan.depth > 0) {
    scan.pass(instruction.skipPlain(), instruction)
    instruction.read()
    scan.step(instruction, reader)
  }
  if (!reader.done) reader.fail('instructions follow the end of a function body')
  const { insertions, bulk, catches, tailCalls, returnsHost, inlines, blocks, carried, passed, operands } = scan
  const hasFloats = instruction.hasFloats || scan.takesFloats || mayTakeFloats(functionIndex, plan.floats)
  const canonical = hasFloats ? makeCanonical(module, functionIndex, plan.floats) : []
  const kinds = canonical.map(({ canonical: { shape } }) => canonicalLocal(shape))
  const stack = locals + vectors + operands
  return {
    insertions: merge(canonical, insertions),
    localGroups,
    localsAt,
    codeAt,
    locals,
    stack,
    calls: scan.calls,
    bulk,
    grows: scan.grows,
    catches,
    tailCalls,
    returnsHost,
    inlines,
    values: new Set([...scan.values, ...kinds]),
    blocks,
    addedBlocks: kinds.filter((kind) => kind === 'v128').length,
    carried,
    passed,
  }
}

/** Merges insertions in order of offsets. At one offset, an operand is made canonical before other code takes it. */
function merge(canonical: readonly CanonicalInsertion[], others: readonly Insertion[]): readonly Insertion[] {
  if (canonical.length === 0) return others
  const merged: Insertion[] = []
  let place = 0
  for (const insertion of others) {
    for (let next = canonical[place]; next !== undefined && next.at <= insertion.at; next = canonical[++place]) merged.push(next)
    merged.push(insertion)
  }
  return [...merged, ...canonical.slice(place)]
}
