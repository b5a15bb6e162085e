import type { Limits } from '../../abi/limits.ts'
import { inlining } from '../../host/inline/inlining.ts'
import { type LinkedImports, linkImports } from '../../host/link/linker.ts'
import type { LinkContext } from '../../host/modules/import-module.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { type CoreModule, rewriteCoreModule } from '../core-module.ts'
import { locateImport } from './locate.ts'

/** How {@link linkModule} rewrites. */
interface LinkOptions {
  readonly limits: Limits
  /** Whether to inline accesses to columns. */
  readonly inline: boolean
  /** The name of the module in stack traces, if it is one of several modules that call each other. */
  readonly linkedAs?: string
}

/** A module that is linked and rewritten, and not yet compiled. */
interface LinkedCode {
  readonly imports: LinkedImports
  readonly rewritten: Omit<CoreModule, 'compiled'>
}

/** Links the imports of a module and rewrites it. Throws `UnknownImport`, `GrantDenied`, `ImportTypeMismatch`, `TooLarge`. */
export function linkModule(
  source: SourceModule,
  module: DecodedModule,
  context: LinkContext,
  { limits, inline, linkedAs }: LinkOptions,
): LinkedCode {
  const imports = linkImports(module, context, (error, entry) => locateImport(error, source, module, entry))
  const { priceOf, mayCharge, accessors } = imports
  const rewritten = rewriteCoreModule(module, {
    ...{ limits, priceOf, mayCharge },
    inlining: inline ? inlining(accessors, context.ecs.batch?.address) : undefined,
    ...(linkedAs !== undefined && { isLinked: true, name: linkedAs }),
  })
  return { imports, rewritten }
}
