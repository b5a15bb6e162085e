import type { SourceModule } from '../../wasm/text/source-module.ts'
import type { Guest, OpenOptions, Program } from '../guest.ts'
import { moduleCache } from '../module-cache.ts'
import type { ModuleDescription } from '../module-description.ts'
import { checkExports } from './check-exports.ts'
import { describeCoreModule } from './describe-core-module.ts'
import { linkModule } from './link-module.ts'
import { loadImports } from './load-imports.ts'
import { ScriptProgram } from './script-program.ts'

/** The guest for core modules that follow the script ABI. It claims every module that no other guest claims. */
export const scriptGuest: Guest = {
  kind: 'script',
  capabilities: { snapshot: true, resumes: true, perEntity: true, inline: true },
  claims: () => true,
  describe: describeScript,
  open: openScript,
}

async function describeScript(source: SourceModule): Promise<ModuleDescription> {
  const module = await moduleCache.decode(source.bytes)
  checkExports(module, [], source)
  return { guest: scriptGuest.kind, ...describeCoreModule(module) }
}

/**
 * Checks, links, rewrites and compiles a module.
 *
 * Throws `InvalidBinary`, `TooLarge`, `MissingExport`, `SignatureMismatch`, `UnknownImport`, `GrantDenied`,
 * `ImportTypeMismatch`.
 */
async function openScript(source: SourceModule, { limits, requires, inline, context, clock, cacheCounts }: OpenOptions): Promise<Program> {
  const start = clock()
  const module = await moduleCache.decode(source.bytes, cacheCounts)
  checkExports(module, requires, source)
  const { imports, plan } = linkModule(source, module, { ...context, ...(await loadImports(module, context)) }, { limits, inline })
  const compiling = moduleCache.compile(module, plan, cacheCounts)
  const done = clock()
  const core = await compiling
  const ms = { link: done - start, compile: clock() - done }
  return new ScriptProgram({ guest: scriptGuest, source, core, imports, limits, hostMemory: context.ecs.components.reserve?.memory, ms })
}
