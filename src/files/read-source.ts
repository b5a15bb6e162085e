import { sourceCompilers } from './compilers/registry.ts'
import { isSourceName } from './compilers/source-languages.ts'
import { readScriptFile } from './read-script-file.ts'

/**
 * Resolves with what decides the module of a script's file: its content, and with a source, that of the files it depends on. Resolves with
 * `undefined` if the file cannot be read. Rejects as {@link readScriptFile} does.
 */
export async function readWhole(file: string, limit: number): Promise<Uint8Array | undefined> {
  const content = await readScriptFile(file, limit)
  const isSource = content !== undefined && content.length > 0 && isSourceName(file)
  return isSource ? sourceCompilers().read(file, content) : content
}

/** Resolves with the module of a script's file, or with its content if nothing has to be compiled. */
export async function compileFile(file: string, content: Uint8Array): Promise<Uint8Array> {
  return isSourceName(file) ? sourceCompilers().compile(file) : content
}

/** Returns what {@link readWhole} resolved with for the files that were last compiled; `content` of a file that is no source. */
export function compiledContent(file: string, content: Uint8Array): Uint8Array {
  return (isSourceName(file) ? sourceCompilers().compiledContent(file) : undefined) ?? content
}
