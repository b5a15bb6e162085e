import { EXPORT, exportRule } from '../../abi/exports.ts'
import { PRICES } from '../../abi/prices.ts'
import { compileModule, instantiateModule } from '../../engine/compile.ts'
import { ScriptError } from '../../errors.ts'
import type { FixedModule, LinkContext } from '../../host/modules/import-module.ts'
import { labelOf } from '../../host/modules/lookup.ts'
import { MAX_MESSAGE_BYTES } from '../../host/services/script-log.ts'
import { writeJson } from '../../json.ts'
import { abbreviate } from '../../printable.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import { RESERVED } from '../../wasm/format/reserved.ts'
import { type Renaming, renameModule } from '../../wasm/rewrite/rename.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import type { CoreModule } from '../core-module.ts'
import type { Guest, OpenOptions, Program } from '../guest.ts'
import { moduleCache } from '../module-cache.ts'
import { checkExports, isPluginFunction } from '../script/check-exports.ts'
import { linkModule } from '../script/link-module.ts'
import { LinkedTracer } from '../script/linked-tracer.ts'
import { NOTHING_LATER } from '../script/load-imports.ts'
import { checkStart } from './check-start.ts'
import { describePluginModules } from './describe-plugin.ts'
import { ENV_MODULE, envModule } from './env-module.ts'
import { importModuleOf, openLinked } from './linked-modules.ts'
import { limitsFor, PLUGIN_NAME } from './open-plugin.ts'
import { configValues } from './plugin-caller.ts'
import { WASI_MODULE, wasiModule } from './wasi-module.ts'
import { WORKER } from './worker-binary.ts'
import { entryModule, PLUGIN_MODULE, type StartFunction } from './worker-entry.ts'
import { WorkerProgram } from './worker-program.ts'

const DEFAULT_TIMEOUT_MS = 5000
/** How often the blocks of a call may hold `limits.jsonBytes`. */
const BLOCKS = 4
const MAX_I32 = 2 ** 31 - 1

/** The functions of `worker.wat`, which cost fuel by themselves. */
const CHARGED: ReadonlySet<string> = new Set([
  ...['alloc', 'output_set', 'config_get', 'var_get', 'var_set'],
  ...['log_trace', 'log_debug', 'log_info', 'log_warn', 'log_error'],
  ...['http_request', 'http_headers', 'http_status_code'],
])
/** Exports that the SDK would call by itself, before a call has fuel. */
const BEGIN: readonly string[] = ['_initialize', '_start', 'hs_init']
const HIDDEN = 'begin:'
/** Exports of the script ABI that a plugin may have for itself. */
const OWN_EXPORTS: readonly string[] = [EXPORT.memory, EXPORT.alloc, EXPORT.dealloc]

const HTTP = {
  http_request: [['i64', 'i64'], ['i64'], 'send a request; the block of the body of its response'],
  http_status_code: [[], ['i32'], 'the status of the last response'],
  http_headers: [[], ['i64'], 'the block of the headers of the last response, as JSON'],
} as const

/** `extism:host/env` with HTTP. The SDK implements all of it. */
const workerEnv: FixedModule = {
  module: ENV_MODULE,
  functions: {
    ...Object.fromEntries(
      Object.entries(envModule.functions).map(([name, row]) => [name, { ...row, price: CHARGED.has(name) ? 0 : PRICES.read }]),
    ),
    ...Object.fromEntries(
      Object.entries(HTTP).map(([name, [params, results, meaning]]) => [
        name,
        { params, results, meaning, price: 0, implement: () => () => undefined },
      ]),
    ),
  },
}

/** Checks, links, rewrites and compiles a plugin for a worker. Throws the errors of a script, and `InvalidOptions` for what no worker can do. */
export async function openWorkerPlugin(guest: Guest, source: SourceModule, options: OpenOptions): Promise<Program> {
  const { requires, context, clock, config, late, cacheCounts } = options
  const { manifest } = source
  const sources = manifest?.linked ?? []
  const given = limitsFor(source, options.limits)
  // There is one instance of each module.
  const limits = { ...given, memoryPages: Math.min(given.memoryPages, Math.floor(given.totalMemoryPages / (1 + sources.length))) }
  const start = clock()
  const module = await moduleCache.decode(source.bytes, cacheCounts)
  const linkedNames = sources.map(({ name }) => name)
  const check = (each: DecodedModule): void => checkForWorker(each, linkedNames)
  check(module)
  checkExports(module, requires, source, { isPlugin: true })
  checkStart(module)
  const renaming = renamingOf(linkedNames)
  const shared: LinkContext = { ...context, ...NOTHING_LATER, guestModules: [workerEnv, wasiModule] }
  const linked = await openLinked(sources, limits, shared, cacheCounts, { check, renaming })
  const guestModules = [...(shared.guestModules ?? []), ...linked.map(({ name, core }) => importModuleOf({ name, module: core.module }))]
  const linkOptions = { limits, link: 'host', windows: undefined, vectors: undefined, linkedAs: PLUGIN_NAME } as const
  const { plan } = linkModule(source, module, { ...shared, guestModules }, linkOptions)
  const renamed = await moduleCache.decode(renameModule(module, renaming), cacheCounts)
  const compiling = moduleCache.compile(renamed, plan, cacheCounts)
  const done = clock()
  const entry = entryModule({
    functions: module.exports.filter((each) => isPluginFunction(module, each)).map(({ name }) => name),
    starts: [...linked.flatMap(({ name, core }) => startsOfLinked(nameOfLinked(name), core.module)), ...startsOf(renamed)],
    fuel: limits.fuel,
    blockBytes: Math.min(BLOCKS * limits.jsonBytes, MAX_I32),
  })
  const [core, entryCompiled, charging] = await Promise.all([compiling, compileModule(entry), compileModule(bytesOf(WORKER))])
  for (const each of [core, ...linked.map((one) => one.core)]) checkInstance(each)
  const libraries = linked.map(({ name, core: { module } }) => ({ name, module }))
  const all = [module, ...libraries.map((one) => one.module)]
  const values = configValues(config(), manifest?.config)
  return new WorkerProgram({
    ...{ guest, source, core, all, limits, clock: context.clock, late },
    tracer: new LinkedTracer(source, { core, original: module }, linked),
    configValues: values,
    description: describePluginModules(module, libraries, [workerEnv, wasiModule]),
    ms: { link: done - start, compile: clock() - done },
    worker: {
      modules: new Map([
        [RESERVED.module, charging],
        ...linked.map((each) => [nameOfLinked(each.name), each.core.compiled] as const),
        [PLUGIN_MODULE, core.compiled],
        ['main', entryCompiled],
      ]),
      config: Object.fromEntries(values),
      useWasi: all.some(usesWasi),
      // Without a grant, a script may import everything, but reach no host.
      hosts: context.grant?.hosts ?? [],
      jsonBytes: limits.jsonBytes,
      loadMs: limits.loadMs,
      timeoutMs: Math.min(late.timeoutMs ?? DEFAULT_TIMEOUT_MS, manifest?.timeoutMs ?? MAX_I32),
      log: (level, message) => context.log.line(level, () => message.slice(0, MAX_MESSAGE_BYTES)),
      init: new TextEncoder().encode(writeJson(config())),
    },
  })
}

/** Throws `InvalidOptions` for a module that acts on the game, which a worker cannot. */
function checkForWorker(module: DecodedModule, linked: readonly string[]): void {
  const advice = 'Load it without worker: true'
  const known = [ENV_MODULE, WASI_MODULE, ...linked]
  const foreign = module.imports.find((each) => !known.includes(each.module))
  if (foreign !== undefined) {
    const only = 'a plugin in a worker has the functions of the PDK, WASI, and the modules of its manifest'
    throw new ScriptError('InvalidOptions', `it imports ${labelOf(foreign.module, foreign.name)}, and ${only}. ${advice}`)
  }
  for (const entry of module.exports) {
    if (exportRule(entry.name) === undefined || OWN_EXPORTS.includes(entry.name) || isPluginFunction(module, entry)) continue
    const why = 'which is called within a tick as that of a script is, and a worker answers later'
    throw new ScriptError('InvalidOptions', `it exports '${abbreviate(entry.name)}', ${why}. ${advice}, or give it the type () → i32`)
  }
  const hasMemory = module.exports.some(({ name, kind }) => name === EXPORT.memory && kind === 'memory')
  if (usesWasi(module) && !hasMemory) throw new ScriptError('MissingExport', "it uses WASI, so it must export its memory as 'memory'")
}

function usesWasi({ imports }: DecodedModule): boolean {
  return imports.some(({ module }) => module === WASI_MODULE)
}

function nameOfLinked(name: string): string {
  return `bitscript:linked:${name}`
}

/** Returns the names with which modules find each other in the SDK, whatever their own names are. */
function renamingOf(linked: readonly string[]): Renaming {
  return {
    importOf({ module, name }) {
      if (module === ENV_MODULE) return { module: CHARGED.has(name) ? RESERVED.module : module, name }
      return { module: linked.includes(module) ? nameOfLinked(module) : module, name }
    },
    exportsOf: (name) => [BEGIN.includes(name) ? `${HIDDEN}${name}` : name],
  }
}

/** Returns the functions that the module of a plugin begins with: see `PluginInstance.start`. */
function startsOf(module: DecodedModule): readonly StartFunction[] {
  const [initialize, main, haskell] = BEGIN.map((name) => exported(PLUGIN_MODULE, module, name))
  const first = [...startFunction(PLUGIN_MODULE, module), ...(initialize ?? [])]
  if (haskell !== undefined && haskell.length > 0) return [...first, ...haskell]
  return initialize !== undefined && initialize.length > 0 ? first : [...first, ...(main ?? [])]
}

function startsOfLinked(name: string, module: DecodedModule): readonly StartFunction[] {
  return [...startFunction(name, module), ...exported(name, module, '_initialize')]
}

function startFunction(name: string, { start }: DecodedModule): readonly StartFunction[] {
  return start === undefined ? [] : [{ module: name, name: RESERVED.start, type: { params: [], results: [] } }]
}

function exported(module: string, { exports, functions }: DecodedModule, name: string): readonly StartFunction[] {
  const hidden = `${HIDDEN}${name}`
  const index = exports.find((entry) => entry.name === hidden && entry.kind === 'func')?.index
  const type = index === undefined ? undefined : functions[index]
  return type === undefined ? [] : [{ module, name: hidden, type }]
}

/** Makes an instance here, and drops it: in a worker, a failure would end the process. Throws `Trap`, `OutOfMemory`. */
function checkInstance({ compiled }: CoreModule): void {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {}
  for (const { module, name, kind } of WebAssembly.Module.imports(compiled)) {
    const own = imports[module] ?? {}
    imports[module] = own
    own[name] = kind === 'global' ? new WebAssembly.Global({ value: 'i32', mutable: true }, 0) : () => 0
  }
  instantiateModule(compiled, imports)
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}
