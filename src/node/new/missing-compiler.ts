import { sourceCompilers } from '../../files/compilers/registry.ts'
import { isSourceName } from '../../files/compilers/source-languages.ts'
import { ScriptError } from '../../index.ts'

/**
 * Compiles a source, and resolves with what is said if there is no compiler, such as how to install it; with `undefined` if there is one, or the source
 * needs none.
 */
export async function missingCompiler(source: string): Promise<string | undefined> {
  if (!isSourceName(source)) return undefined
  try {
    await sourceCompilers().compile(source)
  } catch (error) {
    if (error instanceof ScriptError && error.code === 'EngineUnavailable') return error.detail
  }
  return undefined
}
