import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isGenerated } from '../files/compilers/generated-head.ts'
import { sourcesAmong } from '../files/compilers/script-sources.ts'
import { isSourceName } from '../files/compilers/source-languages.ts'
import { mayBeManifest, modulesOfManifest } from '../files/manifest-file.ts'
import { DEFAULT_LIMITS } from '../index.ts'

const EXTENSIONS: readonly string[] = ['.wat', '.wasm']

/** Returns whether a file may be a script, a source of one, or a manifest, by its name. */
export function mayBeScript(file: string): boolean {
  return EXTENSIONS.includes(extname(file).toLowerCase()) || isSourceName(file) || mayBeManifest(file)
}

/**
 * Returns the files of a folder that are scripts by themselves: not other JSON and other TypeScript, not what `bitscript bindings` wrote, not the parts of a program, and not the modules that
 * a manifest beside them names.
 */
export async function scriptsAmong(files: readonly string[]): Promise<string[]> {
  const modules = new Set<string>()
  const others = new Set<string>()
  for (const file of files.filter(mayBeManifest)) {
    const named = await modulesNamedBy(file)
    if (named === undefined) others.add(file)
    for (const module of named ?? []) modules.add(module)
  }
  for (const file of files)
    if (extname(file).toLowerCase() === '.wat' && isGenerated(await readFile(file, 'utf8').catch(() => ''))) others.add(file)
  const sources = await sourcesAmong(files)
  const isScript = (file: string): boolean => (isSourceName(file) ? sources.includes(file) : mayBeScript(file) && !others.has(file))
  return files.filter((file) => isScript(file) && !modules.has(file))
}

/** Returns whether a file is a script or a manifest by its content. */
export async function mayLoad(file: string): Promise<boolean> {
  return (await scriptsAmong([file])).length > 0
}

/** Resolves with the manifests beside a file that name it. */
export async function manifestsOf(file: string): Promise<string[]> {
  const folder = dirname(file)
  const beside = (await readdir(folder).catch(() => [])).filter(mayBeManifest).map((name) => join(folder, name))
  const found: string[] = []
  for (const manifest of beside) if ((await modulesNamedBy(manifest))?.includes(file) === true) found.push(manifest)
  return found
}

/** Resolves with the paths of the modules that a manifest names; `undefined` if the file is no manifest. */
async function modulesNamedBy(file: string): Promise<readonly string[] | undefined> {
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile() !== true || found.size > DEFAULT_LIMITS.moduleBytes) return undefined
  const content = await readFile(file).catch(() => undefined)
  const modules = content && modulesOfManifest(content, pathToFileURL(file))
  return modules?.filter(({ protocol }) => protocol === 'file:').map((url) => fileURLToPath(url))
}
