import { dirname, resolve } from 'node:path'
import { readScriptFile } from '../files/read-script-file.ts'
import { DEFAULT_LIMITS } from '../index.ts'

const SCRIPT_URL = /\bnew\s+URL\s*\(\s*(['"`])(\.{1,2}\/[^'"`?#$]+)\1\s*,\s*import\.meta\.url\s*(?:,\s*)?\)/g

/**
 * Replaces the path in each `new URL('./mover.wat', import.meta.url)` of a module's code by the expression that `compile` resolves
 * with, if it resolves with one. Returns `undefined` if nothing was replaced.
 */
export async function replaceScriptUrls(
  code: string,
  id: string,
  isScript: (file: string) => boolean,
  compile: (file: string, content: Uint8Array) => Promise<string | undefined>,
): Promise<string | undefined> {
  let replaced = ''
  let end = 0
  for (const match of code.matchAll(SCRIPT_URL)) {
    const [whole, , path = ''] = match
    if (!isScript(path)) continue
    const file = resolve(dirname(id.replace(/\?.*$/, '')), path)
    // It may stand in a comment, or name a file that something else makes.
    const content = await readScriptFile(file, DEFAULT_LIMITS.moduleBytes)
    const expression = content === undefined ? undefined : await compile(file, content)
    if (expression === undefined) continue
    replaced += `${code.slice(end, match.index)}new URL(${expression}, import.meta.url)`
    end = match.index + whole.length
  }
  return end === 0 ? undefined : replaced + code.slice(end)
}
