import type { Limits } from '../../abi/limits.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import type { Guest, OpenOptions, Program } from '../guest.ts'
import { moduleCache } from '../module-cache.ts'
import type { ModuleDescription } from '../module-description.ts'
import { checkExports } from '../script/check-exports.ts'
import { compileLinked, linkModule, loadWindows } from '../script/link-module.ts'
import { loadImports } from '../script/load-imports.ts'
import { loadVectors } from '../script/load-vectors.ts'
import { checkStart } from './check-start.ts'
import { describePluginModules } from './describe-plugin.ts'
import { envModule, refuseNetwork } from './env-module.ts'
import { compileKernel } from './kernel.ts'
import { decodeLinked, importModuleOf, openLinked } from './linked-modules.ts'
import { liveConfigValues } from './plugin-caller.ts'
import { PluginProgram } from './plugin-program.ts'
import { wasiModule } from './wasi-module.ts'

/** The name of a plugin's module in stack traces, where the functions of other modules stand beside its own. */
export const PLUGIN_NAME = 'extism_plugin'

/** Checks, links, rewrites and compiles a plugin. Throws the errors of a script, and `EngineUnavailable` for one that waits for the network. */
export async function openPlugin(guest: Guest, source: SourceModule, options: OpenOptions): Promise<Program> {
  const { requires, link, vector, context, clock, config, cacheCounts, trace } = options
  const limits = limitsFor(source, options.limits)
  const start = clock()
  const { manifest } = source
  const module = await moduleCache.decodeToCompile(source.bytes, cacheCounts)
  checkExports(module, requires, source, { isPlugin: true })
  refuseNetwork(module)
  checkStart(module)
  const shared = { ...context, ...(await loadImports(module, context)), guestModules: [envModule, wasiModule] }
  const linked = manifest === undefined ? [] : await openLinked(manifest.linked, limits, shared, cacheCounts)
  const guestModules = [...shared.guestModules, ...linked.map(({ name, core }) => importModuleOf({ name, module: core.module }))]
  const kernel = await compileKernel(limits, cacheCounts)
  const vectors = await loadVectors(module, { link, vector })
  const windows = await loadWindows(module, link)
  const linkOptions = { limits, link, windows, vectors, linkedAs: PLUGIN_NAME, trace }
  const code = linkModule(source, module, { ...shared, guestModules }, linkOptions)
  const compiling = compileLinked(module, code, cacheCounts, vectors)
  const done = clock()
  const core = await compiling
  const ms = { link: done - start, compile: clock() - done }
  return new PluginProgram({
    ...{ ...code, guest, source, core, kernel, linked, limits, ms, clock: context.clock },
    config: liveConfigValues(config, manifest?.config),
    hostMemory: context.ecs.components.reserve?.memory,
  })
}

/** Checks a plugin and the modules that it imports, without a world. Throws the errors of {@link openPlugin} but those of linking. */
export async function describePlugin(source: SourceModule): Promise<ModuleDescription> {
  const module = await moduleCache.decode(source.bytes)
  checkExports(module, [], source, { isPlugin: true })
  refuseNetwork(module)
  checkStart(module)
  return describePluginModules(module, await decodeLinked(source.manifest?.linked ?? []))
}

/** Returns the limits with the pages that the manifest allows, if those are fewer. */
export function limitsFor({ manifest }: SourceModule, limits: Limits): Limits {
  return manifest === undefined ? limits : { ...limits, memoryPages: Math.min(limits.memoryPages, manifest.memoryPages) }
}
