import { InstructionReader } from '../decode/instructions.ts'
import { skipValueType } from '../format/bounds.ts'
import { type DecodedModule, type FunctionBody, importedFunctions } from '../format/module.ts'
import { Reader } from '../format/reader.ts'
import type { Fork } from './block-stack.ts'
import { canonicalLocal } from './canonical.ts'
import type { ChargePlan } from './charge-plan.ts'
import { type CallSite, ChargeScan } from './charge-scan.ts'
import type { CountedLoop } from './counted-loops.ts'
import type { FloatEdit } from './float-edits.ts'
import { makeCanonical } from './float-scan.ts'
import { mayTakeFloats } from './host-floats.ts'
import type { ProbeCode, ValueKind } from './inline-call.ts'
import type { Insertions } from './insertions.ts'
import { hoistConstants } from './loop-constants.ts'

/** The result of analysing a function body for metering. */
export interface Charges {
  /** The code to insert: the insertions from `first` to `end`, `end` not included. The first is its entry, which charges for its start. */
  readonly insertions: Insertions
  readonly first: number
  readonly end: number
  /** What writes what a trace records; left out if nothing is traced. */
  readonly probes?: readonly ProbeCode[]
  /** The operands that are made canonical, and the constants that are moved out of loops, in order of offsets. */
  readonly edits: readonly FloatEdit[]
  /** The types of the locals for these constants. */
  readonly constants: readonly number[]
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
  /** Its calls of functions, those of the host aside. */
  readonly calls: readonly CallSite[]
  readonly forks: readonly Fork[]
  /** Its junctions: those from `first` to `end`, `end` not included. */
  readonly junctions: { readonly first: number; readonly end: number }
  /** The offset of the first instruction that may end the function, call, or spend fuel by itself. */
  readonly effectAt: number
  /** Whether it throws exceptions. */
  readonly throws: boolean
  /** Its loops whose rounds can be counted. */
  readonly countedLoops: readonly CountedLoop[]
  /** The number of its loops. */
  readonly loops: number
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
  /** The number of blocks that make vectors canonical, or charge loops ahead. */
  readonly addedBlocks: number
}

/** The most blocks by which a loop grows that is charged ahead, since it is written twice. */
const BLOCKS_OF_COUNTED = 6
/** The type of a vector. */
const VECTOR = 0x7b

/**
 * Divides a function body into basic blocks and counts the instructions of each, so that every path costs exactly one unit of
 * fuel for each instruction, beside the prices. Unreachable code is not counted. Calls of imports do not count as deeper calls. Appends
 * the code to insert to `insertions`.
 */
export function findCharges(module: DecodedModule, functionIndex: number, plan: ChargePlan, insertions: Insertions): Charges {
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
  const first = insertions.length
  const firstJunction = insertions.junctions.length
  const scan = new ChargeScan(module, codeAt, locals, plan, insertions)
  const instruction = new InstructionReader(reader, { stopsAtGlobals: plan.firstShifted !== Number.POSITIVE_INFINITY })
  const { blocks } = scan
  while (blocks.depth > 0) {
    blocks.pass(instruction.skipPlain(), instruction)
    instruction.read()
    scan.step(instruction, reader)
  }
  if (!reader.done) reader.fail('instructions follow the end of a function body')
  const { bulk, tailCalls, returnsHost, inlines, passed } = scan
  const { forks, effectAt, countedLoops, loops, catches, count, carried, operands } = blocks
  const hasFloats = instruction.hasFloats || scan.takesFloats || mayTakeFloats(functionIndex, plan.floats)
  const canonical = hasFloats ? makeCanonical(module, functionIndex, plan.floats) : []
  const mayHoist = loops > 0 && (instruction.hasConstants || canonical.length > 0)
  const { edits, types: constants } = mayHoist
    ? hoistConstants(module.bytes, { start: codeAt, end: body.end }, canonical)
    : { edits: canonical, types: [] }
  const values = new Set(scan.values)
  let addedBlocks = 0
  for (const { shape } of canonical) {
    const kind = canonicalLocal(shape)
    values.add(kind)
    if (kind === 'v128') addedBlocks++
  }
  const stack = locals + vectors + operands
  return {
    insertions,
    first,
    end: insertions.length,
    edits,
    constants,
    localGroups,
    localsAt,
    codeAt,
    locals,
    stack,
    calls: scan.calls,
    forks,
    junctions: { first: firstJunction, end: insertions.junctions.length },
    effectAt,
    throws: scan.throws,
    countedLoops,
    loops,
    bulk,
    grows: scan.grows,
    catches,
    tailCalls,
    returnsHost,
    inlines,
    values,
    blocks: count,
    addedBlocks: addedBlocks + BLOCKS_OF_COUNTED * countedLoops.length,
    carried,
    passed,
  }
}
