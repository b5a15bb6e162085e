import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as v from 'valibot'
import {
  type DevEnvironment,
  type EnvironmentModuleNode,
  isFileLoadingAllowed,
  normalizePath,
  type Plugin,
  type ResolvedConfig,
} from 'vite'
import { mayBeManifest } from '../files/manifest-file.ts'
import { ScriptError } from '../index.ts'
import { boolean, callable, checkOptions } from '../options.ts'
import { isPreparable } from '../runtime/load/source.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'
import { mistakeOf } from './hot-events.ts'
import { type BindingsOption, bindingsOption, type KeptBindings, keepBindings } from './keep-bindings.ts'
import { linkPath, linkTarget } from './link-path.ts'
import { isServer, LiveScripts } from './live-scripts.ts'
import { builtModule, changeOf, dataUrl, liveModule, liveUrlCall, liveUrlImport, overlayCloser, serverModule } from './module-code.ts'
import { overlayError, PLUGIN } from './overlay.ts'
import { projectScripts } from './project-scripts.ts'
import { scriptAsset } from './script-asset.ts'
import type { ScriptCompilers } from './script-compiler.ts'
import { type FileContent, NO_CONTENT } from './script-content.ts'
import { replaceScriptUrls } from './script-urls.ts'

/** Options of {@link bitscript}. */
export interface BitscriptPluginOptions {
  /**
   * Whether a build includes the text of scripts and the assembler (690 kB, loaded on first use), for pages in which scripts
   * are edited. Without it, a build contains only modules and cannot load WAT text.
   * @default false
   */
  readonly editable?: boolean
  /**
   * Compilers for other languages than C (`.c`), Rust (`.rs`) and AssemblyScript (`.ts`), by file extension, or in place of them:
   * `{ '.as': ({ file, content }) => compile(content) }`. One that returns `{ module, watch }` names the other files that a script depends on. An
   * error that a compiler throws is shown as a mistake in the script, at its `loc` if it has one.
   * @default {}
   */
  readonly compilers?: ScriptCompilers
  /**
   * Keeps the files that `bitscript bindings` wrote beside a simulation and its scripts up to date in development: `{ sim: './sim/index.ts' }`,
   * from Vite's root on. It looks at the start and when a module in the folder of the simulation is saved. A file that was edited stays as it is.
   * @default none are kept up to date
   */
  readonly bindings?: BindingsOption
}

const QUERY = /\?(?:.*&)?script(?:$|&)/
/** WAT text that is imported as if it were JavaScript. */
const PLAIN_TEXT = /^[^?]+\.wat$/i
const ASSEMBLER = /(^|\/)wabt(\.js)?$/
/** The end of a manifest's id: what ends in `.json` is no JavaScript to Vite, whatever its query is. */
const MANIFEST_END = '.script'
const MANIFEST = /(\.json)(?:\.script)?\?/i
const NO_ASSEMBLER = '\0bitscript:no-assembler'
/** The folder of this package. */
const PACKAGE = normalizePath(join(import.meta.dirname, '../..'))
/** The module that runs where the runtime is. Vite resolves its extension. */
const CLIENT = join(import.meta.dirname, 'client')
const pluginOptions = v.strictObject(
  {
    editable: v.optional(boolean),
    compilers: v.optional(v.record(v.string(), callable<ScriptCompilers[string]>(), 'an object of functions by extension')),
    bindings: v.optional(bindingsOption),
  },
  'an object of options',
)

/**
 * Returns a Vite plugin with which `import mover from './mover.wat?script'` is a `ScriptAsset` for `loadModule`. In
 * development, saving a script reloads it in every runtime, and Vite's overlay shows mistakes. A build compiles scripts to
 * `.wasm` assets. The same holds for scripts that are loaded by `new URL('./mover.wat', import.meta.url)`, and for manifests of Extism
 * plugins, such as `./plugin.json?script`, with the modules that they name.
 *
 * @throws {ScriptError} InvalidOptions
 * @example
 * export default defineConfig({ plugins: [bitscript()] })
 */
export function bitscript(options: BitscriptPluginOptions = {}): Plugin {
  checkOptions(pluginOptions, options, 'bitscript')
  const { editable = false, compilers = {}, bindings } = options
  for (const extension of Object.keys(compilers)) {
    if (!/^\.\w+$/.test(extension))
      throw new ScriptError('InvalidOptions', `compilers must be named by a file extension, such as '.as', not '${extension}'`)
  }
  const scripts = projectScripts(compilers, () => config)
  const { isScript, nameOf, compile } = scripts
  const fileOf = (id: string): string | undefined => {
    const file = id.replace(MANIFEST, '$1?').replace(/\?.*$/, '')
    return QUERY.test(id) && isScript(file) ? file : undefined
  }
  let config: ResolvedConfig
  let live: LiveScripts | undefined
  let kept: KeptBindings | undefined
  /** Returns whether Vite may give out a file, and where it leads to if it is a link. */
  const mayServe = (file: string): boolean => [file, linkTarget(file) ?? file].every((path) => isFileLoadingAllowed(config, path))
  /** The modules whose code holds what only the server can make, by its file. */
  const holders = new Map<string, Set<string>>()

  /** Lets the scripts that a module's code loads by their URLs follow the saves of their files. */
  async function followUrls(
    live: LiveScripts,
    environment: DevEnvironment,
    code: string,
    id: string,
  ): Promise<{ code: string; map: null } | undefined> {
    const replaced = await replaceScriptUrls(code, id, scripts, async (file, script, expression) => {
      const isRefused = !isServer(environment) && [file, ...script.modules].some((path) => !mayServe(path))
      if (isRefused) return undefined
      // A page cannot prepare a component, and nothing but this process compiles a source, so the code holds the module.
      const isMade = scripts.isSource(file) || (!isServer(environment) && isPreparable(script.content))
      if (isMade) holders.set(file, (holders.get(file) ?? new Set()).add(id))
      let module: SourceModule | undefined
      try {
        module = await compile(file, script.content)
        live.serve(environment, file, file, script, module)
      } catch (error) {
        if (!(error instanceof ScriptError)) throw error
        live.serveMistake(environment, file, file, script)
        // What loads it reports the mistake, unless only the server can know it.
        if (isMade) throw error
      }
      const url = isMade && module !== undefined ? `new URL(${JSON.stringify(dataUrl(file, module))})` : expression
      return liveUrlCall(url, file, nameOf(file), isServer(environment))
    })
    return replaced === undefined ? undefined : { code: `${replaced}\n${liveUrlImport(CLIENT)}`, map: null }
  }

  return {
    name: PLUGIN,
    enforce: 'pre',

    config: (_, { command }) => ({
      // A dependency that Vite discovers late makes it reload the page.
      ...(command === 'serve' && { optimizeDeps: { include: ['bitecs'] } }),
    }),

    configResolved(resolved) {
      config = resolved
    },

    configureServer(server) {
      live = new LiveScripts(server, scripts)
      // A test run starts a server, too.
      if (bindings === undefined || process.env.VITEST !== undefined) return
      kept = keepBindings(bindings, config.root, config.logger)
      server.watcher.add(kept.folder)
      server.watcher.on('all', (_, file) => void kept?.changed(file))
    },

    closeBundle() {
      live?.close()
      kept?.close()
    },

    transformIndexHtml: {
      order: 'pre',
      handler: () => (live === undefined ? undefined : [{ tag: 'script', attrs: { type: 'module' }, children: overlayCloser(CLIENT) }]),
    },

    resolveId: {
      filter: { id: [ASSEMBLER, QUERY] },
      async handler(id, importer, options) {
        if (ASSEMBLER.test(id)) {
          // Replaces only this package's import of the assembler.
          return config.command === 'build' && !editable && importer?.startsWith(PACKAGE) === true ? NO_ASSEMBLER : undefined
        }
        const found = await this.resolve(id.replace(MANIFEST, '$1?'), importer, { ...options, skipSelf: true })
        if (found === null || fileOf(found.id) === undefined) return found
        const [file = '', query = ''] = found.id.split(/(?=\?)/)
        const path = linkPath(id.replace(MANIFEST, '$1?'), importer, config.root, file) ?? file
        return (path + query).replace(MANIFEST, `$1${MANIFEST_END}?`)
      },
    },

    load: {
      filter: { id: [QUERY, PLAIN_TEXT, /bitscript:no-assembler$/] },
      async handler(id) {
        if (id === NO_ASSEMBLER) {
          return "throw new Error('this build has no assembler: give the plugin bitscript({ editable: true }), or load scripts by import')"
        }
        const { environment } = this
        const refuse = (error: ScriptError): never => this.error(overlayError(mistakeOf(id, error), config))
        if (PLAIN_TEXT.test(id)) return config.assetsInclude(id) ? undefined : refuse(new ScriptError('LoadFailed', plainImport(id)))
        const file = fileOf(id)
        if (file === undefined) return undefined
        const isBuild = environment.mode === 'build'
        if (!isBuild && !isServer(environment) && !mayServe(normalizePath(file))) {
          return refuse(notServed(nameOf(file)))
        }
        this.addWatchFile(file)
        let script: FileContent | undefined
        try {
          script = await scripts.read(file)
          if (script === undefined) throw new ScriptError('LoadFailed', `${nameOf(file)} could not be read`)
          for (const path of script.modules) this.addWatchFile(path)
          const outside = isBuild || isServer(environment) ? undefined : script.modules.find((path) => !mayServe(path))
          if (outside !== undefined) throw notServed(nameOf(outside))
          const module = await compile(file, script.content)
          for (const path of scripts.compiled(file, script).dependencies) if (existsSync(path)) this.addWatchFile(path)
          const code = (served: FileContent): string => {
            if (!isBuild) {
              const change = live?.serve(environment as DevEnvironment, id, file, served, module)
              return liveModule(CLIENT, change ?? changeOf(id, nameOf(file), 1, module), isServer(environment))
            }
            const text = editable ? module.text : undefined
            if (isServer(environment)) return serverModule(nameOf(file), module, text)
            const emit = (name: string, source: Uint8Array): string => this.emitFile({ type: 'asset', name: `${name}.wasm`, source })
            return builtModule(nameOf(file), module, text, emit)
          }
          // By its name, a manifest is JSON.
          return { code: code(script), moduleType: 'js' }
        } catch (error) {
          if (!(error instanceof ScriptError)) throw error
          if (!isBuild) live?.serveMistake(environment as DevEnvironment, id, file, script ?? NO_CONTENT)
          return refuse(error)
        }
      },
    },

    transform: {
      filter: { code: /\bnew\s+URL\b/ },
      async handler(code, id) {
        const { environment } = this
        if (environment.mode !== 'build') {
          if (live === undefined) return undefined
          return followUrls(live, environment as DevEnvironment, code, id).catch((error: unknown) =>
            error instanceof ScriptError ? this.error(overlayError(mistakeOf(id, error), config)) : Promise.reject(error),
          )
        }
        const replaced = await replaceScriptUrls(code, id, scripts, async (file, script) => {
          for (const path of [file, ...script.modules]) this.addWatchFile(path)
          const module = await compile(file, script.content).catch((error: unknown) => {
            if (!(error instanceof ScriptError)) throw error
            // Rolldown names the place of the URL, so the message has to name that of the mistake.
            return this.error({ ...overlayError(mistakeOf(id, error), config), message: error.message })
          })
          for (const path of scripts.compiled(file, script).dependencies) if (existsSync(path)) this.addWatchFile(path)
          const url = isServer(environment)
            ? JSON.stringify(dataUrl(file, module))
            : `import.meta.ROLLUP_FILE_URL_${this.emitFile(scriptAsset(environment.config.build.assetsDir, file, module, editable))}`
          return `new URL(${url}, import.meta.url)`
        })
        return replaced === undefined ? undefined : { code: replaced, map: null }
      },
    },

    async hotUpdate({ type, file, modules, timestamp }) {
      if (live === undefined) return undefined
      const { environment } = this
      const own = new Set<EnvironmentModuleNode>()
      let isScriptFile = false
      for (const script of live.scriptsOf(file)) {
        for (const id of holders.get(script) ?? []) {
          const holder = environment.moduleGraph.getModuleById(id)
          if (holder !== undefined) environment.moduleGraph.invalidateModule(holder)
        }
        const imports = [...(environment.moduleGraph.getModulesByFile(moduleFile(script)) ?? [])].filter(
          ({ id }) => id !== null && fileOf(id) !== undefined,
        )
        for (const module of imports) own.add(module)
        const ids = [...imports.map(({ id }) => id as string), ...(live.servesUrl(environment, script) ? [script] : [])]
        if (ids.length === 0) continue
        isScriptFile = true
        if (type === 'delete' && !scripts.dependsOn(script, file)) live.removed(environment, ids, script, file)
        else await live.saved(environment, ids, script, timestamp)
      }
      if (!isScriptFile) return undefined
      // Modules that were never transformed are only watched; returning them would make Vite reload the page.
      return modules.filter((module) => module.transformResult !== null && !own.has(module))
    },
  }
}

function plainImport(id: string): string {
  const name = basename(id)
  return `${name} is WAT text, not JavaScript: import './${name}?script' for a script, '?raw' for its text, or '?url' for its address`
}

/** Returns the file of the modules that import a script. */
function moduleFile(script: string): string {
  return mayBeManifest(script) ? script + MANIFEST_END : script
}

function notServed(name: string): ScriptError {
  return new ScriptError('LoadFailed', `${name} is not in a folder that Vite may serve: add its folder to server.fs.allow`)
}
