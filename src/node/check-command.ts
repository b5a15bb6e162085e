import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sourceCompilers } from '../files/compilers/registry.ts'
import { ScriptError } from '../index.ts'
import { type CheckedFile, checkFile, mistakesOf } from './checked-file.ts'
import { entriesOf } from './folder-entries.ts'
import { formatChecked } from './format-report.ts'
import { isFolder } from './mod-manifests.ts'
import { print, printJson } from './output.ts'
import { scriptsAmong } from './script-files.ts'
import { shortPath } from './short-path.ts'
import { importSimulation } from './simulation.ts'

/** Options of `bitscript check`. */
export interface CheckOptions {
  /** The path of a simulation whose components and host functions the scripts are linked against. */
  readonly sim?: string
  /** Whether to warn of what scripts keep outside of components. @default false */
  readonly net?: boolean
  /** Print the results as a JSON array of {@link CheckedFile}. */
  readonly json?: boolean
}

/**
 * Checks script files and all scripts in folders, and prints a description or the mistakes of each. Resolves with the exit
 * code: 1 if there is a mistake.
 */
export async function check(paths: readonly string[], options: CheckOptions): Promise<number> {
  sourceCompilers()
  const create = options.sim === undefined ? undefined : await importSimulation(resolve(options.sim))
  const runtime = (await create?.({ seed: 0 }))?.runtime
  const results: CheckedFile[] = []
  const add = (result: CheckedFile): void => {
    results.push(result)
    if (options.json !== true) print(formatChecked(result))
  }
  try {
    for (const path of paths) {
      const files = await scriptsIn(resolve(path)).catch((error) => {
        if (!(error instanceof ScriptError)) throw error
        add(failed(path, error))
        return []
      })
      for (const file of files) add(await checkFile(shortPath(file), pathToFileURL(file), runtime, options.net))
    }
  } finally {
    runtime?.dispose()
  }
  if (options.json === true) printJson(results)
  return results.every(({ ok }) => ok) ? 0 : 1
}

function failed(path: string, error: ScriptError): CheckedFile {
  const file = shortPath(resolve(path))
  return { file, ok: false, mistakes: mistakesOf(error, file) }
}

/**
 * Resolves with the scripts and manifests in a folder and its subfolders, sorted; for any other path, with the path. Rejects with `LoadFailed` if there
 * are none in a folder, or a folder cannot be read.
 */
async function scriptsIn(path: string): Promise<string[]> {
  if (!(await isFolder(path))) return [path]
  const scripts = await scriptsAmong(await filesIn(path))
  if (scripts.length > 0) return scripts
  throw new ScriptError('LoadFailed', 'the folder has no scripts (.wat, .wasm, .c, .rs, AssemblyScript in .ts), and no manifests')
}

/** Resolves with the files in a folder and in its subfolders, except hidden ones and packages. */
async function filesIn(path: string): Promise<string[]> {
  const entries = await entriesOf(path)
  const files: string[] = []
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const isSearched = entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules'
    if (isSearched) files.push(...(await filesIn(join(path, entry.name))))
    else if (!entry.isDirectory()) files.push(join(path, entry.name))
  }
  return files
}
