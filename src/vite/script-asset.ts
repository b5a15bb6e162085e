import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { SourceModule } from '../wasm/text/source-module.ts'
import { baseName, wholeManifest } from './module-code.ts'

/** A file that a build writes. */
export interface ScriptAssetFile {
  readonly type: 'asset'
  readonly fileName: string
  readonly source: string | Uint8Array
}

/** Returns the file of a script that is loaded by its URL. It keeps its name, which is the default name of the script. */
export function scriptAsset(folder: string, file: string, module: SourceModule, editable: boolean): ScriptAssetFile {
  const { bytes, text, manifest, mod } = module
  const kept = editable ? text : undefined
  const source = mod === undefined ? (manifest?.text ?? kept ?? bytes) : wholeManifest(file, module, kept)
  const extension = manifest !== undefined || mod !== undefined ? 'json' : kept !== undefined ? 'wat' : 'wasm'
  const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8)
  const fileName = posix.join(folder, hash, `${baseName(file)}.${extension}`)
  return { type: 'asset', fileName, source }
}
