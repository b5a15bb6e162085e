import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DEFAULT_LIMITS, describeModule, ScriptError } from '../index.ts'
import { readSource } from '../runtime/load/source.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'

/** Makes a module, or WAT text, of a script in another language. */
export type ScriptCompiler = (script: {
  readonly file: string
  readonly content: Uint8Array
}) => Promise<Uint8Array | string> | Uint8Array | string

/** By extension, such as `.ts`. */
export type ScriptCompilers = Readonly<Record<string, ScriptCompiler>>

/** Makes a checked module of a script's file; `file` is what mistakes name. Throws `ScriptError`. */
export async function compileScript(path: string, file: string, content: Uint8Array, compilers: ScriptCompilers): Promise<SourceModule> {
  const compiler = compilers[extname(path)]
  const compiled = compiler === undefined ? content : await runCompiler(compiler, path, content)
  const { href } = pathToFileURL(path)
  const module = await readSource({ url: new URL(href), content: compiled }, file, DEFAULT_LIMITS.moduleBytes)
  // What is assembled is not assembled again.
  await describeModule({ ...module, name: file, url: href, file })
  return { ...module, file }
}

async function runCompiler(compiler: ScriptCompiler, file: string, content: Uint8Array): Promise<Uint8Array | string> {
  try {
    return await compiler({ file, content })
  } catch (cause) {
    if (cause instanceof ScriptError) throw cause
    throw new ScriptError('InvalidText', cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
