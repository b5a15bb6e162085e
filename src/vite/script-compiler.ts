import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DEFAULT_LIMITS, describeModule, type Manifest, ScriptError } from '../index.ts'
import { readSource } from '../runtime/load/source.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'

/**
 * Compiles a script in another language, from the path and the content of its file. Returns a module, or WAT text.
 *
 * @example
 * const compile: ScriptCompiler = ({ file, content }) => compileToWat(file, new TextDecoder().decode(content))
 */
export type ScriptCompiler = (script: {
  readonly file: string
  readonly content: Uint8Array
}) => Promise<Uint8Array | string> | Uint8Array | string

/** Compilers by file extension, such as `.as`. */
export type ScriptCompilers = Readonly<Record<string, ScriptCompiler>>

/** Compiles and checks the file of a script. Errors show its path as `file`. Rejects with a `ScriptError`. */
export async function compileScript(path: string, file: string, content: Uint8Array, compilers: ScriptCompilers): Promise<SourceModule> {
  const compiler = compilers[extname(path)] ?? compilers[extname(path).toLowerCase()]
  const compiled = compiler === undefined ? content : await runCompiler(compiler, path, content)
  const { href } = pathToFileURL(path)
  const read = await readSource({ url: new URL(href), content: compiled }, file, DEFAULT_LIMITS)
  const { manifest, mod, ...module } = read
  const named = { name: file, url: href, file: module.file, ...(mod !== undefined && { mod: mod.manifest as Manifest }) }
  // Passes the module as an asset, whose bytes are not assembled again.
  await describeModule(manifest === undefined ? { ...module, ...named } : { ...named, manifest: JSON.parse(manifest.text) })
  return mod === undefined ? { ...read, file } : read
}

async function runCompiler(compiler: ScriptCompiler, file: string, content: Uint8Array): Promise<Uint8Array | string> {
  try {
    return await compiler({ file, content })
  } catch (cause) {
    if (cause instanceof ScriptError) throw cause
    throw new ScriptError('InvalidText', cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
