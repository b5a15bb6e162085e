import type { Limits } from '../abi/limits.ts'
import { compileModule, HAS_MULTI_MEMORY, instantiateModule } from '../engine/compile.ts'
import type { DecodedModule } from '../wasm/format/module.ts'
import { RESERVED } from '../wasm/format/reserved.ts'
import type { Inlining } from '../wasm/rewrite/inlining.ts'
import { type RewriteOptions, type RewrittenModule, rewriteModule } from '../wasm/rewrite/rewrite.ts'
import { type Budget, budgetImports } from './budget.ts'

/** A core module after rewriting and compiling. It can be instantiated any number of times. */
export interface CoreModule {
  readonly module: DecodedModule
  readonly rewritten: RewrittenModule
  readonly compiled: WebAssembly.Module
  /** The options it was rewritten with. Mapping rewritten code back to its source needs the same options. */
  readonly options: RewriteOptions
}

/** Options of {@link rewriteCoreModule}. */
export interface CoreModuleOptions {
  readonly limits: Limits
  /** Returns the fuel that a call of an imported function costs. */
  readonly priceOf: (functionIndex: number) => number
  /** Returns whether an imported function may charge fuel of its own. */
  readonly mayCharge: (functionIndex: number) => boolean
  readonly inlining?: Inlining | undefined
  /** Whether it is one of several modules that call each other. @default false */
  readonly isLinked?: boolean
  /** The name of the module in stack traces. @default its own */
  readonly name?: string
}

/** Rewrites a module that the engine has already validated. Throws `InvalidBinary`, `TooLarge`. */
export function rewriteCoreModule(module: DecodedModule, given: CoreModuleOptions): Omit<CoreModule, 'compiled'> {
  const { limits, priceOf, mayCharge, inlining, isLinked = false, name } = given
  const { memoryPages, tableElements, jsonBytes } = limits
  const options = { memoryPages, tableElements, jsonBytes, manyMemories: HAS_MULTI_MEMORY, priceOf, mayCharge, inlining, isLinked, name }
  return { module, options, rewritten: rewriteModule(module, options) }
}

/** Compiles the result of {@link rewriteCoreModule}. */
export async function compileCoreModule(rewritten: Omit<CoreModule, 'compiled'>): Promise<CoreModule> {
  return { ...rewritten, compiled: await compileModule(rewritten.rewritten.bytes) }
}

/** Parts that an instance shares with other instances. */
export interface SharedParts {
  /** The memory that holds the columns of the game's components. */
  readonly hostMemory?: WebAssembly.Memory | undefined
  /** The budget of the program, if the module is linked. */
  readonly budget?: Budget
}

/** Creates an instance with memories of its own. Throws `OutOfMemory`, `ImportTypeMismatch`. */
export function instantiateCoreModule(
  { compiled, rewritten }: CoreModule,
  imports: WebAssembly.Imports,
  { hostMemory, budget }: SharedParts,
): WebAssembly.Exports {
  const own: Record<string, WebAssembly.ImportValue> = budget === undefined ? {} : budgetImports(budget)
  if (rewritten.usesHostMemory) {
    for (const [index, { minimum, maximum }] of rewritten.memories.entries()) {
      own[`${RESERVED.memory}${index}`] = new WebAssembly.Memory({ initial: minimum, maximum })
    }
    if (hostMemory !== undefined) own[RESERVED.hostMemory] = hostMemory
  }
  return instantiateModule(compiled, { ...imports, [RESERVED.module]: own })
}
