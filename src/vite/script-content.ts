import { fileURLToPath, pathToFileURL } from 'node:url'
import { normalizePath } from 'vite'
import { mayBeManifest, modulesOfManifest } from '../files/manifest-file.ts'
import { readScriptFile } from '../files/read-script-file.ts'
import { DEFAULT_LIMITS } from '../index.ts'

/** What the file of a script holds. */
export interface FileContent {
  /** The content of the file itself. */
  readonly content: Uint8Array
  /** That, and the content of the modules that a manifest names: it differs if any of these files does. */
  readonly whole: Uint8Array
  /** The paths of these modules. */
  readonly modules: readonly string[]
  /** Whether the file is the manifest of an Extism plugin. */
  readonly isManifest: boolean
}

const NOTHING = new Uint8Array()
/** What a file that cannot be read holds. */
export const NO_CONTENT: FileContent = { content: NOTHING, whole: NOTHING, modules: [], isManifest: false }

/**
 * Reads the file of a script, and no more of it and its modules than a script may have. Resolves with `undefined` if it cannot be read; a
 * module that cannot be read counts as an empty one. Rejects with `TooLarge`, `LoadFailed`.
 */
export async function readScript(file: string): Promise<FileContent | undefined> {
  const { moduleBytes } = DEFAULT_LIMITS
  const content = await readScriptFile(file, moduleBytes)
  if (content === undefined) return undefined
  const urls = mayBeManifest(file) ? modulesOfManifest(content, pathToFileURL(file)) : undefined
  if (urls === undefined) return { content, whole: content, modules: [], isManifest: false }
  const modules = urls.filter(({ protocol }) => protocol === 'file:').map((url) => normalizePath(fileURLToPath(url)))
  const parts = [content]
  let left = moduleBytes
  for (const path of modules) {
    const part = (await readScriptFile(path, left).catch(() => undefined)) ?? NOTHING
    left -= part.length
    parts.push(part)
  }
  return { content, whole: Buffer.concat(parts), modules, isManifest: true }
}
