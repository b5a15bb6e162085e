import { RESERVED } from '../wasm/format/reserved.ts'

/**
 * The globals in which rewritten code counts: the fuel that is left, how deep the calls are, and which import was given an
 * operand out of range.
 */
export interface Budget {
  readonly fuel: WebAssembly.Global<'i32'>
  readonly depth: WebAssembly.Global<'i32'>
  readonly fault: WebAssembly.Global<'i32'>
  readonly operand: WebAssembly.Global<'i32'>
}

/** The budget of an instance that counts by itself. */
export function budgetOf(exports: WebAssembly.Exports): Budget {
  const global = (name: string): WebAssembly.Global<'i32'> => exports[name] as WebAssembly.Global<'i32'>
  return {
    fuel: global(RESERVED.fuel),
    depth: global(RESERVED.depth),
    fault: global(RESERVED.fault),
    operand: global(RESERVED.operand),
  }
}

/** A new budget, for the instances of a program of several linked modules to share. */
export function createBudget(): Budget {
  const global = (): WebAssembly.Global<'i32'> => new WebAssembly.Global({ value: 'i32', mutable: true }, 0)
  return { fuel: global(), depth: global(), fault: global(), operand: global() }
}

/** The imports by which an instance of a linked module takes its budget. */
export function budgetImports({ fuel, depth, fault, operand }: Budget): Record<string, WebAssembly.Global> {
  return { [RESERVED.fuel]: fuel, [RESERVED.depth]: depth, [RESERVED.fault]: fault, [RESERVED.operand]: operand }
}
