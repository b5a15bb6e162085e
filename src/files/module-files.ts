import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** Finds relative specifiers in `from './x'`, `import './x'` and `import('./x')`. */
const SPECIFIER = /\b(?:from|import)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g
/** The extensions of modules, without those of scripts. */
export const MODULE_EXTENSIONS: readonly string[] = ['.ts', '.mts', '.js', '.mjs', '.tsx', '.cts', '.cjs']
/** Files that are followed at most. */
const MAX_FILES = 1000

/**
 * Resolves with a module and the modules that it imports by relative specifiers, and those that they import. The entry may be a folder with an
 * index. It reads modules as text, so it may name a file that only a comment names.
 */
export async function moduleFiles(entry: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  const waiting = [(await resolveModule(entry)) ?? entry]
  for (let file = waiting.pop(); file !== undefined && found.size < MAX_FILES; file = waiting.pop()) {
    if (found.has(file)) continue
    found.add(file)
    const text = await readFile(file, 'utf8').catch(() => '')
    for (const [, , specifier = ''] of text.matchAll(SPECIFIER)) {
      const imported = await resolveModule(resolve(dirname(file), specifier))
      if (imported !== undefined) waiting.push(imported)
    }
  }
  return found
}

/** Resolves with the module file that a path means; `undefined` if there is none. TypeScript imports `x.js` for `x.ts`. */
async function resolveModule(path: string): Promise<string | undefined> {
  const base = path.replace(/\.[cm]?[jt]sx?$/, '')
  const candidates = [
    path,
    ...MODULE_EXTENSIONS.map((extension) => base + extension),
    ...MODULE_EXTENSIONS.map((extension) => `${path}/index${extension}`),
  ]
  for (const candidate of candidates) {
    const isModule = MODULE_EXTENSIONS.some((extension) => candidate.endsWith(extension))
    if (isModule && (await stat(candidate).catch(() => undefined))?.isFile() === true) return candidate
  }
  return undefined
}
