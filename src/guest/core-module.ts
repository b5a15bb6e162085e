import type { Limits } from '../abi/limits.ts'
import { compileModule, HAS_MULTI_MEMORY, instantiateModule } from '../engine/compile.ts'
import type { DecodedModule } from '../wasm/format/module.ts'
import { RESERVED } from '../wasm/format/reserved.ts'
import type { Inlining } from '../wasm/rewrite/inlining.ts'
import { type RewriteOptions, type RewrittenModule, rewriteModule } from '../wasm/rewrite/rewrite.ts'
import { type Budget, budgetImports } from './budget.ts'

/** A core module that went through the rewriter, ready to be instantiated any number of times. */
export interface CoreModule {
  readonly module: DecodedModule
  readonly rewritten: RewrittenModule
  readonly compiled: WebAssembly.Module
  /** What it was rewritten with: the places of its code are found by the same options. */
  readonly options: RewriteOptions
}

/** What a core module is opened with. */
export interface CoreModuleOptions {
  readonly limits: Limits
  readonly priceOf: (functionIndex: number) => number
  readonly mayCharge: (functionIndex: number) => boolean
  readonly inlining?: Inlining | undefined
  /** Whether it is one of several modules that call each other. @default false */
  readonly isLinked?: boolean
}

/** Rewrites a module that the engine has found valid. Throws `InvalidBinary`, `TooLarge`. */
export function rewriteCoreModule(module: DecodedModule, given: CoreModuleOptions): Omit<CoreModule, 'compiled'> {
  const { limits, priceOf, mayCharge, inlining, isLinked = false } = given
  const { memoryPages, tableElements, jsonBytes } = limits
  const options = { memoryPages, tableElements, jsonBytes, manyMemories: HAS_MULTI_MEMORY, priceOf, mayCharge, inlining, isLinked }
  return { module, options, rewritten: rewriteModule(module, options) }
}

/** Compiles what {@link rewriteCoreModule} returned. */
export async function compileCoreModule(rewritten: Omit<CoreModule, 'compiled'>): Promise<CoreModule> {
  return { ...rewritten, compiled: await compileModule(rewritten.rewritten.bytes) }
}

/** What an instance of a core module shares with others. */
export interface SharedParts {
  /** The memory that the host shares with it. */
  readonly hostMemory?: WebAssembly.Memory | undefined
  /** The budget of its program, if it is linked. */
  readonly budget?: Budget
}

/** Makes an instance, with new memories of its own. Throws `OutOfMemory`, `ImportTypeMismatch`. */
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
