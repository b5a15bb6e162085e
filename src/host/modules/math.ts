import { MATH_PRICES } from '../../abi/prices.ts'
import type { MathFunctions } from '../services/math-functions.ts'
import { type FixedImport, type FixedModule, grantedByName } from './import-module.ts'

/** The name of a function of `math`. */
export type MathName = keyof typeof MATH_PRICES

const UNARY: readonly MathName[] = ['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'exp', 'log']
const BINARY: readonly MathName[] = ['atan2', 'pow', 'hypot']

export const math: FixedModule = grantedByName(
  'math',
  Object.fromEntries([
    ...UNARY.map((name) => [name, mathFunction(name, ['f64'], 'x')]),
    ...BINARY.map((name) => [name, mathFunction(name, ['f64', 'f64'], 'a, b')]),
  ]),
)

function mathFunction(name: MathName, params: FixedImport['params'], args: string): Omit<FixedImport, 'permission'> {
  return {
    params,
    results: ['f64'],
    meaning: `${name}(${args}), the same bits on every engine`,
    price: MATH_PRICES[name],
    // The functions are a seventh of the package, so `services/math-functions.ts` is loaded when a module first imports one.
    implement: (context) => (context.math as MathFunctions)[name],
  }
}
