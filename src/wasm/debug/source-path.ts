/** Returns a path in a folder; the path itself if it is absolute or there is no folder. */
export function joinPath(folder: string | undefined, path: string): string {
  if (folder === undefined || folder === '' || isAbsolute(path)) return path
  const parts: string[] = []
  for (const part of `${folder}/${path}`.split(/[\\/]/)) {
    if (part === '.' || (part === '' && parts.length > 0)) continue
    if (part === '..' && parts.length > 1 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  return parts.join('/')
}

/** Returns whether a path begins at a root, a drive or the scheme of a URL. */
export function isAbsolute(path: string): boolean {
  return /^([a-z]:)?[\\/]|^[a-z][a-z\d+.-]+:\/\//i.test(path)
}
