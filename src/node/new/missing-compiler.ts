import { languageOf } from '../../files/compilers/languages.ts'

/**
 * Compiles a source, and resolves with what is said if there is no compiler, such as how to install it; with `undefined` if there is one, or the source
 * needs none.
 */
export async function missingCompiler(source: string): Promise<string | undefined> {
  const compile = await languageOf(source)?.load()
  const compiled = await compile?.(source)
  return compiled?.state === 'failed' && compiled.error.code === 'EngineUnavailable' ? compiled.error.detail : undefined
}
