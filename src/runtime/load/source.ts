import { checkEngine } from '../../engine/compile.ts'
import { notLoaded, ScriptError } from '../../errors.ts'
import { isComponent } from '../../guest/component/container.ts'
import { isBinary } from '../../wasm/decode/decode.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import type { ReloadOptions } from '../api/load-options.ts'
import type { ReloadReport } from '../api/reports.ts'
import type { ScriptInfo } from '../api/script-info.ts'
import { checkSize } from './check-size.ts'
import type { ExtismManifest } from './extism-manifest.ts'
import type { ReadLimits } from './read-url.ts'

/**
 * A file that has already been read.
 *
 * @example
 * await runtime.loadModule({ url: new URL('file:///game/mover.wat'), content: text })
 */
export interface FileSource {
  /** The URL of the file. It names the script and the locations in errors. */
  readonly url: URL
  /** The content: a wasm binary, or WAT text as bytes or a string. */
  readonly content: Uint8Array | string
}

/**
 * A script that `bitscript/vite` imports. In development it reloads on every save the scripts that were loaded from it.
 *
 * @example
 * import mover from './mover.wat?script'
 * await runtime.loadModule(mover)
 */
export interface ScriptAsset {
  /** The name of the file without its extension: the default name of the script. */
  readonly name: string
  /** The URL to fetch the module from. In development, the URL of the file. */
  readonly url: string
  /** The path of the file, as errors show it. @default url, or its path for a file: URL */
  readonly file?: string
  /** The module, if it need not be fetched. */
  readonly bytes?: Uint8Array
  /** The WAT text that the module was assembled from. */
  readonly text?: string
  /** The manifest of an Extism plugin, in place of a module: its modules are at absolute URLs, or in it. */
  readonly manifest?: ExtismManifest
  /**
   * Called for each script when it begins to load from this asset. Returns a cleanup, which is called when the script fails
   * to load, is unloaded, or is reloaded from another source.
   */
  readonly follow?: (script: FollowedScript) => () => void
}

/** Returns what a source calls for each script that is loaded from it. In development, the URL of a script's file may have it, too. */
export function followOf(source: ScriptSource): ScriptAsset['follow'] {
  if (isAsset(source)) return source.follow
  return source instanceof URL ? (source as URL & Pick<ScriptAsset, 'follow'>).follow : undefined
}

/** A script, as `ScriptAsset.follow` sees it. */
export interface FollowedScript {
  /** A live view of the script. */
  readonly info: ScriptInfo
  /** Resolves when the script has loaded. Rejects with the mistake that ended its load. */
  readonly loaded: Promise<void>
  /**
   * Reloads the script, as `WasmScriptRuntime.reloadModule` does.
   *
   * @throws {ScriptError} the errors of `reloadModule`
   */
  reload(source: ScriptSource, options?: ReloadOptions): Promise<ReloadReport>
  /** Calls `listener` with every fault of the script. Returns a function that stops this. */
  onError(listener: (error: ScriptError) => void): () => void
}

/**
 * The source of a script: the bytes of a wasm binary or of WAT text, a string of WAT text, a `URL` (http, https, data,
 * file), a `Response`, a file that has already been read, an import of `bitscript/vite`, or the manifest of an Extism plugin
 * (also as JSON, in any of these ways).
 */
export type ScriptSource = Uint8Array | ArrayBuffer | string | URL | Response | FileSource | ScriptAsset | ExtismManifest

/** Returns the default name of a source's script: the name of its file without the extension, if there is one. A prepared component has that of the component. */
export function sourceName(source: ScriptSource): string | undefined {
  if (isAsset(source)) return source.name
  const url = sourceUrl(source)
  if (url === undefined) return undefined
  // A `data:` URL may have a name as a parameter: `data:application/wasm;name=mover.wasm;base64,…`.
  const path = url.protocol === 'data:' ? /^[^,]*;name=([^;,]+)/.exec(url.pathname)?.[1] : url.pathname.split('/').at(-1)
  const file = decodePath(path ?? '')
  return file.replace(/(\.component)?\.wasm$|\.\w+$/i, '') || undefined
}

/** Returns the URL of a source, if it has one. */
export function sourceUrl(source: ScriptSource): URL | undefined {
  if (source instanceof URL) return source
  if (isFileSource(source)) return source.url
  if (isAsset(source)) return URL.canParse(source.url) ? new URL(source.url) : undefined
  return isResponse(source) && source.url !== '' ? new URL(source.url) : undefined
}

let textReader: Promise<typeof import('../../wasm/text/wat.ts')> | undefined

/** Loads what reads text, once. Importing a module again takes time. */
function loadTextReader(): NonNullable<typeof textReader> {
  textReader ??= import('../../wasm/text/wat.ts').catch((cause: unknown) => {
    textReader = undefined
    return notLoaded('the code that reads WAT text')(cause)
  })
  return textReader
}

/** Reads a source and assembles it if it is text. Rejects with `LoadFailed`, `TooLarge`, `InvalidText`, `InvalidOptions`. */
export async function readSource(source: ScriptSource, name: string, limits: ReadLimits): Promise<SourceModule> {
  checkEngine()
  const { moduleBytes } = limits
  const manifest = isManifest(source) ? source : isAsset(source) ? source.manifest : undefined
  if (manifest !== undefined) return openManifest(manifest, source, name, limits)
  const content = await readModule(source, limits)
  if (typeof content === 'string') checkSize('the source', new TextEncoder().encode(content).length, moduleBytes)
  const file = fileOf(source, `${name}.wat`)
  const module = typeof content !== 'string' && isBinary(content) ? content : undefined
  const given = module === undefined ? decodeText(content) : isAsset(source) ? source.text : undefined
  // A decoder removes the byte order mark, with which some editors begin a file. A text that was given as a string still has it.
  const text = given?.replace(/^\ufeff/, '')
  if (module === undefined && text !== undefined && isManifestText(text)) return openManifest(text, source, name, limits)
  if (module !== undefined && text === undefined) return { bytes: module, file }
  // A page that loads modules without text does not download what reads text.
  const { assembleWat, instructionFinder } = await loadTextReader()
  const bytes = module ?? (await assembleWat(text as string, file))
  checkSize('the module', bytes.length, moduleBytes)
  return { bytes, file, text: text as string, instructionFinder }
}

/** Returns whether a text is a manifest in JSON, which begins as no WAT text does. */
export function isManifestText(text: string): boolean {
  return /^\s*\{/.test(text)
}

function isManifest(source: ScriptSource): source is ExtismManifest {
  return typeof source === 'object' && source !== null && 'wasm' in source
}

/** Reads the manifest of an Extism plugin, with what a game without such plugins does not download. */
async function openManifest(given: string | ExtismManifest, source: ScriptSource, name: string, limits: ReadLimits): Promise<SourceModule> {
  const { readManifest, parseManifest } = await import('./extism-manifest.ts').catch(notLoaded('the code that reads manifests'))
  const read = await readManifest(typeof given === 'string' ? parseManifest(given) : given, sourceUrl(source), limits)
  return { ...read, file: fileOf(source, `${name}.json`) }
}

/** Decodes the percent escapes of a path. Returns the path unchanged if they are malformed. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function isFileSource(source: ScriptSource): source is FileSource {
  return typeof source === 'object' && source !== null && 'url' in source && source.url instanceof URL && 'content' in source
}

/** Node loads the package that `Response` is in when the name is first used, which takes 30 milliseconds. */
function isResponse(source: ScriptSource): source is Response {
  return Object.prototype.toString.call(source) === '[object Response]' && source instanceof Response
}

/** Returns whether a source is an import of `bitscript/vite`. */
export function isAsset(source: ScriptSource): source is ScriptAsset {
  return typeof source === 'object' && source !== null && 'name' in source && 'url' in source && typeof source.url === 'string'
}

/** Returns the name of a source's file in errors; `unknown` if it has none. */
function fileOf(source: ScriptSource, unknown: string): string {
  if (isAsset(source) && source.file !== undefined) return source.file
  const url = sourceUrl(source)
  if (url?.protocol === 'file:') return decodePath(url.pathname)
  if (isAsset(source)) return source.url
  if (url === undefined || url.protocol === 'data:') return unknown
  return url.href
}

/** Loads what reads URLs and responses. A page whose scripts are in its code does not download it. */
function loadReader(): Promise<typeof import('./read-url.ts')> {
  return import('./read-url.ts').catch(notLoaded('the code that reads URLs'))
}

async function readContent(source: ScriptSource, limits: ReadLimits): Promise<string | Uint8Array<ArrayBuffer>> {
  if (typeof source === 'string' || source instanceof Uint8Array || source instanceof ArrayBuffer) return copyContent(source, limits)
  if (source instanceof URL) return (await loadReader()).readUrl(source, limits)
  if (isResponse(source)) return (await loadReader()).readResponse(source, limits)
  if (isFileSource(source)) return readContent(source.content, limits)
  if (isAsset(source)) return source.bytes === undefined ? readAsset(source, limits) : copyContent(source.bytes, limits)
  throw new ScriptError('InvalidOptions', 'a source must be bytes, a string of WAT text, a URL, a Response or what bitscript/vite imports')
}

/** Returns whether bytes are a component that still has to be prepared, which only Node can do. */
export function isPreparable(content: Uint8Array): boolean {
  return isBinary(content) && isComponent(content)
}

/** Reads a source. A component is prepared, so that a recording holds what every engine can load. */
async function readModule(source: ScriptSource, limits: ReadLimits): Promise<string | Uint8Array<ArrayBuffer>> {
  const content = await readContent(source, limits)
  if (typeof content === 'string' || !isPreparable(content)) return content
  const { prepareComponent } = await import('#prepare-component').catch(notLoaded('the code that prepares components'))
  const prepared = await prepareComponent(content)
  checkSize('the prepared component', prepared.length, limits.moduleBytes)
  return prepared
}

/** Copies bytes, which the caller may change later. A text has at least as many bytes as characters. */
function copyContent(content: string | Uint8Array | ArrayBuffer, { moduleBytes }: ReadLimits): string | Uint8Array<ArrayBuffer> {
  checkSize('the source', typeof content === 'string' ? content.length : content.byteLength, moduleBytes)
  if (typeof content === 'string') return content
  return new Uint8Array(content instanceof ArrayBuffer ? content.slice(0) : content)
}

async function readAsset({ name, url }: ScriptAsset, limits: ReadLimits): Promise<Uint8Array<ArrayBuffer>> {
  if (!URL.canParse(url)) throw new ScriptError('LoadFailed', `the url of the script '${name}' must be absolute, and is '${url}'`)
  return (await loadReader()).readUrl(new URL(url), limits)
}

function decodeText(content: Uint8Array | string): string {
  if (typeof content === 'string') return content
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch (cause) {
    throw new ScriptError('InvalidBinary', 'the bytes are neither a wasm binary, which begins with \\0asm, nor WAT text in UTF-8', {
      cause,
    })
  }
}
