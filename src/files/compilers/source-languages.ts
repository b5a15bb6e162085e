import { extname } from 'node:path'
import type { SOURCE_EXTENSIONS } from '../../runtime/load/file-compiler.ts'
import { isAssemblyScript } from './compile-assemblyscript.ts'
import type { Compiler } from './compiler.ts'

/** Languages by file extension, such as `.c`, in lower case. */
export type SourceLanguages = Readonly<Record<string, SourceLanguage>>

/** A language that scripts can be written in, beside WAT. */
export interface SourceLanguage {
  /** Returns the compiler, which is loaded on first use. */
  readonly load: () => Promise<Compiler>
}

const ASSEMBLYSCRIPT = '.ts'

const languages: Record<string, SourceLanguage> & Record<(typeof SOURCE_EXTENSIONS)[number], SourceLanguage> = {
  '.c': { load: async () => (await import('./compile-c.ts')).compileC },
  '.rs': { load: async () => (await import('./compile-rust.ts')).compileRust },
  [ASSEMBLYSCRIPT]: { load: async () => (await import('./compile-assemblyscript.ts')).compileAssemblyScript },
}

/** The languages whose compilers are known in this process: those of this package, and those that a game added. */
export const SOURCE_LANGUAGES: SourceLanguages = languages

/** Adds languages to those that are known, or in place of them. */
export function addLanguages(own: SourceLanguages): void {
  Object.assign(languages, own)
}

/** Returns whether a file is in such a language by its extension. A `.ts` file may be TypeScript: see {@link mayBeSource}. */
export function isSourceName(file: string): boolean {
  return SOURCE_LANGUAGES[extname(file).toLowerCase()] !== undefined
}

/** Returns whether a file is a source by its name and where it is: TypeScript outside of AssemblyScript is none. */
export function mayBeSource(file: string): boolean {
  if (!isSourceName(file) || /\.d\.ts$/i.test(file)) return false
  return extname(file).toLowerCase() !== ASSEMBLYSCRIPT || isAssemblyScript(file)
}
