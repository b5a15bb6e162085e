import type { SourceModule } from '../../wasm/text/source-module.ts'
import type { Guest, OpenOptions, Program } from '../guest.ts'
import { moduleCache } from '../module-cache.ts'
import type { ModuleDescription } from '../module-description.ts'
import { checkExports } from './check-exports.ts'
import { describeCoreModule } from './describe-core-module.ts'
import { compileLinked, linkModule, loadWindows } from './link-module.ts'
import { loadImports } from './load-imports.ts'
import { loadVectors } from './load-vectors.ts'
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
async function openScript(source: SourceModule, options: OpenOptions): Promise<Program> {
  const { limits, requires, link, vector, context, clock, cacheCounts, trace } = options
  const start = clock()
  const module = await moduleCache.decodeToCompile(source.bytes, cacheCounts)
  checkExports(module, requires, source)
  const vectors = await loadVectors(module, { link, vector })
  const windows = await loadWindows(module, link)
  const linkOptions = { limits, link, windows, vectors, trace }
  const linked = linkModule(source, module, { ...context, ...(await loadImports(module, context)) }, linkOptions)
  const compiling = compileLinked(module, linked, cacheCounts, vectors)
  const done = clock()
  const core = await compiling
  const ms = { link: done - start, compile: clock() - done }
  const hostMemory = context.ecs.components.reserve?.memory
  return new ScriptProgram({ guest: scriptGuest, source, core, ...linked, limits, hostMemory, ms })
}
