import { fileURLToPath, pathToFileURL } from 'node:url'
import { normalizePath } from 'vite'
import type { SourceCompilers } from '../files/compilers/source-compilers.ts'
import { mayBeManifest, modulesOfManifest } from '../files/manifest-file.ts'
import { readScriptFile } from '../files/read-script-file.ts'
import { DEFAULT_LIMITS } from '../index.ts'

/** What the file of a script holds. */
export interface FileContent {
  /** The content of the file itself. */
  readonly content: Uint8Array
  /** That, and the content of the modules that a manifest names, or of what a source depends on: it differs if any of these files does. */
  readonly whole: Uint8Array
  /** The paths of these modules. */
  readonly modules: readonly string[]
  /** The content of those that are not compiled from a source, by URL. */
  readonly held: ReadonlyMap<string, Uint8Array>
  /** The paths of the files that a source depends on, or the sources that a manifest names. One may be missing. */
  readonly dependencies: readonly string[]
  /** Whether the file is the manifest of an Extism plugin. */
  readonly isManifest: boolean
}

const NOTHING = new Uint8Array()
/** What a file that cannot be read holds. */
export const NO_CONTENT: FileContent = {
  content: NOTHING,
  whole: NOTHING,
  modules: [],
  held: new Map(),
  dependencies: [],
  isManifest: false,
}

/**
 * Reads the file of a script, and no more of it and its modules than a script may have. Resolves with `undefined` if it cannot be read; a
 * module that cannot be read counts as an empty one. Rejects with `TooLarge`, `LoadFailed`.
 */
export async function readScript(file: string, compilers: SourceCompilers): Promise<FileContent | undefined> {
  const { moduleBytes } = DEFAULT_LIMITS
  const content = await readScriptFile(file, moduleBytes)
  if (content === undefined) return undefined
  const isSource = compilers.handles(file) && content.length > 0
  if (isSource) return { ...alone(content), whole: await compilers.read(file, content), dependencies: dependenciesOf(file, compilers) }
  const urls = mayBeManifest(file) ? modulesOfManifest(content, pathToFileURL(file)) : undefined
  if (urls === undefined) return alone(content)
  const files = urls.filter(({ protocol }) => protocol === 'file:')
  const modules = files.map((url) => normalizePath(fileURLToPath(url)))
  const held = new Map<string, Uint8Array>()
  const dependencies = modules.flatMap((path) => dependenciesOf(path, compilers))
  const parts = [content]
  let left = moduleBytes
  for (const [index, path] of [...modules, ...dependencies].entries()) {
    const part = await readScriptFile(path, left).catch(() => undefined)
    if (part === undefined) continue
    left -= part.length
    parts.push(part)
    const url = files[index]
    if (url !== undefined && !compilers.handles(path)) held.set(url.href, part)
  }
  return { content, whole: Buffer.concat(parts), modules, held, dependencies, isManifest: true }
}

/** Returns a script as it was when it was last compiled: the compiler may have found other dependencies than before. */
export function compiledScript(file: string, script: FileContent, compilers: SourceCompilers): FileContent {
  const whole = compilers.handles(file) ? compilers.compiledContent(file) : undefined
  const dependencies = [file, ...script.modules].flatMap((path) => dependenciesOf(path, compilers))
  return { ...script, whole: whole ?? script.whole, dependencies }
}

function alone(content: Uint8Array): FileContent {
  return { ...NO_CONTENT, content, whole: content }
}

function dependenciesOf(file: string, compilers: SourceCompilers): readonly string[] {
  return compilers.dependenciesOf(file).map((path) => normalizePath(path))
}
