import { InstructionReader } from '../decode/instructions.ts'
import { skipValueType } from '../format/bounds.ts'
import { type DecodedModule, type FunctionBody, importedFunctions } from '../format/module.ts'
import { Reader } from '../format/reader.ts'
import { type ChargePlan, ChargeScan } from './charge-scan.ts'
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
  /** Whether calls of imports are inlined. */
  readonly inlines: boolean
  /** The types of the second operands of inlined calls. */
  readonly values: ReadonlySet<ValueKind>
  /** The number of operands that its branches carry. */
  readonly carried: number
  /** The sum over its calls of the results times the operands and results. */
  readonly passed: number
  /** The number of basic blocks. */
  readonly blocks: number
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
  const { insertions, bulk, catches, tailCalls, inlines, values, blocks, carried, passed, operands } = scan
  const stack = locals + vectors + operands
  return {
    insertions,
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
    inlines,
    values,
    blocks,
    carried,
    passed,
  }
}
