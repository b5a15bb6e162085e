import { notLoaded } from '../../errors.ts'
import type { MathFunctions } from '../../host/services/math-functions.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'

/** Loads the functions of `math`, a seventh of the package, when a module imports one of them. */
export async function mathFor({ imports }: DecodedModule): Promise<MathFunctions | undefined> {
  if (!imports.some(({ module }) => module === 'math')) return undefined
  const { MATH } = await import('../../host/services/math-functions.ts').catch(notLoaded('the functions of math'))
  return MATH
}
