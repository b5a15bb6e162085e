import { extname } from 'node:path'
import { isAssemblyScript } from './assemblyscript.ts'
import type { Compiler } from './compiler.ts'

/** A language that scripts can be written in, beside WAT. */
export interface Language {
  readonly name: string
  /** Returns the compiler, which is loaded on first use. */
  readonly load: () => Promise<Compiler>
}

const ASSEMBLYSCRIPT = '.ts'

/** The languages by file extension. */
const LANGUAGES: Readonly<Record<string, Language>> = {
  '.c': { name: 'C', load: async () => (await import('./c.ts')).compileC },
  '.rs': { name: 'Rust', load: async () => (await import('./rust.ts')).compileRust },
  [ASSEMBLYSCRIPT]: { name: 'AssemblyScript', load: async () => (await import('./assemblyscript.ts')).compileAssemblyScript },
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
