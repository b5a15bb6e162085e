import { RESERVED } from '../wasm/format/reserved.ts'
import { ANY_PAGES } from '../wasm/rewrite/sections.ts'

/**
 * The globals that rewritten code counts in: the fuel left, the depth of calls, the cause of a trap that the rewriter
 * inserted, the operand that was out of range, and the pages that its memories may have.
 */
export interface Budget {
  readonly fuel: WebAssembly.Global<'i32'>
  readonly depth: WebAssembly.Global<'i32'>
  readonly fault: WebAssembly.Global<'i32'>
  readonly operand: WebAssembly.Global<'i32'>
  readonly pages: WebAssembly.Global<'i32'>
}

/** Returns the budget that an unlinked instance exports. */
export function budgetOf(exports: WebAssembly.Exports): Budget {
  const global = (name: string): WebAssembly.Global<'i32'> => exports[name] as WebAssembly.Global<'i32'>
  return {
    fuel: global(RESERVED.fuel),
    depth: global(RESERVED.depth),
    fault: global(RESERVED.fault),
    operand: global(RESERVED.operand),
    pages: global(RESERVED.pages),
  }
}

/** Creates a budget for the linked instances of one program to share. */
export function createBudget(): Budget {
  const global = (value = 0): WebAssembly.Global<'i32'> => new WebAssembly.Global({ value: 'i32', mutable: true }, value)
  return { fuel: global(), depth: global(), fault: global(), operand: global(), pages: global(ANY_PAGES) }
}

/** Returns the budget with a count of pages of its own: each module counts those of its own memories. */
export function withOwnPages(budget: Budget): Budget {
  return { ...budget, pages: new WebAssembly.Global({ value: 'i32', mutable: true }, ANY_PAGES) }
}

/** Returns the imports that pass a shared budget to an instance. */
export function budgetImports({ fuel, depth, fault, operand, pages }: Budget): Record<string, WebAssembly.Global> {
  return {
    [RESERVED.fuel]: fuel,
    [RESERVED.depth]: depth,
    [RESERVED.fault]: fault,
    [RESERVED.operand]: operand,
    [RESERVED.pages]: pages,
  }
}
