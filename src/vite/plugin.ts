import { createHash } from 'node:crypto'
import { basename, extname, join, posix, relative } from 'node:path'
import * as v from 'valibot'
import { type DevEnvironment, isFileLoadingAllowed, normalizePath, type Plugin, type ResolvedConfig } from 'vite'
import { readScriptFile } from '../files/read-script-file.ts'
import { DEFAULT_LIMITS, ScriptError } from '../index.ts'
import { boolean, callable, checkOptions } from '../options.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'
import { mistakeOf } from './hot-events.ts'
import { isServer, LiveScripts } from './live-scripts.ts'
import { baseName, builtModule, changeOf, dataUrl, liveModule, serverModule } from './module-code.ts'
import { overlayError, PLUGIN } from './overlay.ts'
import { compileScript, type ScriptCompilers } from './script-compiler.ts'
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
   * Compilers for other languages, by file extension: `{ '.as': ({ file, content }) => compile(content) }`. An error that a
   * compiler throws is shown as a mistake in the script.
   * @default {}
   */
  readonly compilers?: ScriptCompilers
}

const QUERY = /\?(?:.*&)?script(?:$|&)/
/** WAT text that is imported as if it were JavaScript. */
const PLAIN_TEXT = /^[^?]+\.wat$/i
const NO_ASSEMBLER = '\0bitscript:no-assembler'
/** The folder of this package. */
const PACKAGE = normalizePath(join(import.meta.dirname, '../..'))
/** The module that runs where the runtime is. Vite resolves its extension. */
const CLIENT = join(import.meta.dirname, 'client')
const pluginOptions = v.strictObject(
  {
    editable: v.optional(boolean),
    compilers: v.optional(v.record(v.string(), callable<ScriptCompilers[string]>(), 'an object of functions by extension')),
  },
  'an object of options',
)

/**
 * Returns a Vite plugin with which `import mover from './mover.wat?script'` is a `ScriptAsset` for `loadModule`. In
 * development, saving a script reloads it in every runtime, and Vite's overlay shows mistakes. A build compiles scripts to
 * `.wasm` assets, also those of `new URL('./mover.wat', import.meta.url)`.
 *
 * @throws {ScriptError} InvalidOptions
 * @example
 * export default defineConfig({ plugins: [bitscript()] })
 */
export function bitscript(options: BitscriptPluginOptions = {}): Plugin {
  checkOptions(pluginOptions, options, 'bitscript')
  const { editable = false, compilers = {} } = options
  for (const extension of Object.keys(compilers)) {
    if (!/^\.\w+$/.test(extension))
      throw new ScriptError('InvalidOptions', `compilers must be named by a file extension, such as '.as', not '${extension}'`)
  }
  const extensions = ['.wat', '.wasm', ...Object.keys(compilers)]
  const isScript = (file: string): boolean => extensions.includes(extname(file)) || extensions.includes(extname(file).toLowerCase())
  const fileOf = (id: string): string | undefined => {
    const file = id.replace(/\?.*$/, '')
    return QUERY.test(id) && isScript(file) ? file : undefined
  }
  let config: ResolvedConfig
  let live: LiveScripts | undefined
  const nameOf = (file: string): string => nameIn(config.root, file)
  const compile = (file: string, content: Uint8Array): Promise<SourceModule> => compileScript(file, nameOf(file), content, compilers)

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
      live = new LiveScripts(server, { nameOf, compile })
    },

    closeBundle() {
      live?.close()
    },

    resolveId: {
      filter: { id: /(^|\/)wabt(\.js)?$/ },
      // Replaces only this package's import of the assembler.
      handler: (_, importer) =>
        config.command === 'build' && !editable && importer?.startsWith(PACKAGE) === true ? NO_ASSEMBLER : undefined,
    },

    load: {
      filter: { id: [QUERY, PLAIN_TEXT, /bitscript:no-assembler$/] },
      async handler(id) {
        if (id === NO_ASSEMBLER) {
          return "throw new Error('this build has no assembler: give the plugin bitscript({ editable: true }), or load scripts by import')"
        }
        const { environment } = this
        const refuse = (error: ScriptError): never => this.error(overlayError(mistakeOf(id, error), config.root))
        if (PLAIN_TEXT.test(id)) return config.assetsInclude(id) ? undefined : refuse(new ScriptError('LoadFailed', plainImport(id)))
        const file = fileOf(id)
        if (file === undefined) return undefined
        const isBuild = environment.mode === 'build'
        if (!isBuild && !isServer(environment) && !isFileLoadingAllowed(config, normalizePath(file))) {
          return refuse(
            new ScriptError('LoadFailed', `${nameOf(file)} is not in a folder that Vite may serve: add its folder to server.fs.allow`),
          )
        }
        this.addWatchFile(file)
        let content: Uint8Array | undefined
        try {
          content = await readScriptFile(file, DEFAULT_LIMITS.moduleBytes)
          if (content === undefined) throw new ScriptError('LoadFailed', `${nameOf(file)} could not be read`)
          const module = await compile(file, content)
          const text = editable ? module.text : undefined
          if (!isBuild) {
            const served = live?.serve(environment as DevEnvironment, id, file, content, module)
            return liveModule(CLIENT, nameOf(file), served ?? changeOf(id, 1, module), isServer(environment))
          }
          if (isServer(environment)) return serverModule(nameOf(file), module, text)
          const reference = this.emitFile({ type: 'asset', name: `${baseName(file)}.wasm`, source: module.bytes })
          return builtModule(nameOf(file), reference, text)
        } catch (error) {
          if (!(error instanceof ScriptError)) throw error
          if (!isBuild) live?.serveMistake(environment as DevEnvironment, id, file, content ?? new Uint8Array())
          return refuse(error)
        }
      },
    },

    transform: {
      filter: { code: /\bnew\s+URL\b/ },
      async handler(code, id) {
        const { environment } = this
        if (environment.mode !== 'build') return undefined
        const replaced = await replaceScriptUrls(code, id, isScript, async (file, content) => {
          this.addWatchFile(file)
          const module = await compile(file, content).catch((error: unknown) => {
            if (!(error instanceof ScriptError)) throw error
            // Rolldown names the place of the URL, so the message has to name that of the mistake.
            return this.error({ ...overlayError(mistakeOf(id, error), config.root), message: error.message })
          })
          if (isServer(environment)) return JSON.stringify(dataUrl(file, module))
          const asset = scriptAsset(environment.config.build.assetsDir, file, module, editable)
          return `import.meta.ROLLUP_FILE_URL_${this.emitFile(asset)}`
        })
        return replaced === undefined ? undefined : { code: replaced, map: null }
      },
    },

    async hotUpdate({ type, file, modules, timestamp }) {
      const { environment } = this
      const own = modules.filter(({ id }) => id !== null && fileOf(id) !== undefined)
      if (own.length === 0) return undefined
      const ids = own.map(({ id }) => id as string)
      if (type === 'delete') live?.removed(environment, ids, file)
      else await live?.saved(environment, ids, file, timestamp)
      // Modules that were never transformed are only watched; returning them would make Vite reload the page.
      return modules.filter((module) => module.transformResult !== null && !own.includes(module))
    },
  }
}

/** Returns the path of a file as errors show it: relative to the root of the project, if the file is in it. */
function nameIn(root: string, file: string): string {
  const path = relative(root, file)
  return path.startsWith('..') ? file : path
}

function plainImport(id: string): string {
  const name = basename(id)
  return `${name} is WAT text, not JavaScript: import './${name}?script' for a script, '?raw' for its text, or '?url' for its address`
}

/** Returns the file of a script that is loaded by its URL. It keeps its name, which is the default name of the script. */
function scriptAsset(folder: string, file: string, { bytes, text }: SourceModule, editable: boolean) {
  const keepsText = editable && text !== undefined
  const source = keepsText ? text : bytes
  const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8)
  const fileName = posix.join(folder, hash, `${baseName(file)}.${keepsText ? 'wat' : 'wasm'}`)
  return { type: 'asset', fileName, source } as const
}
