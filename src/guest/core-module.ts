import type { Limits } from '../abi/limits.ts'
import { compileModule, HAS_RELAXED_VECTORS, instantiateModule } from '../engine/compile.ts'
import { toScriptError } from '../engine/trap.ts'
import type { Accessors, AskedPlaces } from '../host/inline/accessors.ts'
import { inlining } from '../host/inline/inlined-code.ts'
import type { ImportedCode } from '../host/link/linker.ts'
import { HAS_MULTI_MEMORY } from '../multi-memory.ts'
import { type DecodedModule, hasDebugInformation } from '../wasm/format/module.ts'
import { RESERVED } from '../wasm/format/reserved.ts'
import { EngineMemory, type InstanceMemory } from '../wasm/instance/instance-memory.ts'
import { type RewriteOptions, type RewrittenModule, rewriteModule } from '../wasm/rewrite/rewrite.ts'
import type { TracePlan } from '../wasm/rewrite/trace/trace-plan.ts'
import { type Budget, budgetImports } from './budget.ts'
import type { CoreWindow } from './core-window.ts'

/** A core module after rewriting and compiling. It can be instantiated any number of times. */
export interface CoreModule {
  readonly module: DecodedModule
  readonly rewritten: Omit<RewrittenModule, 'bytes'>
  readonly compiled: WebAssembly.Module
  /** The options it was rewritten with. Mapping rewritten code back to its source needs the same options. */
  readonly options: RewriteOptions
  /** What reads the debug information and the names of the module; `undefined` if it has none that must be read. */
  readonly debug?: DebugCode | undefined
  /** What traces its instances; left out if nothing does. */
  readonly trace?: CoreTrace | undefined
}

/** What traces the instances of a core module. */
export interface CoreTrace extends TracePlan {
  /** Where the records go, unless the runtime has a memory of columns: then they go there. */
  readonly memory: WebAssembly.Memory
  /** Returns the imports of an instance with what notes calls of the host. */
  readonly bind: (imports: WebAssembly.Imports) => WebAssembly.Imports
  /** Notes a call of an instance by the host. */
  readonly entered: () => void
}

/** What reads debug information. A page downloads it with the first module that has any. */
export type DebugCode = typeof import('../wasm/debug/debug.ts')

/** What lets `update` run on several entities at once. A page downloads it with the first module that has an `update`. */
export type VectorCode = typeof import('../host/inline/vector-code.ts')

/**
 * All that rewriting a module depends on, beside the module and the engine. It is written as JSON: modules and plans that are
 * equal share their code.
 */
export interface CodePlan extends Pick<Limits, 'memoryPages' | 'tableElements' | 'jsonBytes'> {
  /** How calls of the imported functions are rewritten, by function index. */
  readonly imports: readonly ImportedCode[]
  /**
   * The memory of columns that the code may access, with the address of the batch, whether `update` may run on several
   * entities at once, and where it then reads who has a component; left out if it calls the host.
   */
  readonly inline?: { readonly batch: number | undefined; readonly vector?: boolean; readonly asked?: AskedPlaces | undefined } | undefined
  /** Whether the code has one memory even on an engine that supports several. @default false */
  readonly oneMemory?: true
  /** Where its own memory lies in the memory of columns, if it is a window of that. JSON leaves out the code that makes it so, which is always the same. */
  readonly window?: RewriteOptions['window']
  /** Whether it is one of several modules that call each other. @default false */
  readonly isLinked?: boolean
  /** The name of the module in stack traces. @default its own */
  readonly name?: string
  /** What traces it. Such a plan is not kept: it holds functions. */
  readonly trace?: CoreTrace | undefined
}

/** A module that is rewritten and not yet compiled. */
export interface RewrittenCode extends Pick<CoreModule, 'module' | 'options' | 'trace'> {
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

/**
 * Rewrites a module. If the engine does not validate it, the result must not run, and other errors are possible. `vectors` must be
 * there if the plan says so. Throws `InvalidBinary`, `TooLarge`.
 */
export function rewriteCoreModule(
  module: DecodedModule,
  { imports, inline, oneMemory, ...plan }: CodePlan,
  vectors?: VectorCode,
): RewrittenCode {
  const options: RewriteOptions = {
    ...plan,
    manyMemories: HAS_MULTI_MEMORY && oneMemory !== true,
    priceOf: (functionIndex) => imports[functionIndex]?.price ?? 0,
    mayCharge: (functionIndex) => imports[functionIndex]?.mayCharge === true,
    inlining:
      inline &&
      inlining(
        accessorsOf(imports),
        inline.batch,
        vectors && { append: vectors.appendVectors, asked: inline.asked, isRelaxed: HAS_RELAXED_VECTORS },
        plan.trace?.writeTurn,
      ),
  }
  return { module, options, trace: plan.trace, rewritten: rewriteModule(module, options) }
}

function accessorsOf(imports: readonly ImportedCode[]): Accessors {
  return new Map(imports.flatMap(({ accessor }, index) => (accessor === undefined ? [] : [[index, accessor] as const])))
}

/** Compiles the result of {@link rewriteCoreModule}. Rejects with `InvalidBinary`. */
export async function compileCoreModule({ module, options, trace, rewritten }: RewrittenCode): Promise<CoreModule> {
  const { bytes, ...rest } = rewritten
  const loading = hasDebugInformation(module) ? loadDebugCode() : undefined
  const [compiled, debug] = await Promise.all([compileModule(bytes), loading])
  return { module, options, trace, rewritten: rest, debug, compiled }
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
  /** The part of that memory in which the module has its own, if it is a window of it. */
  readonly window?: CoreWindow | undefined
}

/** An instance of a core module. */
export interface InstantiatedModule {
  readonly module: DecodedModule
  readonly exports: WebAssembly.Exports
  /** The memories of the instance, by index. */
  readonly memories: readonly InstanceMemory[]
}

/** Returns a memory that an instance exports; `undefined` if it exports none of that name. */
export function exportedMemoryOf({ module, memories }: InstantiatedModule, name: string): InstanceMemory | undefined {
  const index = module.exports.find((entry) => entry.kind === 'memory' && entry.name === name)?.index
  return index === undefined ? undefined : memories[index]
}

/** Creates an instance with memories of its own. Throws `OutOfMemory`, `ImportTypeMismatch`. */
export function instantiateCoreModule(
  core: CoreModule,
  imports: WebAssembly.Imports,
  { hostMemory, budget, window }: SharedParts,
): InstantiatedModule {
  const { compiled, rewritten, module, trace } = core
  const own: Record<string, WebAssembly.ImportValue> = budget === undefined ? {} : budgetImports(budget)
  if (rewritten.usesHostMemory) {
    for (const [index, { minimum, maximum }] of rewritten.memories.entries()) {
      own[`${RESERVED.memory}${index}`] = new WebAssembly.Memory({ initial: minimum, maximum })
    }
    const memory = hostMemory ?? trace?.memory
    if (memory !== undefined) own[RESERVED.hostMemory] = memory
  }
  const all = { ...(trace?.bind(imports) ?? imports), [RESERVED.module]: own }
  if (rewritten.window !== undefined && window !== undefined) {
    try {
      const { exports, memory } = window.instantiate(core, (placed) => instantiateModule(placed, all))
      return { module, exports, memories: [memory] }
    } catch (error) {
      throw toScriptError(error)
    }
  }
  const exports = instantiateModule(compiled, all)
  const memories = module.memories.map((_, index) => new EngineMemory(exports[`${RESERVED.memory}${index}`] as WebAssembly.Memory))
  return { module, exports, memories }
}
