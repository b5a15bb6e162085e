import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { normalizePath } from 'vite'
import type { Compiled, Compiler } from '../files/compilers/compiler.ts'
import { withoutDebugInformation } from '../files/compilers/custom-sections.ts'
import { sourceMapUrl, withMapInside } from '../files/compilers/inline-source-map.ts'
import { invalidSource } from '../files/compilers/mistakes.ts'
import { sourceCompilers } from '../files/compilers/registry.ts'
import { SourceCompilers } from '../files/compilers/source-compilers.ts'
import { isSourceName, type SourceLanguages } from '../files/compilers/source-languages.ts'
import { DEFAULT_LIMITS, describeModule, type Manifest, ScriptError } from '../index.ts'
import { readSource } from '../runtime/load/source.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'

/** What a {@link ScriptCompiler} returns, if the script is made of more than its file. */
export interface CompiledScript {
  /** A module, or WAT text. */
  readonly module: Uint8Array | string
  /** The paths of the other files that it depends on, such as those that it includes: a save of one compiles the script again. */
  readonly watch: readonly string[]
}

/**
 * Compiles a script in another language, from the path and the content of its file. Returns a module, or WAT text, alone or with the files that it
 * depends on. An error that it throws is a mistake in the script. If it has a `loc` (`{ file?, line, column }`, from 1), that place is shown.
 *
 * @example
 * const compile: ScriptCompiler = ({ file, content }) => compileToWat(file, new TextDecoder().decode(content))
 */
export type ScriptCompiler = (script: {
  readonly file: string
  readonly content: Uint8Array
}) => Promise<Uint8Array | string | CompiledScript> | Uint8Array | string | CompiledScript

/** Compilers by file extension, such as `.as`. */
export type ScriptCompilers = Readonly<Record<string, ScriptCompiler>>

/** Returns what compiles the scripts of a project: its own compilers, and those of the languages that are known. */
export function compilersOf(own: ScriptCompilers): SourceCompilers {
  const languages: SourceLanguages = Object.fromEntries(
    Object.entries(own).map(([extension, compiler]) => [extension.toLowerCase(), { load: async () => ownCompiler(compiler) }]),
  )
  return new SourceCompilers(languages, sourceCompilers())
}

/** How a script is compiled. */
export interface ScriptCompilation {
  readonly compilers: SourceCompilers
  /** Leave debug information in its module. */
  readonly debug: boolean
  /** Returns the path of a file as errors show it. */
  readonly nameOf: (file: string) => string
}

/** Compiles and checks the file of a script. Rejects with a `ScriptError`. */
export async function compileScript(path: string, content: Uint8Array, compilation: ScriptCompilation): Promise<SourceModule> {
  const file = compilation.nameOf(path)
  const compiled = compilation.compilers.handles(path) ? await compileSource(path, compilation) : content
  const { href } = pathToFileURL(path)
  const opened = await readSource({ url: new URL(href), content: compiled }, file, DEFAULT_LIMITS).catch((error: unknown) => {
    // The module of a manifest may be a source, too.
    throw error instanceof ScriptError && error.code === 'InvalidSource' ? named(error, path, compilation) : error
  })
  const read = compilation.debug ? { ...opened, bytes: withMap(opened) } : opened
  const { manifest, mod, ...module } = read
  const asset = { name: file, url: href, file: module.file, ...(mod !== undefined && { mod: mod.manifest as Manifest }) }
  // Passes the module as an asset, whose bytes are not assembled again.
  await describeModule(manifest === undefined ? { ...module, ...asset } : { ...asset, manifest: JSON.parse(manifest.text) })
  if (mod === undefined) return { ...read, file }
  const isSource = mod.files.some(({ pathname }) => isSourceName(pathname))
  return isSource && !compilation.debug ? { ...read, bytes: withoutDebugInformation(read.bytes) } : read
}

/** Returns a module with the source map in it that is a file beside it: a page cannot read that when the module traps. */
function withMap({ bytes, readBeside }: SourceModule): Uint8Array<ArrayBuffer> {
  const url = readBeside && sourceMapUrl(bytes)
  const json = url === undefined || url.startsWith('data:') ? undefined : readBeside?.(decodeURIComponent(url))
  const module = json === undefined ? bytes : withMapInside(bytes, json)
  return module.length > DEFAULT_LIMITS.moduleBytes ? bytes : module
}

async function compileSource(path: string, compilation: ScriptCompilation): Promise<Uint8Array> {
  const { compilers, debug } = compilation
  let module: Uint8Array
  try {
    module = await compilers.compile(path)
  } catch (error) {
    throw error instanceof ScriptError ? named(error, path, compilation) : error
  }
  return debug || module[0] !== 0 ? module : withoutDebugInformation(module)
}

/** Returns a mistake with the paths of its files as errors show them. One in another file names the script, too. */
function named(error: ScriptError, path: string, { nameOf }: ScriptCompilation): ScriptError {
  const { location, mistakes } = error
  if (location === undefined) return error
  const place = <Location extends { readonly file: string }>(at: Location): Location => ({ ...at, file: nameOf(normalizePath(at.file)) })
  const own = place(location)
  const detail = own.file === nameOf(path) ? error.detail : `${error.detail} (${nameOf(path)} depends on this file)`
  const listed = mistakes?.map((each) => ({ ...each, location: place(each.location) }))
  return new ScriptError(error.code, detail, {
    location: own,
    cause: error.cause,
    ...(error.frame !== undefined && { frame: error.frame }),
    ...(listed !== undefined && { mistakes: listed }),
  })
}

/** Returns a compiler of a project as those of known languages are. */
function ownCompiler(compile: ScriptCompiler): Compiler {
  return async (file): Promise<Compiled> => {
    try {
      const result = await compile({ file, content: new Uint8Array(await readFile(file)) })
      const isAlone = typeof result === 'string' || result instanceof Uint8Array
      const module = isAlone ? result : result.module
      const bytes = typeof module === 'string' ? new TextEncoder().encode(module) : module
      const watch = isAlone ? [] : result.watch.map((path) => normalizePath(resolve(dirname(file), path)))
      return { state: 'compiled', module: bytes, dependencies: watch, isComplete: !isAlone }
    } catch (cause) {
      return { state: 'failed', error: await mistakeIn(file, cause), dependencies: [] }
    }
  }
}

async function mistakeIn(file: string, cause: unknown): Promise<ScriptError> {
  if (cause instanceof ScriptError) return cause
  const detail = cause instanceof Error ? cause.message : String(cause)
  const { loc } = (cause ?? {}) as { readonly loc?: Readonly<Record<string, unknown>> }
  const { file: other, line, column = 1 } = loc ?? {}
  if (typeof line !== 'number' || typeof column !== 'number') return new ScriptError('InvalidSource', detail, { cause })
  return invalidSource([{ detail, file: typeof other === 'string' ? other : file, line, column }], dirname(file))
}
