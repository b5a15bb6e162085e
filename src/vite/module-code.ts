import { basename, extname } from 'node:path'
import type { SourceModule } from '../wasm/text/source-module.ts'
import { LOCAL_HOT, type ScriptChange } from './hot-events.ts'

/** Returns the name of a script: that of its file without the extension. */
export function baseName(file: string): string {
  return basename(file, extname(file))
}

/** Returns what development serves and sends of a module. */
export function changeOf(id: string, version: number, { bytes, text }: SourceModule): ScriptChange {
  return { id, version, bytes: toBase64(bytes), ...(text !== undefined && { text }) }
}

/** Returns the code of a script's import in development. `client` is the module that reloads the script. */
export function liveModule(client: string, file: string, change: ScriptChange, isServer: boolean): string {
  const hot = isServer ? `import.meta.hot ?? globalThis[Symbol.for(${JSON.stringify(LOCAL_HOT)})]` : 'import.meta.hot'
  return [
    `import { liveScript } from ${JSON.stringify(client)}`,
    `export default liveScript(${JSON.stringify({ name: baseName(file), file, ...change })}, import.meta.url, ${hot})`,
  ].join('\n')
}

/** Returns the code of a script's import in a build for browsers. `reference` is the emitted file. */
export function builtModule(file: string, reference: string, text: string | undefined): string {
  return assetModule(file, text, `url: new URL(import.meta.ROLLUP_FILE_URL_${reference}, import.meta.url).href`)
}

/** Returns the code of a script's import in a build for servers: it contains the module, since a server need not serve files. */
export function serverModule(file: string, { bytes }: SourceModule, text: string | undefined): string {
  const decoded = `Uint8Array.from(atob('${toBase64(bytes)}'), (character) => character.charCodeAt(0))`
  return assetModule(file, text, `url: new URL('${encodeURIComponent(baseName(file))}.wasm', import.meta.url).href`, `bytes: ${decoded}`)
}

function assetModule(file: string, text: string | undefined, ...properties: string[]): string {
  const parts = [`name: ${JSON.stringify(baseName(file))}`, `file: ${JSON.stringify(file)}`, ...properties]
  if (text !== undefined) parts.push(`text: ${JSON.stringify(text)}`)
  return `export default Object.freeze({ ${parts.join(', ')} })`
}

/** Returns the `data:` URL of a module, with the name of its script. */
export function dataUrl(file: string, { bytes }: SourceModule): string {
  return `data:application/wasm;name=${encodeURIComponent(baseName(file))}.wasm;base64,${toBase64(bytes)}`
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
