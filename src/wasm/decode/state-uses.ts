import { type DecodedModule, importedFunctions } from '../format/module.ts'
import { BULK, isStore, OPCODE, PREFIX_SIMD } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'
import { skipLocals } from './instruction-offsets.ts'
import { InstructionReader } from './instructions.ts'

/** What functions of a module change that outlives a call, and what they import: each with the offset of the first instruction that does so. */
export interface StateUses {
  /** By index. */
  readonly globals: ReadonlyMap<number, number>
  readonly memory: number | undefined
  readonly table: number | undefined
  /** The imported functions that are called, by index. */
  readonly calls: ReadonlyMap<number, number>
}

const WRITES_MEMORY: readonly number[] = [BULK.memoryInit, BULK.memoryCopy, BULK.memoryFill]
const WRITES_TABLE: readonly number[] = [BULK.tableInit, BULK.tableCopy, BULK.tableGrow, BULK.tableFill]
const CALLS: readonly number[] = [OPCODE.call, OPCODE.returnCall]
const CALLS_REFERENCES: readonly number[] = [OPCODE.callIndirect, OPCODE.returnCallIndirect, OPCODE.callRef, OPCODE.returnCallRef]

/** Returns what some functions, and all that they may call, change and import. */
export function stateUses(module: DecodedModule, roots: Iterable<number>): StateUses {
  const globals = new Map<number, number>()
  const calls = new Map<number, number>()
  let memory: number | undefined
  let table: number | undefined
  const imported = importedFunctions(module)
  const reached = new Set(roots)
  // A set goes on to what is added while it is walked.
  for (const index of reached) {
    if (index < imported) continue
    const reader = new Reader(module.bytes, module.bodies[index - imported]?.body)
    skipLocals(reader)
    const instruction = new InstructionReader(reader)
    while (!reader.done) {
      instruction.read()
      const { opcode, number, at, index: used } = instruction
      if (opcode === OPCODE.globalSet) keepFirst(globals, used, at)
      else if (writesMemory(opcode, number)) memory ??= at
      else if (opcode === OPCODE.tableSet || (opcode === OPCODE.bulk && WRITES_TABLE.includes(number))) table ??= at
      else if (CALLS_REFERENCES.includes(opcode)) for (const each of module.referredFunctions) reached.add(each)
      else if (CALLS.includes(opcode)) {
        reached.add(used)
        if (used < imported) keepFirst(calls, used, at)
      }
    }
  }
  for (const index of module.referredImports) if (reached.has(index) && !calls.has(index)) calls.set(index, -1)
  return { globals, memory, table, calls }
}

function writesMemory(opcode: number, number: number): boolean {
  if (opcode === OPCODE.bulk) return WRITES_MEMORY.includes(number)
  // v128.store, and stores of a lane.
  if (opcode === PREFIX_SIMD) return number === 11 || (number >= 88 && number <= 91)
  return isStore(opcode) || opcode === OPCODE.memoryGrow
}

function keepFirst(places: Map<number, number>, index: number, at: number): void {
  if (!places.has(index)) places.set(index, at)
}
