import { skipLocals } from '../../decode/instruction-offsets.ts'
import { InstructionReader } from '../../decode/instructions.ts'
import { type DecodedModule, importedFunctions } from '../../format/module.ts'
import { OPCODE } from '../../format/opcodes.ts'
import { Reader } from '../../format/reader.ts'
import type { Charges } from '../charges.ts'
import type { InlineCalls, ProbePlaces } from '../inline-call.ts'
import { INSERTION, isCharge } from '../insertions.ts'
import { type CountAddress, CountWriter, writeCountedTurn } from './count-code.ts'
import { COUNTER_BYTES } from './count-memory.ts'
import { type Probe, withProbes } from './probed-charges.ts'
import type { TracePlan } from './trace-plan.ts'

/** A statement that is counted: the instruction at which it begins. */
export interface CountedStatement {
  readonly functionIndex: number
  readonly at: number
}

/** What is counted of a module. */
export interface ModuleCountOptions {
  /** The statements, each with a counter of its own, in this order. */
  readonly statements: readonly CountedStatement[]
  /** Where in the host's memory the counter of the first statement is. */
  readonly counters: number
  /** Where in it the call tree begins. */
  readonly tree: number
  /** The address of the node that stands for the host, which calls the module. */
  readonly root: number
  /** The number of the function with index 0. */
  readonly firstFunction: number
}

/** Plans how a module counts its statements, and its fuel by function and caller. */
export function countModule(module: DecodedModule, options: ModuleCountOptions): TracePlan {
  const count: CountAddress = { memory: module.memories.length, tree: options.tree }
  const counters = new Map<number, Map<number, number>>()
  for (const [place, { functionIndex, at }] of options.statements.entries()) {
    const own = counters.get(functionIndex) ?? new Map<number, number>()
    counters.set(functionIndex, own.set(at, options.counters + place * COUNTER_BYTES))
  }
  const probes = new Map<number, readonly Probe[]>()
  return {
    instrument(functionIndex, charges, calls, units) {
      let own = probes.get(functionIndex)
      if (own === undefined) {
        const hits = counters.get(functionIndex) ?? new Map<number, number>()
        own = findProbes(module, functionIndex, { charges, calls, units, hits, count, id: options.firstFunction + functionIndex })
        probes.set(functionIndex, own)
      }
      return withProbes(charges, own)
    },
    writeTurn: (out) => writeCountedTurn(out, count, options.root),
  }
}

interface CountedFunction {
  readonly charges: Charges
  readonly calls: InlineCalls
  readonly units: Float64Array
  /** The addresses of counters by the offset of their statement. */
  readonly hits: ReadonlyMap<number, number>
  readonly count: CountAddress
  readonly id: number
}

/** What spends fuel that is known at run time only. */
const DYNAMIC: ReadonlySet<number> = new Set([INSERTION.bytes, INSERTION.elements, INSERTION.pages, INSERTION.tableGrow])

function findProbes(module: DecodedModule, functionIndex: number, counted: CountedFunction): readonly Probe[] {
  const { charges, calls, units, hits, count, id } = counted
  const { codeAt, catches, insertions, first, end } = charges
  const probes: Probe[] = []
  const add = (at: number, write: (code: CountWriter) => void, isFirst = false): void => {
    probes.push({ at, isFirst, write: (out, places: ProbePlaces) => write(new CountWriter(out, count, places)) })
  }
  add(codeAt, (code) => code.enter(id), true)
  const dynamic = new Set<number>()
  for (let each = first; each < end; each++) {
    const kind = insertions.kind[each] as number
    const at = insertions.at[each] as number
    const spent = units[each] as number
    if (DYNAMIC.has(kind)) dynamic.add(at)
    else if (isCharge(kind) && spent > 0) add(at, (code) => code.spend(spent))
  }
  const imported = importedFunctions(module)
  const reader = new Reader(module.bytes, module.bodies[functionIndex - imported]?.body)
  skipLocals(reader)
  const instruction = new InstructionReader(reader)
  while (!reader.done) {
    instruction.read()
    const { opcode, at, index, next } = instruction
    const counter = hits.get(at)
    // A caught exception leaves the functions that it was thrown in.
    if (counter !== undefined && catches) add(at, (code) => code.resume())
    if (counter !== undefined) add(at, (code) => code.hit(counter))
    const isReferred = opcode === OPCODE.callIndirect || opcode === OPCODE.callRef
    const isCall = isReferred || (opcode === OPCODE.call && !calls.has(index))
    // A reference may lead to the host, too.
    const mayBeHost = isReferred || (isCall && index < imported)
    if (mayBeHost || dynamic.has(at)) {
      add(at, (code) => code.before())
      add(next, (code) => (mayBeHost ? code.afterHost() : code.after()), true)
    }
    if (isCall) add(next, (code) => code.resume())
    if (opcode === OPCODE.returnCall || opcode === OPCODE.returnCallIndirect || opcode === OPCODE.returnCallRef)
      add(at, (code) => code.tail())
  }
  return probes.sort((one, other) => one.at - other.at || Number(other.isFirst) - Number(one.isFirst))
}
