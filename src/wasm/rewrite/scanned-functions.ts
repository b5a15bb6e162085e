import { checkCount, MAX_CARRIED, MAX_LOCALS_BY_BLOCKS, MAX_PASSED } from '../format/bounds.ts'
import { type DecodedModule, importedFunctions } from '../format/module.ts'
import type { ChargePlan } from './charge-plan.ts'
import { type Charges, findCharges } from './charges.ts'
import { Insertions } from './insertions.ts'

/** The functions of a module, scanned for what they cost. */
export interface ScannedFunctions {
  /** By place among the functions that the module defines. */
  readonly charges: readonly Charges[]
  /** The insertions of all of them. */
  readonly insertions: Insertions
  /** Whether any function has handlers. */
  readonly catches: boolean
  /** Whether any function may grow a memory. */
  readonly growsMemory: boolean
}

/** The bytes of a module for each place where metering inserts code, roughly. */
const BYTES_PER_INSERTION = 8

/** Scans all functions of a module. Throws `TooLarge` as soon as engines would take too long to compile what was scanned so far. */
export function scanFunctions(module: DecodedModule, plan: ChargePlan): ScannedFunctions {
  const scanned = scan(module, plan)
  if (!scanned.charges.some(({ returnsHost }) => returnsHost)) return scanned
  // Then a call of any function may give a float of the host.
  return scan(module, { ...plan, floats: { ...plan.floats, fromCalls: true } })
}

function scan(module: DecodedModule, plan: ChargePlan): ScannedFunctions {
  const imported = importedFunctions(module)
  const insertions = new Insertions(Math.ceil(module.bytes.length / BYTES_PER_INSERTION))
  const work = new CompilerWork()
  const charges = module.bodies.map((_, place) => {
    const found = findCharges(module, imported + place, plan, insertions)
    work.add(found)
    return found
  })
  return { charges, insertions, catches: charges.some(({ catches }) => catches), growsMemory: charges.some(({ grows }) => grows) }
}

/** The work of engines that is more than linear in the size of functions. */
class CompilerWork {
  #localsByBlocks = 0
  #operandsByBlocks = 0
  #carried = 0
  #passed = 0

  /** Adds the work of a function. Throws `TooLarge`. */
  add({ blocks, addedBlocks, locals, stack, carried, passed }: Charges): void {
    this.#localsByBlocks += locals * (blocks + addedBlocks)
    checkCount('local variables times blocks', this.#localsByBlocks, MAX_LOCALS_BY_BLOCKS)
    this.#operandsByBlocks += (stack - locals) * (blocks + addedBlocks)
    checkCount('operands times blocks', this.#operandsByBlocks, MAX_LOCALS_BY_BLOCKS)
    this.#carried += carried
    checkCount('operands carried by branches', this.#carried, MAX_CARRIED)
    this.#passed += passed
    checkCount('results of calls times operands and results', this.#passed, MAX_PASSED)
  }
}
