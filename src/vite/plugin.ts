import { existsSync } from 'node:fs'
import { basename, extname, join, resolve } from 'node:path'
import * as v from 'valibot'
import { normalizePath, type Plugin } from 'vite'
import { compilersOption, type ScriptCompilers } from '../files/compilers/own-compilers.ts'
import { type KeptBindings, keepBindings } from '../files/kept-bindings.ts'
import { ScriptError } from '../index.ts'
import { boolean, checkOptions } from '../options.ts'
import { escapeControls } from '../printable.ts'
import { relayDebuggers } from './debug-relay.ts'
import { updateScripts } from './hot-update.ts'
import { loadImport, resolveImport } from './imported-scripts.ts'
import { LiveScripts } from './live-scripts.ts'
import { overlayCloser } from './module-code.ts'
import { PLUGIN } from './overlay.ts'
import { Project } from './project.ts'
import { fileOfId, SCRIPT_ID } from './script-ids.ts'
import { transformBuilt, transformServed } from './transform-urls.ts'

/** Option `bindings` of the plugin. */
export interface BindingsOption {
  /** The module that exports `createSimulation`, or a folder with such an index; from Vite's root on. */
  readonly sim: string
}

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
   * from Vite's root on. It looks at the start and when a module of the simulation is saved. A file that was edited stays as it is.
   * @default none are kept up to date
   */
  readonly bindings?: BindingsOption
}

/** WAT text that is imported as if it were JavaScript. */
const PLAIN_TEXT = /^[^?]+\.wat$/i
const JAVASCRIPT = /\.[cm]?[jt]sx?$/i
const ASSEMBLER = /(^|\/)wabt(\.js)?$/
const NO_ASSEMBLER = '\0bitscript:no-assembler'
/** The folder of this package. */
const PACKAGE = normalizePath(join(import.meta.dirname, '../..'))
const pluginOptions = v.strictObject(
  {
    editable: v.optional(boolean),
    compilers: v.optional(compilersOption),
    bindings: v.optional(v.strictObject({ sim: v.string('a path') }, 'an object with a path `sim`')),
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
  const project = new Project(compilers, editable)
  let kept: KeptBindings | undefined
  function close(): void {
    project.close()
    kept?.close()
  }
  return {
    // No `enforce`: URLs are replaced in JavaScript, so after the plugins that make JavaScript of a module.
    name: PLUGIN,

    config: (_, { command }) => ({
      // A dependency that Vite discovers late makes it reload the page.
      ...(command === 'serve' && { optimizeDeps: { include: ['bitecs'] } }),
    }),

    configResolved(config) {
      project.config = config
    },

    // A watching build starts and closes each of its builds.
    buildStart: () => project.printWarnings(),

    configureServer(server) {
      // What this plugin started for a server that is being restarted.
      close()
      project.printWarnings()
      project.live = new LiveScripts(server, project.scripts)
      relayDebuggers(server)
      // A test run starts a server, too.
      if (bindings === undefined || process.env.VITEST !== undefined) return
      const { root, logger } = server.config
      kept = keepBindings(resolve(root, bindings.sim), {
        folder: root,
        print: (text) => logger.info(escapeControls(text), { timestamp: true }),
        watch: (files) => void server.watcher.add([...files]),
      })
      void kept.start()
      server.watcher.on('all', (_, file) => void kept?.changed(file))
    },

    closeBundle() {
      // Vite starts the next server with the same plugin before it closes the one that it restarts.
      if (project.live === undefined || project.live.isOf(this.environment)) close()
    },

    transformIndexHtml: {
      order: 'pre',
      handler: () => (project.live === undefined ? undefined : [{ tag: 'script', attrs: { type: 'module' }, children: overlayCloser() }]),
    },

    resolveId: {
      order: 'pre',
      filter: { id: [ASSEMBLER, SCRIPT_ID] },
      handler(id, importer, options) {
        if (!ASSEMBLER.test(id)) return resolveImport(this, project, id, importer, options)
        // Replaces only this package's import of the assembler.
        return project.config.command === 'build' && !editable && importer?.startsWith(`${PACKAGE}/`) === true ? NO_ASSEMBLER : undefined
      },
    },

    load: {
      order: 'pre',
      filter: { id: [SCRIPT_ID, PLAIN_TEXT, /bitscript:no-assembler$/] },
      handler(id) {
        if (id === NO_ASSEMBLER) {
          return "throw new Error('this build has no assembler: give the plugin bitscript({ editable: true }), or load scripts by import')"
        }
        if (PLAIN_TEXT.test(id)) return project.config.assetsInclude(id) ? undefined : project.refuse(this, id, plainImport(id))
        const file = fileOfId(id)
        if (file === undefined) return undefined
        if (project.scripts.isScript(file)) return loadImport(this, project, id, file)
        // JavaScript, and what is no file, may be of another plugin.
        return JAVASCRIPT.test(file) || !existsSync(file) ? undefined : project.refuse(this, id, unknownLanguage(file))
      },
    },

    transform: {
      filter: { code: /\bnew\s+URL\b/ },
      handler(code, id) {
        if (this.environment.mode === 'build') return transformBuilt(this, project, code, id)
        return project.live === undefined ? undefined : transformServed(this, project, project.live, code, id)
      },
    },

    hotUpdate: {
      order: 'pre',
      handler(update) {
        return project.live === undefined ? undefined : updateScripts(this.environment, project, project.live, update)
      },
    },
  }
}

function unknownLanguage(file: string): ScriptError {
  const extension = extname(file)
  const advice = `give the plugin one, as bitscript({ compilers: { '${extension}': compile } })`
  return new ScriptError('LoadFailed', `${basename(file)} is not compiled, since there is no compiler for ${extension} files: ${advice}`)
}

function plainImport(id: string): ScriptError {
  const name = basename(id)
  const advice = `import './${name}?script' for a script, '?raw' for its text, or '?url' for its address`
  return new ScriptError('LoadFailed', `${name} is WAT text, not JavaScript: ${advice}`)
}
