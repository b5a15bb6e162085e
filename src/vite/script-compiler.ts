import { pathToFileURL } from 'node:url'
import { normalizePath } from 'vite'
import { withoutDebugInformation } from '../files/compilers/custom-sections.ts'
import { sourceMapUrl, withMapInside } from '../files/compilers/inline-source-map.ts'
import { languagesOf, type ScriptCompilers } from '../files/compilers/own-compilers.ts'
import { sourceCompilers } from '../files/compilers/registry.ts'
import { SourceCompilers } from '../files/compilers/source-compilers.ts'
import { isSourceName } from '../files/compilers/source-languages.ts'
import { DEFAULT_LIMITS, describeModule, type Manifest, ScriptError } from '../index.ts'
import { readSource } from '../runtime/load/source.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'
import type { FileContent } from './script-content.ts'

/** Returns what compiles the scripts of a project: its own compilers, and those of the languages that are known. */
export function compilersOf(own: ScriptCompilers): SourceCompilers {
  return new SourceCompilers(languagesOf(own), sourceCompilers())
}

/** How a script is compiled. */
export interface ScriptCompilation {
  readonly compilers: SourceCompilers
  /** Leave debug information in its module. */
  readonly debug: boolean
  /** Returns the path of a file as errors show it. */
  readonly nameOf: (file: string) => string
}

/** Compiles and checks a script as its files were read. Rejects with a `ScriptError`. */
export async function compileScript(
  path: string,
  { content, held }: Pick<FileContent, 'content' | 'held'>,
  compilation: ScriptCompilation,
): Promise<SourceModule> {
  const file = compilation.nameOf(path)
  const compiled = compilation.compilers.handles(path) ? await compileSource(path, compilation) : content
  const { href } = pathToFileURL(path)
  const opened = await readSource({ url: new URL(href), content: compiled }, file, { ...DEFAULT_LIMITS, held }).catch((error: unknown) => {
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
  // Faults are in the module of the manifest.
  const shown = { ...read, file: compilation.nameOf(normalizePath(read.file)) }
  return isSource && !compilation.debug ? { ...shown, bytes: withoutDebugInformation(read.bytes) } : shown
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
