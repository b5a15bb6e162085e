import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'

/** The list of what npm installed into a folder, which npm keeps in it. */
interface InstalledPackages {
  readonly packages?: Readonly<Record<string, { readonly resolved?: string }>>
}

/**
 * Resolves with what the package.json in `folder` must name to get the package that is at `root`: its version, or the archive or folder that it was
 * installed from.
 */
export async function dependencyOn(root: string, folder: string): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { name: string; version: string }
  const source = await sourceOf(root, name)
  const exists = source !== undefined && (await stat(source).catch(() => undefined)) !== undefined
  return exists ? `file:${relative(folder, source).split(sep).join('/')}` : `^${version}`
}

/** Resolves with the archive or folder that a package was installed from; `undefined` if it came from a registry. */
async function sourceOf(root: string, name: string): Promise<string | undefined> {
  const packages = dirname(root)
  // A clone of the repository.
  if (basename(packages) !== 'node_modules') return root
  const text = await readFile(join(packages, '.package-lock.json'), 'utf8').catch(() => '{}')
  const resolved = (JSON.parse(text) as InstalledPackages).packages?.[`node_modules/${name}`]?.resolved
  return resolved?.startsWith('file:') ? resolve(dirname(packages), resolved.slice('file:'.length)) : undefined
}
