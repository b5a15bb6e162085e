import { relative } from 'node:path'

/** Returns the path relative to the current folder, if the file is in it. */
export function shortPath(file: string): string {
  const path = relative(process.cwd(), file)
  return path === '' || path.startsWith('..') ? file : path
}
