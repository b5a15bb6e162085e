import { readFile } from 'node:fs/promises'
import { basename, extname, join, relative } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import * as v from 'valibot'
import { type HotPayload, normalizePath, type Plugin, type ViteDevServer } from 'vite'
import { sameBytes } from '../bytes.ts'
import { changedAgain, settle } from '../files/settle.ts'
import { ScriptError } from '../index.ts'
import { boolean, callable, checkOptions } from '../options.ts'
import { escapeControls } from '../printable.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'
import { EVENTS, type Mistake, mistakeOf, type ScriptChange, type Warnings } from './hot-events.ts'
import { overlayError, PLUGIN } from './overlay.ts'
import { compileScript, type ScriptCompilers } from './script-compiler.ts'

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
const NO_ASSEMBLER = '\0bitscript:no-assembler'
/** The folder of this package. */
const PACKAGE = normalizePath(join(import.meta.dirname, '../..'))
/** The module that runs in the page. Vite resolves its extension. */
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
 * `.wasm` assets.
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
  const fileOf = (id: string): string | undefined => {
    const file = id.replace(/\?.*$/, '')
    return QUERY.test(id) && extensions.includes(extname(file)) ? file : undefined
  }
  let root = process.cwd()
  let isBuild = false
  let server: ViteDevServer | undefined
  /** The last processed content of each file. */
  const seen = new Map<string, Uint8Array>()
  /** Modules that failed to load. A page that imports one does not run. */
  const broken = new Set<string>()
  const compile = (file: string, content: Uint8Array): Promise<SourceModule> => compileScript(file, nameOf(root, file), content, compilers)

  return {
    name: PLUGIN,
    enforce: 'pre',

    config: (_, { command }) => ({
      // A dependency that Vite discovers late makes it reload the page.
      ...(command === 'serve' && { optimizeDeps: { include: ['bitecs'] } }),
    }),

    configResolved(config) {
      root = config.root
      isBuild = config.command === 'build'
    },

    configureServer(started) {
      server = started
      // A runtime in the page could not link a script, or rolled it back.
      started.environments.client.hot.on(EVENTS.mistake, (mistake: Mistake, client) => {
        showMistake(client, mistake)
      })
      started.environments.client.hot.on(EVENTS.warnings, (warnings: Warnings, client) => {
        showWarnings(client, warnings)
      })
    },

    resolveId: {
      filter: { id: /^wabt$/ },
      // Replaces only this package's import of the assembler.
      handler: (_, importer) => (isBuild && !editable && importer?.startsWith(PACKAGE) === true ? NO_ASSEMBLER : undefined),
    },

    load: {
      filter: { id: [QUERY, /bitscript:no-assembler$/] },
      async handler(id) {
        if (id === NO_ASSEMBLER) {
          return "throw new Error('this build has no assembler: give the plugin bitscript({ editable: true }), or load scripts by import')"
        }
        const file = fileOf(id)
        if (file === undefined) return undefined
        this.addWatchFile(file)
        const content = await readFile(file)
        try {
          const module = await compile(file, content)
          seen.set(file, content)
          broken.delete(id)
          if (!isBuild) return liveModule(id, nameOf(root, file), module)
          const reference = this.emitFile({ type: 'asset', name: `${baseName(file)}.wasm`, source: module.bytes })
          return builtModule(nameOf(root, file), reference, editable ? module.text : undefined)
        } catch (error) {
          if (!(error instanceof ScriptError)) throw error
          broken.add(id)
          return this.error(overlayError(mistakeOf(id, error), root))
        }
      },
    },

    async hotUpdate({ type, file, modules }) {
      const own = modules.filter(({ id }) => id !== null && fileOf(id) !== undefined)
      const { hot, name } = this.environment
      if (own.length === 0 || name !== 'client') return undefined
      // Modules that were never transformed are only watched; returning them would make Vite reload the page.
      const others = modules.filter((module) => module.transformResult !== null && !own.includes(module))
      const ids = own.map(({ id }) => id as string)
      if (type === 'delete') {
        seen.delete(file)
        for (const id of ids) hot.send(EVENTS.removed, { id, file: nameOf(root, file) })
        return others
      }
      const settled = await settle({
        read: () => readFile(file).catch(() => undefined),
        wait: (milliseconds) => wait(milliseconds),
        isKnown: (content) => isSame(seen.get(file), content) && !ids.some((id) => broken.has(id)),
        take: (content) => compile(file, content),
      })
      if (settled.state !== 'nothing' && settled.content !== undefined) seen.set(file, settled.content)
      if (settled.state === 'mistake') for (const id of ids) showMistake(hot, mistakeOf(id, settled.error))
      if (settled.state === 'taken') {
        if (ids.some((id) => broken.delete(id))) hot.send({ type: 'full-reload' })
        else for (const id of ids) hot.send(EVENTS.changed, changeOf(id, settled.result))
        server?.config.logger.info(`script reload ${nameOf(root, file)}`, { timestamp: true })
      }
      void reportLateChange(file)
      return others
    },
  }

  /** Shows a mistake in the page's overlay and in the terminal. */
  function showMistake(to: { send(payload: HotPayload): void }, mistake: Mistake): void {
    const err = overlayError(mistake, root)
    to.send({ type: 'error', err })
    server?.config.logger.error(`${err.message}\n${err.frame ?? ''}`, { timestamp: true })
  }

  /** Shows the warnings of a script in the terminal and, after a save, in the page's overlay. */
  function showWarnings(to: { send(payload: HotPayload): void }, { id, script, warnings, inPage }: Warnings): void {
    const message = warnings.map((warning) => `${script}: ${warning}`).join('\n')
    if (inPage) to.send({ type: 'error', err: { message, stack: '', id, plugin: PLUGIN } })
    server?.config.logger.warn(escapeControls(message), { timestamp: true })
  }

  /** Reports a second change that came too soon after the first for the watcher to report it. */
  async function reportLateChange(file: string): Promise<void> {
    const read = (): Promise<Uint8Array | undefined> => readFile(file).catch(() => undefined)
    const isKnown = (content: Uint8Array): boolean => isSame(seen.get(file), content)
    if (await changedAgain({ read, isKnown, wait: (milliseconds) => wait(milliseconds, undefined, { ref: false }) })) {
      server?.watcher.emit('change', file)
    }
  }
}

/** Returns the path of a file as errors show it: relative to the root of the project, if the file is in it. */
function nameOf(root: string, file: string): string {
  const path = relative(root, file)
  return path.startsWith('..') ? file : path
}

function baseName(file: string): string {
  return basename(file, extname(file))
}

function changeOf(id: string, { bytes, text }: SourceModule): ScriptChange {
  return { id, bytes: Buffer.from(bytes).toString('base64'), ...(text !== undefined && { text }) }
}

/** Returns the code of a script's import in development. */
function liveModule(id: string, file: string, module: SourceModule): string {
  return [
    `import { liveScript } from ${JSON.stringify(CLIENT)}`,
    `export default liveScript(${JSON.stringify({ name: baseName(file), file, ...changeOf(id, module) })}, import.meta.url, import.meta.hot)`,
  ].join('\n')
}

/** Returns the code of a script's import in a build. */
function builtModule(file: string, reference: string, text: string | undefined): string {
  const parts = [
    `name: ${JSON.stringify(baseName(file))}`,
    `file: ${JSON.stringify(file)}`,
    `url: new URL(import.meta.ROLLUP_FILE_URL_${reference}, import.meta.url).href`,
  ]
  if (text !== undefined) parts.push(`text: ${JSON.stringify(text)}`)
  return `export default Object.freeze({ ${parts.join(', ')} })`
}

function isSame(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && sameBytes(one, other)
}
