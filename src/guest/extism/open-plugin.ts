import type { Limits } from '../../abi/limits.ts'
import { checkModule } from '../../engine/compile.ts'
import { ScriptError } from '../../errors.ts'
import { inlining } from '../../host/inline/inlining.ts'
import { linkImports } from '../../host/link/linker.ts'
import { decodeModule } from '../../wasm/decode/decode.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { compileCoreModule, rewriteCoreModule } from '../core-module.ts'
import type { Guest, OpenOptions, Program } from '../guest.ts'
import { checkExports } from '../script/check-exports.ts'
import { locateImport } from '../script/locate.ts'
import { mathFor } from '../script/math-for.ts'
import { ENV_MODULE, envModule } from './env-module.ts'
import { compileKernel } from './kernel.ts'
import { importModuleOf, openLinked } from './linked-modules.ts'
import { configValues } from './plugin-caller.ts'
import { PluginProgram } from './program.ts'
import { wasiModule } from './wasi-module.ts'

/** The name of a plugin's module in stack traces, where the kernel's functions stand beside its own. */
const PLUGIN = 'extism_plugin'

/** Checks, links, rewrites and compiles a plugin. Throws the errors of a script, and `EngineUnavailable` for one that waits for the network. */
export async function openPlugin(guest: Guest, source: SourceModule, options: OpenOptions): Promise<Program> {
  const { requires, inline, context, clock, config } = options
  const limits = limitsFor(source, options.limits)
  const start = clock()
  const { manifest } = source
  const module = decodeModule(source.bytes)
  await checkModule(source.bytes)
  checkExports(module, requires, source, { isPlugin: true })
  const shared = { ...context, math: await mathFor(module), guestModules: [envModule, wasiModule] }
  const linked = manifest === undefined ? [] : await openLinked(manifest.linked, limits, shared)
  for (const each of [module, ...linked.map(({ core }) => core.module)]) refuseNetwork(each)
  const guestModules = [...shared.guestModules, ...linked.map(({ name, core }) => importModuleOf({ name, module: core.module }))]
  const imports = linkImports(module, { ...shared, guestModules }, (error, entry) => locateImport(error, source, module, entry))
  const { components, batch } = context.ecs
  const rewritten = rewriteCoreModule(module, {
    limits,
    priceOf: imports.priceOf,
    mayCharge: imports.mayCharge,
    inlining: inline ? inlining(imports.accessors, batch?.address) : undefined,
    isLinked: true,
    name: PLUGIN,
  })
  const done = clock()
  const [core, kernel] = await Promise.all([compileCoreModule(rewritten), compileKernel(limits)])
  const ms = { link: done - start, compile: clock() - done }
  return new PluginProgram({
    ...{ guest, source, core, kernel, linked, imports, limits, ms, clock: context.clock },
    config: configValues(config, manifest?.config),
    hostMemory: components.reserve?.memory,
  })
}

/** Returns the limits with the pages that the manifest allows, if those are fewer. */
function limitsFor({ manifest }: SourceModule, limits: Limits): Limits {
  return manifest === undefined ? limits : { ...limits, memoryPages: Math.min(limits.memoryPages, manifest.memoryPages) }
}

/** Throws `EngineUnavailable` for a plugin that makes HTTP requests: the game cannot wait for them within a tick. */
function refuseNetwork({ imports }: DecodedModule): void {
  const found = imports.find(({ module, name }) => module === ENV_MODULE && name.startsWith('http_'))
  if (found === undefined) return
  throw new ScriptError(
    'EngineUnavailable',
    `the plugin imports ${ENV_MODULE}::${found.name}, which waits for the network, and a tick cannot wait`,
  )
}
