import { checkEngine } from '../../engine/compile.ts'
import { notLoaded, ScriptError } from '../../errors.ts'
import { isComponent } from '../../guest/component/container.ts'
import { isBinary } from '../../wasm/decode/decode.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { checkSize } from './check-size.ts'
import type { ExtismManifest } from './extism-manifest.ts'
import type { ReadLimits } from './read-url.ts'
import type { FileSource, ModSource, OpenedMod, ScriptAsset, ScriptSource } from './script-source.ts'

/** Returns what a source calls for each script that is loaded from it. In development, the URL of a script's file may have it, too. */
export function followOf(source: ScriptSource): ScriptAsset['follow'] {
  if (isAsset(source)) return source.follow
  if (isModSource(source)) return source.source === undefined ? undefined : followOf(source.source)
  return source instanceof URL ? (source as URL & Pick<ScriptAsset, 'follow'>).follow : undefined
}

/** Returns the default name of a source's script: the name of its file without the extension, if there is one. A prepared component has that of the component. */
export function sourceName(source: ScriptSource | OpenedMod): string | undefined {
  if (isOpened(source)) return source.manifest.name
  if (isAsset(source)) return source.name
  const url = sourceUrl(source)
  if (url === undefined) return undefined
  return fileNameOf(url).replace(/(\.component)?\.wasm$|\.script\.json$|\.\w+$/i, '') || undefined
}

function fileNameOf(url: URL): string {
  // A `data:` URL may have a name as a parameter: `data:application/wasm;name=mover.wasm;base64,…`.
  const path = url.protocol === 'data:' ? /^[^,]*;name=([^;,]+)/.exec(url.pathname)?.[1] : url.pathname.split('/').at(-1)
  return decodePath(path ?? '')
}

/** Returns the URL of a source, if it has one. */
export function sourceUrl(source: ScriptSource | OpenedMod): URL | undefined {
  if (isOpened(source)) return source.url
  if (source instanceof URL) return source
  if (isFileSource(source)) return source.url
  if (isAsset(source)) return URL.canParse(source.url) ? new URL(source.url) : undefined
  if (isModSource(source)) return source.url
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

/** Returns whether a source may be a mod, which {@link openMod} finds out. */
export function mayBeMod(source: ScriptSource): boolean {
  if (typeof source === 'string') return isManifestText(source)
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    const bytes = source instanceof ArrayBuffer ? new Uint8Array(source) : source
    return !isBinary(bytes) && isManifestText(new TextDecoder().decode(bytes.subarray(0, MAX_SPACE)))
  }
  if (isFileSource(source) && mayBeMod(source.content)) return true
  if (isModSource(source) || (isAsset(source) && source.mod !== undefined)) return true
  const url = sourceUrl(source)
  return url !== undefined && fileNameOf(url).toLowerCase().endsWith('.script.json')
}

/** Bytes in which the brace is found with which JSON begins. */
const MAX_SPACE = 1000

/**
 * Opens a mod: reads its manifest and its module. Resolves with `undefined` for the manifest of an Extism plugin. Rejects with
 * `InvalidManifest`, `HashMismatch`, `LoadFailed`, `TooLarge`.
 */
export async function openMod(source: ScriptSource, limits: ReadLimits): Promise<OpenedMod | undefined> {
  const mods = await import('./manifest/open-mod.ts').catch(notLoaded('the code that reads manifests of mods'))
  return mods.openModManifest(source, sourceUrl(source), (each) => readContent(each, limits))
}

/**
 * Reads a source and assembles it if it is text; of a mod, its module. Rejects with `LoadFailed`, `TooLarge`, `InvalidText`, `InvalidManifest`,
 * `HashMismatch`, `InvalidOptions`.
 */
export async function readSource(given: ScriptSource | OpenedMod, name: string, limits: ReadLimits): Promise<SourceModule> {
  checkEngine()
  const mod = isOpened(given) ? given : mayBeMod(given) ? await openMod(given, limits) : undefined
  if (mod === undefined) return readModuleSource(given as ScriptSource, name, limits)
  const read = await readModuleSource(mod.source, name, limits)
  const files = read.mod?.files ?? [sourceUrl(mod.source)].flatMap((url) => url ?? [])
  return { ...read, mod: { ...mod, files } }
}

function isOpened(source: ScriptSource | OpenedMod): source is OpenedMod {
  return typeof source === 'object' && 'kind' in source && source.kind === 'opened mod'
}

async function readModuleSource(source: ScriptSource, name: string, limits: ReadLimits): Promise<SourceModule> {
  const { moduleBytes } = limits
  if (isAsset(source) && 'read' in source) {
    const read = source.read as SourceModule
    checkSize('the module', read.bytes.length, moduleBytes)
    return read
  }
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
  if (module !== undefined && text === undefined) {
    const url = sourceUrl(source)
    return { bytes: module, file, ...(url?.protocol === 'file:' && (await loadReader()).filesBeside(url)) }
  }
  // A page that loads modules without text does not download what reads text.
  const reader = await loadTextReader()
  const bytes = module ?? (await reader.assembleWat(text as string, file))
  checkSize('the module', bytes.length, moduleBytes)
  return { bytes, file, text: text as string, reader }
}

/** Returns whether a text is a manifest in JSON, which begins as no WAT text does. */
export function isManifestText(text: string): boolean {
  return /^\s*\{/.test(text)
}

function isModSource(source: ScriptSource): source is ModSource {
  return typeof source === 'object' && source !== null && 'manifest' in source && !('name' in source)
}

function isManifest(source: ScriptSource): source is ExtismManifest {
  return typeof source === 'object' && source !== null && 'wasm' in source
}

/** Reads the manifest of an Extism plugin, with what a game without such plugins does not download. */
async function openManifest(given: string | ExtismManifest, source: ScriptSource, name: string, limits: ReadLimits): Promise<SourceModule> {
  const { readExtismManifest, parseExtismManifest } = await import('./extism-manifest.ts').catch(
    notLoaded('the code that reads manifests of Extism plugins'),
  )
  const read = await readExtismManifest(typeof given === 'string' ? parseExtismManifest(given) : given, sourceUrl(source), limits)
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
function isAsset(source: ScriptSource): source is ScriptAsset {
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
