import { languageOf } from './compilers/languages.ts'
import { sourceCompilers } from './compilers/registry.ts'
import { readScriptFile } from './read-script-file.ts'

/**
 * Resolves with what decides the module of a script's file: its content, and that of the files that a source depends on. Resolves with `undefined`
 * if the file cannot be read. Rejects as {@link readScriptFile} does.
 */
export async function readWhole(file: string, limit: number): Promise<Uint8Array | undefined> {
  const content = await readScriptFile(file, limit)
  if (content === undefined || languageOf(file) === undefined) return content
  const [, ...dependencies] = sourceCompilers().filesOf(file)
  const parts = await Promise.all(dependencies.map((each) => readScriptFile(each, limit).catch(() => undefined)))
  // A file that is empty differs from one that is missing.
  return Buffer.concat([content, ...parts.flatMap((part) => (part === undefined ? [] : [Uint8Array.of(0), part]))])
}

/** Resolves with the module of a script's file, or with its content if nothing has to be compiled. */
export async function compileFile(file: string, content: Uint8Array): Promise<Uint8Array> {
  return languageOf(file) === undefined ? content : sourceCompilers().compile(file)
}
