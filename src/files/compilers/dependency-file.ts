import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

/** Resolves with the files that a dependency file of clang or rustc names, as absolute paths, without the source itself. */
export async function readDependencies(path: string, source: string, folder: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return namesOfRule(text)
    .map((name) => resolve(folder, name))
    .filter((file) => file !== source)
}

/** Returns the prerequisites of the first rule of a makefile. */
export function namesOfRule(makefile: string): string[] {
  const [rule = ''] = makefile.replace(/\\\r?\n/g, ' ').split('\n')
  const start = rule.search(/:(\s|$)/)
  const names = start < 0 ? [] : (rule.slice(start + 1).match(/(?:\\[ #]|\S)+/g) ?? [])
  return names.map((name) => name.replace(/\\([ #])/g, '$1').replaceAll('$$', '$'))
}
