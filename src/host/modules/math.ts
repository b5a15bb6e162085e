import { PRICES } from '../../abi/prices.ts'
import { type FixedImport, type FixedModule, grantedByName, type ImportedFunction } from '../import-module.ts'

const UNARY = ['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'exp', 'log'] as const
const BINARY = ['atan2', 'pow', 'hypot'] as const

/** The name of a function of `math`. */
export type MathName = (typeof UNARY)[number] | (typeof BINARY)[number]

/** The functions of `math`, by name: `math-functions.ts`, which is loaded for the first module that imports one. */
export type MathFunctions = Readonly<Record<MathName, ImportedFunction>>

/** Units of fuel of functions whose worst arguments take longer than those of the others. */
const HIGHER_PRICES: Readonly<Partial<Record<MathName, number>>> = {}

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
    price: HIGHER_PRICES[name] ?? PRICES.math,
    implement: (context) => (context.math as MathFunctions)[name],
  }
}
