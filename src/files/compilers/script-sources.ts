import { readdir, readFile } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import { isGenerated } from './generated-head.ts'
import { packageFolders } from './package-folders.ts'
import { isSourceName, mayBeSource } from './source-languages.ts'

/** The number types of AssemblyScript, which TypeScript does not have. */
const ASSEMBLYSCRIPT_TYPE = /:\s*(?:[iu](?:8|16|32|64)|f(?:32|64)|[iu]size|v128)\b|@external\b/

/** How a language names other files of a program. */
const NAMES: Readonly<Record<string, (text: string, file: string) => readonly string[]>> = {
  '.c': (text) => matches(text, /^\s*#\s*include\s*"([^"\n]+)"/gm),
  '.rs': (text, file) => [
    ...matches(text, /#\[path\s*=\s*"([^"\n]+)"\]/g),
    ...matches(text, /^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;/gm).flatMap((name) =>
      ['', `${file.replace(/^.*[\\/]|\.rs$/g, '')}/`].flatMap((folder) => [`${folder}${name}.rs`, `${folder}${name}/mod.rs`]),
    ),
  ],
  '.ts': (text) =>
    matches(text, /\b(?:from|import)\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g, 2).flatMap((name) => [`${name}.ts`, `${name}/index.ts`]),
}

/**
 * Returns the files that are sources of scripts by themselves: not TypeScript of the game, not what `bitscript bindings` wrote, and not the parts of
 * a program, which another source beside or above them names.
 */
export async function sourcesAmong(files: readonly string[]): Promise<string[]> {
  const sources = files.filter(mayBeSource)
  const texts = new Map<string, string>()
  for (const file of new Set([...sources, ...(await sourcesAround(sources))])) texts.set(file, await readFile(file, 'utf8').catch(() => ''))
  const parts = new Set<string>()
  for (const [file, text] of texts)
    for (const name of NAMES[extname(file).toLowerCase()]?.(text, file) ?? []) parts.add(resolve(dirname(file), name))
  return sources.filter((file) => {
    const text = texts.get(file) ?? ''
    const isOther = extname(file).toLowerCase() === '.ts' && !ASSEMBLYSCRIPT_TYPE.test(text)
    return !isOther && !parts.has(file) && !isGenerated(text)
  })
}

/** Resolves with the sources in the folders of some, and in those around them in their packages. */
async function sourcesAround(sources: readonly string[]): Promise<string[]> {
  const folders = new Set(sources.flatMap((source) => packageFolders(source)))
  const found: string[] = []
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) if (isSourceName(name)) found.push(join(folder, name))
  }
  return found
}

function matches(text: string, pattern: RegExp, group = 1): string[] {
  return [...text.matchAll(pattern)].map((match) => match[group] ?? '')
}
