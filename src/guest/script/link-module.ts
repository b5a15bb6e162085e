import type { Limits } from '../../abi/limits.ts'
import { notLoaded } from '../../errors.ts'
import { type LinkedImports, linkImports } from '../../host/link/linker.ts'
import type { LinkContext } from '../../host/modules/import-module.ts'
import { HAS_MULTI_MEMORY } from '../../multi-memory.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { type CodePlan, type CoreModule, compileCoreModule, rewriteCoreModule, rewriteLimits, type VectorCode } from '../core-module.ts'
import type { CoreWindow } from '../core-window.ts'
import type { TraceMaker } from '../guest.ts'
import { type CacheCounts, moduleCache } from '../module-cache.ts'
import type { Link } from '../module-description.ts'

/** How {@link linkModule} plans. */
interface LinkOptions {
  readonly limits: Limits
  /** How the module is to reach columns. */
  readonly link: Link
  /** What {@link loadWindows} returned for the module. */
  readonly windows: WindowPlanner | undefined
  /** What {@link loadVectors} returned for the module. */
  readonly vectors: VectorCode | undefined
  /** The name of the module in stack traces, if it is one of several modules that call each other. */
  readonly linkedAs?: string
  /** Returns what traces the module. @default nothing does */
  readonly trace?: TraceMaker | undefined
  /** The module before its imports were renamed. @default it was not */
  readonly original?: DecodedModule
}

/** The imports of a module, and how its code is to be rewritten. */
export interface LinkedCode {
  readonly imports: LinkedImports
  readonly plan: CodePlan
  /** The part of the ECS memory that is to be its own memory, if one is. {@link compileLinked} gives it back if it fails. */
  readonly window: CoreWindow | undefined
  /** Why its memory is not in the ECS memory, on an engine with one memory; `undefined` if it need not be. */
  readonly withoutWindow: string | undefined
}

/** What makes windows. A page downloads it where a module can have one memory, with the first that has one of its own and may reach columns. */
type WindowPlanner = typeof import('../plan-window.ts')

/** Loads what makes the memory of a module a window of the ECS memory; `undefined` if it need not be one. */
export async function loadWindows({ memories }: DecodedModule, link: Link): Promise<WindowPlanner | undefined> {
  if (memories.length === 0 || link === 'host' || (link === 'inline' && HAS_MULTI_MEMORY)) return undefined
  return import('../plan-window.ts').catch(notLoaded('the code that puts the memory of a script beside the columns'))
}

/** Links the imports of a module. Throws `UnknownImport`, `GrantDenied`, `ImportTypeMismatch`, `OutOfMemory`. */
export function linkModule(
  source: SourceModule,
  module: DecodedModule,
  context: LinkContext,
  { limits, link, windows, vectors, linkedAs, trace, original = module }: LinkOptions,
): LinkedCode {
  const imports = linkImports(module, context, (refused) => source.reader?.locateImports(refused, source, module) ?? refused[0].error)
  const plan: CodePlan = {
    ...rewriteLimits(limits),
    imports: imports.code,
    inline:
      link === 'host'
        ? undefined
        : { batch: context.ecs.batch?.address, vector: vectors !== undefined, asked: vectors?.placeAsked(context.ecs, module) },
    ...(link === 'window' && { oneMemory: true as const }),
    ...(linkedAs !== undefined && { isLinked: true, name: linkedAs }),
    ...(trace !== undefined && { trace: trace({ module, original, source }) }),
  }
  const allocated = windows?.allocateWindow(module, plan, context.ecs.components.reserve)
  return { imports, ...(allocated ?? { plan, window: undefined, withoutWindow: undefined }) }
}

/** Rewrites a module at once, and compiles it. Gives its window back if it fails, or does not need it. */
export function compileLinked(
  module: DecodedModule,
  { plan, window }: Pick<LinkedCode, 'plan' | 'window'>,
  counts: CacheCounts,
  vectors?: VectorCode,
): Promise<CoreModule> {
  const compile = async (compiling: Promise<CoreModule>): Promise<CoreModule> => {
    try {
      const core = await compiling
      if (core.rewritten.window === undefined) window?.dispose()
      return core
    } catch (error) {
      window?.dispose()
      throw error
    }
  }
  try {
    if (plan.trace !== undefined) return compile(compileCoreModule(rewriteCoreModule(module, plan)))
    return compile(moduleCache.compile(module, plan, counts, vectors))
  } catch (error) {
    window?.dispose()
    throw error
  }
}
