import type { Limits } from '../../abi/limits.ts'
import { type LinkedImports, linkImports } from '../../host/link/linker.ts'
import type { LinkContext } from '../../host/modules/import-module.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { type CodePlan, rewriteLimits } from '../core-module.ts'

/** How {@link linkModule} plans. */
interface LinkOptions {
  readonly limits: Limits
  /** Whether to inline accesses to columns. */
  readonly inline: boolean
  /** The name of the module in stack traces, if it is one of several modules that call each other. */
  readonly linkedAs?: string
}

/** The imports of a module, and how its code is to be rewritten. */
interface LinkedCode {
  readonly imports: LinkedImports
  readonly plan: CodePlan
}

/** Links the imports of a module. Throws `UnknownImport`, `GrantDenied`, `ImportTypeMismatch`. */
export function linkModule(
  source: SourceModule,
  module: DecodedModule,
  context: LinkContext,
  { limits, inline, linkedAs }: LinkOptions,
): LinkedCode {
  const imports = linkImports(module, context, (error, entry) => source.reader?.locateImport(error, source, module, entry) ?? error)
  const plan: CodePlan = {
    ...rewriteLimits(limits),
    imports: imports.code,
    inline: inline ? { batch: context.ecs.batch?.address } : undefined,
    ...(linkedAs !== undefined && { isLinked: true, name: linkedAs }),
  }
  return { imports, plan }
}
