import { basename, extname, join } from 'node:path'
import type { ExtismManifest, Manifest } from '../index.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'
import { LOCAL_HOT, type ScriptChange } from './hot-events.ts'

/** The module that runs where the runtime is. Vite resolves its extension. */
const CLIENT = JSON.stringify(join(import.meta.dirname, 'client'))

/** Returns the name of a script: that of its file without the extension, as `loadModule` names it. */
export function baseName(file: string): string {
  return /\.wasm$/i.test(file) ? basename(file).replace(/(\.component)?\.wasm$/i, '') : basename(file, extname(file))
}

/** Returns what development serves and sends of a module. `path` is that of its file as errors show it. */
export function changeOf(id: string, path: string, version: number, module: SourceModule): ScriptChange {
  const { bytes, text, manifest, mod } = module
  const file = fileOf(path, module)
  const own = mod === undefined ? {} : { mod: mod.manifest as Manifest }
  if (manifest !== undefined) return { id, file, version, bytes: '', manifest: JSON.parse(manifest.text), ...own }
  return { id, file, version, bytes: toBase64(bytes), ...(text !== undefined && { text }), ...own }
}

/** Returns the file in which the faults of a module are: of a mod, the one that its manifest names. */
function fileOf(path: string, { file, mod }: SourceModule): string {
  return mod === undefined ? path : file
}

/** Returns the code of a script's import in development. */
export function liveModule(change: ScriptChange, isServer: boolean): string {
  return [
    `import { liveScript } from ${CLIENT}`,
    `export default liveScript(${JSON.stringify({ name: change.mod?.name ?? baseName(change.file), ...change })}, import.meta.url, ${hotContext(isServer)})`,
  ].join('\n')
}

const LIVE_URL = '__bitscript_liveUrl'

/** A script that is loaded by its URL. */
interface LoadedUrl {
  readonly id: string
  /** The path of its file as errors show it. */
  readonly file: string
  /** The version of the module that its URL holds; left out if the URL is that of its file. */
  readonly version?: number
}

/** Returns the code of a script's URL in development, in place of the expression that makes it. */
export function liveUrlCall(expression: string, { id, file, version }: LoadedUrl, isServer: boolean): string {
  return `${LIVE_URL}(${expression}, ${JSON.stringify({ id, name: baseName(file), file, version })}, ${hotContext(isServer)})`
}

/** Returns the import that a module with a {@link liveUrlCall} needs. */
export function liveUrlImport(): string {
  return `import { liveUrl as ${LIVE_URL} } from ${CLIENT}`
}

/** Returns the code by which a page closes the overlay of a script that was saved. */
export function overlayCloser(): string {
  return `import { closeOverlayOnSave } from ${CLIENT}\ncloseOverlayOnSave(import.meta.hot)`
}

function hotContext(isServer: boolean): string {
  return isServer ? `import.meta.hot ?? globalThis[Symbol.for(${JSON.stringify(LOCAL_HOT)})]` : 'import.meta.hot'
}

/** Returns the code of a script's import in a build for browsers. `emit` adds a module to the build, and returns its reference. */
export function builtModule(
  file: string,
  module: SourceModule,
  text: string | undefined,
  emit: (name: string, bytes: Uint8Array) => string,
): string {
  const { bytes, manifest } = module
  const emitted = (name: string, content: Uint8Array): string =>
    `new URL(import.meta.ROLLUP_FILE_URL_${emit(name, content)}, import.meta.url).href`
  if (manifest === undefined) return assetModule(file, module, text, `url: ${emitted(baseName(file), bytes)}`)
  const { wasm, ...others } = JSON.parse(manifest.text) as ExtismManifest
  const modules = [...manifest.linked.map((each) => each.bytes), bytes]
  const list = wasm.map(({ name = '' }, index) => {
    const url = emitted(`${baseName(file)}-${name}`, modules[index] as Uint8Array)
    return `{ name: ${JSON.stringify(name)}, url: ${url} }`
  })
  const whole = `manifest: { ...${parsed(JSON.stringify(others))}, wasm: [${list.join(', ')}] }`
  return assetModule(file, module, undefined, addressOf(file, 'json'), whole)
}

/** Returns the code of a script's import in a build for servers: it contains the module, since a server need not serve files. */
export function serverModule(file: string, module: SourceModule, text: string | undefined): string {
  const { bytes, manifest } = module
  if (manifest !== undefined) return assetModule(file, module, undefined, addressOf(file, 'json'), `manifest: ${parsed(manifest.text)}`)
  const decoded = `Uint8Array.from(atob('${toBase64(bytes)}'), (character) => character.charCodeAt(0))`
  return assetModule(file, module, text, addressOf(file, 'wasm'), `bytes: ${decoded}`)
}

/** Returns an expression for the value of a JSON text. */
function parsed(json: string): string {
  return `JSON.parse(${JSON.stringify(json)})`
}

function addressOf(file: string, extension: string): string {
  const url = JSON.stringify(`${encodeURIComponent(baseName(file))}.${extension}`)
  return `url: new URL(${url}, import.meta.url).href`
}

function assetModule(file: string, module: SourceModule, text: string | undefined, ...properties: string[]): string {
  const { mod } = module
  const name = mod?.manifest.name ?? baseName(file)
  const parts = [`name: ${JSON.stringify(name)}`, `file: ${JSON.stringify(fileOf(file, module))}`, ...properties]
  if (mod !== undefined) parts.push(`mod: ${parsed(JSON.stringify(mod.manifest))}`)
  if (text !== undefined) parts.push(`text: ${JSON.stringify(text)}`)
  return `export default Object.freeze({ ${parts.join(', ')} })`
}

/** Returns the manifest of a mod with its module in it, as JSON: as `text`, or as the module that was made of it. */
export function wholeManifest(file: string, { mod, ...module }: SourceModule, text: string | undefined): string {
  const source = text === undefined ? { url: dataUrl(file, module) } : { text }
  return JSON.stringify({ ...mod?.manifest, source })
}

/** Returns the `data:` URL of a module, with the name of its script. */
export function dataUrl(file: string, module: SourceModule): string {
  const { bytes, manifest, mod } = module
  if (mod !== undefined) {
    const json = wholeManifest(file, module, undefined)
    return `data:application/json;name=${encodeURIComponent(baseName(file))}.json;base64,${toBase64(Buffer.from(json))}`
  }
  if (manifest !== undefined)
    return `data:application/json;name=${encodeURIComponent(baseName(file))}.json;base64,${toBase64(Buffer.from(manifest.text))}`
  return `data:application/wasm;name=${encodeURIComponent(baseName(file))}.wasm;base64,${toBase64(bytes)}`
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
