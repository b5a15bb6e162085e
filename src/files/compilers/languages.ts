import { extname } from 'node:path'
import { isAssemblyScript } from './assemblyscript.ts'
import type { Compiler } from './compiler.ts'

/** Languages by file extension, such as `.c`, in lower case. */
export type Languages = Readonly<Record<string, Language>>

/** A language that scripts can be written in, beside WAT. */
export interface Language {
  /** Returns the compiler, which is loaded on first use. */
  readonly load: () => Promise<Compiler>
}

const ASSEMBLYSCRIPT = '.ts'

/** The languages whose compilers are known. */
export const LANGUAGES: Languages = {
  '.c': { load: async () => (await import('./c.ts')).compileC },
  '.rs': { load: async () => (await import('./rust.ts')).compileRust },
  [ASSEMBLYSCRIPT]: { load: async () => (await import('./assemblyscript.ts')).compileAssemblyScript },
}

/** The extensions of sources that are compiled. */
export const SOURCE_EXTENSIONS: readonly string[] = Object.keys(LANGUAGES)

/** Returns the language of a file by its extension; `undefined` if it is none. A `.ts` file may be TypeScript: see {@link mayBeSource}. */
export function languageOf(file: string): Language | undefined {
  return LANGUAGES[extname(file).toLowerCase()]
}

/** Returns whether a file is a source by its name and where it is: TypeScript outside of AssemblyScript is none. */
export function mayBeSource(file: string): boolean {
  if (languageOf(file) === undefined || /\.d\.ts$/i.test(file)) return false
  return extname(file).toLowerCase() !== ASSEMBLYSCRIPT || isAssemblyScript(file)
}
