import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { normalizePath } from 'vite'

const FILE_SYSTEM = '/@fs/'

/** Returns the real path of a file that a link leads to; `undefined` if its path is the real one, or there is no file. */
export function linkTarget(path: string): string | undefined {
  try {
    const real = normalizePath(realpathSync.native(path))
    return real === path ? undefined : real
  } catch {
    return undefined
  }
}

/**
 * Returns the path of the link by which an import names a file, without a query. Vite resolves an import to the real path of its file, and so
 * does not notice a link that is changed to lead to another. `undefined` if the import names no link to this file.
 */
export function linkPath(specifier: string, importer: string | undefined, root: string, file: string): string | undefined {
  const path = cleanPath(specifier)
  const paths = path.startsWith('.')
    ? [join(dirname(cleanPath(importer ?? '')), path)]
    : path.startsWith(FILE_SYSTEM)
      ? [path.slice(FILE_SYSTEM.length - 1), path.slice(FILE_SYSTEM.length)]
      : [join(root, path), path]
  return paths.map(normalizePath).find((each) => linkTarget(each) === file)
}

function cleanPath(id: string): string {
  return id.replace(/\?.*$/, '')
}
