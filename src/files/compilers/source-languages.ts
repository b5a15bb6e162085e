import { extname } from 'node:path'
import { isAssemblyScript } from './compile-assemblyscript.ts'
import type { Compiler } from './compiler.ts'

/** SourceLanguages by file extension, such as `.c`, in lower case. */
export type SourceLanguages = Readonly<Record<string, SourceLanguage>>

/** A language that scripts can be written in, beside WAT. */
export interface SourceLanguage {
  /** Returns the compiler, which is loaded on first use. */
  readonly load: () => Promise<Compiler>
}

const ASSEMBLYSCRIPT = '.ts'

/** The languages whose compilers are known. */
export const SOURCE_LANGUAGES: SourceLanguages = {
  '.c': { load: async () => (await import('./compile-c.ts')).compileC },
  '.rs': { load: async () => (await import('./compile-rust.ts')).compileRust },
  [ASSEMBLYSCRIPT]: { load: async () => (await import('./compile-assemblyscript.ts')).compileAssemblyScript },
}

/** The extensions of sources that are compiled. */
export const SOURCE_EXTENSIONS: readonly string[] = Object.keys(SOURCE_LANGUAGES)

/** Returns whether a file is in such a language by its extension. A `.ts` file may be TypeScript: see {@link mayBeSource}. */
export function isSourceName(file: string): boolean {
  return SOURCE_LANGUAGES[extname(file).toLowerCase()] !== undefined
}

/** Returns whether a file is a source by its name and where it is: TypeScript outside of AssemblyScript is none. */
export function mayBeSource(file: string): boolean {
  if (!isSourceName(file) || /\.d\.ts$/i.test(file)) return false
  return extname(file).toLowerCase() !== ASSEMBLYSCRIPT || isAssemblyScript(file)
}
