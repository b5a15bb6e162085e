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
  let localsByBlocks = 0
  let operandsByBlocks = 0
  let carried = 0
  let passed = 0
  const charges = module.bodies.map((_, place) => {
    const found = findCharges(module, imported + place, plan, insertions)
    const blocks = found.blocks + found.addedBlocks
    localsByBlocks += found.locals * blocks
    checkCount('local variables times blocks', localsByBlocks, MAX_LOCALS_BY_BLOCKS)
    operandsByBlocks += (found.stack - found.locals) * blocks
    checkCount('operands times blocks', operandsByBlocks, MAX_LOCALS_BY_BLOCKS)
    carried += found.carried
    checkCount('operands carried by branches', carried, MAX_CARRIED)
    passed += found.passed
    checkCount('results of calls times operands and results', passed, MAX_PASSED)
    return found
  })
  return { charges, insertions, catches: charges.some(({ catches }) => catches), growsMemory: charges.some(({ grows }) => grows) }
}
