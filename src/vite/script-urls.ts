import { dirname, extname, resolve } from 'node:path'
import { normalizePath } from 'vite'
import { sourcesAmong } from '../files/compilers/script-sources.ts'
import { mayBeManifest } from '../files/manifest-file.ts'
import type { ProjectScripts } from './project-scripts.ts'
import type { FileContent } from './script-content.ts'

const SCRIPT_URL = /\bnew\s+URL\s*\(\s*(['"`])(\.{1,2}\/[^'"`?#$]+)\1\s*,\s*import\.meta\.url\s*(?:,\s*)?\)/g

/**
 * Replaces each `new URL('./mover.wat', import.meta.url)` of a module's code by the expression that `replace` resolves with, if it resolves
 * with one. JSON is passed to it only if it is the manifest of an Extism plugin, TypeScript only
 * if it is AssemblyScript. Returns `undefined` if nothing was replaced.
 */
export async function replaceScriptUrls(
  code: string,
  id: string,
  scripts: ProjectScripts,
  replace: (file: string, content: FileContent, expression: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  let replaced = ''
  let end = 0
  for (const match of code.matchAll(SCRIPT_URL)) {
    const [whole, , path = ''] = match
    if (!scripts.isScript(path)) continue
    const file = normalizePath(resolve(dirname(id.replace(/\?.*$/, '')), path))
    // It may stand in a comment, or name a file that something else makes.
    const content = await scripts.read(file)
    // A worker may be TypeScript.
    if (extname(path).toLowerCase() === '.ts' && (await sourcesAmong([file])).length === 0) continue
    if (content === undefined || (mayBeManifest(file) && !content.isManifest)) continue
    const expression = await replace(file, content, whole)
    if (expression === undefined) continue
    replaced += code.slice(end, match.index) + expression
    end = match.index + whole.length
  }
  return end === 0 ? undefined : replaced + code.slice(end)
}
