import { extname, relative } from 'node:path'
import { normalizePath, type ResolvedConfig } from 'vite'
import type { ScriptCompilers } from '../files/compilers/own-compilers.ts'
import { SOURCE_LANGUAGES } from '../files/compilers/source-languages.ts'
import type { SourceMistake } from '../index.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'
import { compilersOf, compileScript } from './script-compiler.ts'
import { compiledScript, type FileContent, readScript } from './script-content.ts'

/** The scripts of a Vite project: which files are scripts, and what their modules are. */
export interface ProjectScripts {
  /** Returns whether a file is a script by its extension. */
  isScript(file: string): boolean
  /** Returns whether a script is compiled from a language other than WAT. */
  isSource(file: string): boolean
  /** Returns the path of a file as errors show it: relative to the root of the project, if the file is in it. */
  nameOf(file: string): string
  /** Reads the file of a script. Resolves with `undefined` if it cannot be read. */
  read(file: string): Promise<FileContent | undefined>
  /** Compiles and checks a script as it was read. Rejects with a `ScriptError`. */
  compile(file: string, script: FileContent): Promise<SourceModule>
  /** Calls a listener with each warning of a compiler, once. Its file is named as errors show it. Returns a function that ends it. */
  onWarning(listener: (warning: SourceMistake) => void): () => void
  /** Returns a script as it was when it was last compiled: the compiler may have found other dependencies than before. */
  compiled(file: string, script: FileContent): FileContent
}

/** Returns the scripts of a project that has compilers of its own. `configOf` is called once Vite has resolved its config. */
export function projectScripts(own: ScriptCompilers, configOf: () => ResolvedConfig): ProjectScripts {
  const compilers = compilersOf(own)
  const extensions = ['.wat', '.wasm', '.json', ...Object.keys(SOURCE_LANGUAGES), ...Object.keys(own)]
  const nameOf = (file: string): string => {
    const path = relative(configOf().root, file)
    return path.startsWith('..') ? file : path
  }
  return {
    isScript: (file) => extensions.includes(extname(file)) || extensions.includes(extname(file).toLowerCase()),
    isSource: (file) => compilers.handles(file),
    nameOf,
    read: (file) => readScript(file, compilers),
    // A page that is built downloads its modules without debug information.
    compile: (file, script) => compileScript(file, script, { compilers, nameOf, debug: configOf().command === 'serve' }),
    onWarning: (listener) =>
      compilers.onWarning((warning) => {
        const file = nameOf(normalizePath(warning.location.file))
        listener({ ...warning, location: { ...warning.location, file } })
      }),
    compiled: (file, script) => compiledScript(file, script, compilers),
  }
}
