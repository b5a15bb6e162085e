import { InstructionReader } from '../decode/instructions.ts'
import { skipValueType } from '../format/bounds.ts'
import { type DecodedModule, type FunctionBody, importedFunctions } from '../format/module.ts'
import { Reader } from '../format/reader.ts'
import { type ChargePlan, ChargeScan } from './charge-scan.ts'
import type { ValueKind } from './inline-call.ts'
import type { Insertion } from './insertions.ts'

/** What metering a function body needs to know of it. */
export interface Charges {
  /** In the order of their places. */
  readonly insertions: readonly Insertion[]
  /** Groups of local variables, where they are declared, and where the first instruction is. */
  readonly localGroups: number
  readonly localsAt: number
  readonly codeAt: number
  /** Local variables, parameters among them. */
  readonly locals: number
  /** Locals, and operands that may be there at once, no fewer than there are; a vector counts twice. */
  readonly stack: number
  readonly calls: boolean
  readonly bulk: boolean
  /** Whether it has handlers of exceptions, or calls that take its place. */
  readonly catches: boolean
  readonly tailCalls: boolean
  /** Whether calls of imports are inlined, and the types of the second operands that those take. */
  readonly inlines: boolean
  readonly values: ReadonlySet<ValueKind>
  /** Operands that its branches carry. */
  readonly carried: number
  /** Basic blocks. */
  readonly blocks: number
}

/** The type of a vector. */
const VECTOR = 0x7b

/**
 * Divides a function body into basic blocks and counts the instructions of each: one unit of fuel an instruction, exact,
 * whichever way control takes. Code that control cannot reach is not counted. A call of an import goes no deeper.
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
  const { insertions, bulk, catches, tailCalls, inlines, values, blocks, carried, operands } = scan
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
    catches,
    tailCalls,
    inlines,
    values,
    blocks,
    carried,
  }
}
