import { dirname, extname, resolve } from 'node:path'
import MagicString from 'magic-string'
import { normalizePath, type Rolldown } from 'vite'
import { sourcesAmong } from '../files/compilers/script-sources.ts'
import { mayBeManifest } from '../files/manifest-file.ts'
import { ScriptError } from '../index.ts'
import type { ProjectScripts } from './project-scripts.ts'
import type { FileContent } from './script-content.ts'

const SCRIPT_URL = /\bnew\s+URL\s*\(\s*(['"`])(\.{1,2}\/(?:(?!\1)[^?#$\\\n])+)\1\s*,\s*import\.meta\.url\s*(?:,\s*)?\)/g

/** The code of a module, and what can parse it. */
export interface ModuleCode {
  readonly code: string
  readonly id: string
  readonly context: Pick<Rolldown.PluginContext, 'parse'>
  /** Whether URLs are also replaced in code that is not JavaScript, of which another plugin makes some. */
  readonly mayBeOther: boolean
}

/**
 * Replaces each `new URL('./mover.wat', import.meta.url)` of a module's code by the expression that `replace` resolves with, if it resolves
 * with one. JSON is passed to it only if it is the manifest of an Extism plugin, TypeScript only
 * if it is AssemblyScript. Resolves with `undefined` if nothing was replaced.
 */
export async function replaceScriptUrls(
  { code, id, context, mayBeOther }: ModuleCode,
  scripts: ProjectScripts,
  replace: (file: string, content: FileContent, expression: string) => Promise<string | undefined>,
): Promise<MagicString | undefined> {
  const urls = await scriptUrls(code, id, scripts)
  // Only then: the code of a package can be long, with URLs of scripts in its messages.
  if (urls.length === 0) return undefined
  const expressions = newExpressions(code, context)
  if (expressions === undefined && !mayBeOther) return undefined
  const replaced = new MagicString(code)
  for (const { index, whole, file, content } of urls) {
    // It may stand in a text or a comment.
    if (expressions?.has(index) === false) continue
    const expression = await replace(file, content, whole)
    if (expression !== undefined) replaced.update(index, index + whole.length, expression)
  }
  return replaced.hasChanged() ? replaced : undefined
}

/** What may be the URL of a script. */
interface ScriptUrl {
  readonly index: number
  readonly whole: string
  readonly file: string
  readonly content: FileContent
}

/** Returns the URLs in a module's code that name a script which is there. */
async function scriptUrls(code: string, id: string, scripts: ProjectScripts): Promise<readonly ScriptUrl[]> {
  const urls: ScriptUrl[] = []
  for (const { index, 0: whole, 2: path = '' } of code.matchAll(SCRIPT_URL)) {
    if (!scripts.isScript(path)) continue
    const file = normalizePath(resolve(dirname(id.replace(/\?.*$/, '')), path))
    const content = await scriptAt(file, scripts)
    if (content !== undefined) urls.push({ index, whole, file, content })
  }
  return urls
}

/** Reads the file of a URL. Resolves with `undefined` if it is no script, or something else makes it later. */
async function scriptAt(file: string, scripts: ProjectScripts): Promise<FileContent | undefined> {
  const content = await scripts.read(file).catch((error: unknown) => {
    // What is too large for a script is another asset.
    if (error instanceof ScriptError && error.code === 'TooLarge') return undefined
    throw error
  })
  // A worker may be TypeScript.
  if (extname(file).toLowerCase() === '.ts' && (await sourcesAmong([file])).length === 0) return undefined
  return mayBeManifest(file) && content?.isManifest === false ? undefined : content
}

/** Returns where `new` expressions begin; `undefined` if the code is not JavaScript. */
function newExpressions(code: string, context: Pick<Rolldown.PluginContext, 'parse'>): ReadonlySet<number> | undefined {
  const starts = new Set<number>()
  const nodes: object[] = []
  try {
    nodes.push(context.parse(code))
  } catch {
    return undefined
  }
  // No recursion: the tree of generated code may be deep.
  for (const node of nodes) {
    const { type, start } = node as { readonly type?: unknown; readonly start?: number }
    if (type === 'NewExpression' && start !== undefined) starts.add(start)
    for (const child of Object.values(node)) if (typeof child === 'object' && child !== null) nodes.push(child)
  }
  return starts
}
