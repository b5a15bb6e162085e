import type { Limits } from '../abi/limits.ts'
import { compileModule, HAS_MULTI_MEMORY, instantiateModule } from '../engine/compile.ts'
import type { Accessors } from '../host/inline/accessors.ts'
import { inlining } from '../host/inline/inlined-code.ts'
import type { ImportedCode } from '../host/link/linker.ts'
import { type DecodedModule, hasDebugInformation } from '../wasm/format/module.ts'
import { RESERVED } from '../wasm/format/reserved.ts'
import { type RewriteOptions, type RewrittenModule, rewriteModule } from '../wasm/rewrite/rewrite.ts'
import { type Budget, budgetImports } from './budget.ts'

/** A core module after rewriting and compiling. It can be instantiated any number of times. */
export interface CoreModule {
  readonly module: DecodedModule
  readonly rewritten: Omit<RewrittenModule, 'bytes'>
  readonly compiled: WebAssembly.Module
  /** The options it was rewritten with. Mapping rewritten code back to its source needs the same options. */
  readonly options: RewriteOptions
  /** What reads the debug information and the names of the module; `undefined` if it has none that must be read. */
  readonly debug?: DebugCode | undefined
}

/** What reads debug information. A page downloads it with the first module that has any. */
export type DebugCode = typeof import('../wasm/debug/debug.ts')

/**
 * All that rewriting a module depends on, beside the module and the engine. It is written as JSON: modules and plans that are
 * equal share their code.
 */
export interface CodePlan extends Pick<Limits, 'memoryPages' | 'tableElements' | 'jsonBytes'> {
  /** How calls of the imported functions are rewritten, by function index. */
  readonly imports: readonly ImportedCode[]
  /** The memory of columns that the code may access, with the address of the batch; left out if it calls the host. */
  readonly inline?: { readonly batch: number | undefined } | undefined
  /** Whether it is one of several modules that call each other. @default false */
  readonly isLinked?: boolean
  /** The name of the module in stack traces. @default its own */
  readonly name?: string
}

/** A module that is rewritten and not yet compiled. */
export interface RewrittenCode extends Pick<CoreModule, 'module' | 'options'> {
  readonly rewritten: RewrittenModule
}

/** Returns the limits on which rewriting depends. */
export function rewriteLimits({
  memoryPages,
  tableElements,
  jsonBytes,
}: Limits): Pick<CodePlan, 'memoryPages' | 'tableElements' | 'jsonBytes'> {
  return { memoryPages, tableElements, jsonBytes }
}

/** Rewrites a module that the engine has already validated. Throws `InvalidBinary`, `TooLarge`. */
export function rewriteCoreModule(module: DecodedModule, { imports, inline, ...plan }: CodePlan): RewrittenCode {
  const options: RewriteOptions = {
    ...plan,
    manyMemories: HAS_MULTI_MEMORY,
    priceOf: (functionIndex) => imports[functionIndex]?.price ?? 0,
    mayCharge: (functionIndex) => imports[functionIndex]?.mayCharge === true,
    inlining: inline && inlining(accessorsOf(imports), inline.batch),
  }
  return { module, options, rewritten: rewriteModule(module, options) }
}

function accessorsOf(imports: readonly ImportedCode[]): Accessors {
  return new Map(imports.flatMap(({ accessor }, index) => (accessor === undefined ? [] : [[index, accessor] as const])))
}

/** Compiles the result of {@link rewriteCoreModule}. Rejects with `InvalidBinary`. */
export async function compileCoreModule({ module, options, rewritten }: RewrittenCode): Promise<CoreModule> {
  const { bytes, ...rest } = rewritten
  const debug = hasDebugInformation(module) ? await loadDebugCode() : undefined
  return { module, options, rewritten: rest, debug, compiled: await compileModule(bytes) }
}

/** A trap is located within the call that it ends, so what does it is loaded with the module. Without it, the module runs all the same. */
function loadDebugCode(): Promise<DebugCode | undefined> {
  return import('../wasm/debug/debug.ts').catch(() => undefined)
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
