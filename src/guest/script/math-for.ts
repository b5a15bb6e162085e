import type { MathFunctions } from '../../host/services/math-functions.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'

/** Loads the functions of `math`, a seventh of the package, when a module imports one of them. */
export async function mathFor({ imports }: DecodedModule): Promise<MathFunctions | undefined> {
  return imports.some(({ module }) => module === 'math') ? (await import('../../host/services/math-functions.ts')).MATH : undefined
}
