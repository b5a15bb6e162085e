import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isPassedOverName } from '../files/folder-watcher.ts'
import { readScriptFile } from '../files/read-script-file.ts'
import { DEFAULT_LIMITS, type Manifest, parseManifest, ScriptError } from '../index.ts'
import { entriesOf } from './folder-entries.ts'

/** Returns whether a file is the manifest of a mod, by its name. */
export function isModManifest(file: string): boolean {
  return file.endsWith('.script.json')
}

/**
 * Resolves with the manifests of mods that a path names, sorted: the file itself, or those in the folder and its subfolders. Rejects with `LoadFailed`
 * if there are none, or a folder cannot be read.
 */
export async function manifestsAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new ScriptError('LoadFailed', `there is no file or folder ${path}`)
  if (!found.isDirectory()) {
    if (path.endsWith('.json')) return [path]
    throw new ScriptError('LoadFailed', `${path} is neither a folder of mods nor a manifest (name.script.json)`)
  }
  const manifests = await manifestsIn(path)
  if (manifests.length === 0) throw new ScriptError('LoadFailed', `the folder ${path} has no manifests of mods (name.script.json)`)
  return manifests.sort()
}

/** Resolves with whether a path is that of a folder. */
export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true
}

async function manifestsIn(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await entriesOf(folder)) {
    if (isPassedOverName(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(await manifestsIn(path)))
    else if (isModManifest(path)) found.push(path)
  }
  return found
}

/** Resolves with a manifest. Rejects with `InvalidManifest` and all of its mistakes, `LoadFailed`, `TooLarge`. */
export async function readManifest(file: string): Promise<Manifest> {
  const content = await readScriptFile(file, DEFAULT_LIMITS.moduleBytes)
  if (content === undefined) throw new ScriptError('LoadFailed', 'there is no such file')
  return parseManifest(content)
}
