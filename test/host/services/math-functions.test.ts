import { IMPORTS } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { MATH as FUNCTIONS } from '../../../src/host/services/math-functions.ts'

const MATH = FUNCTIONS as Readonly<Record<string, (...args: number[]) => number>>

const bits = (value: number): string => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return view.getBigUint64(0).toString(16).padStart(16, '0')
}

/** The bits of results. All are correctly rounded except those of acos and exp, which are off by one ulp. */
const VECTORS: readonly [string, readonly number[], string][] = [
  ['sin', [1], '3feaed548f090cee'],
  ['sin', [1e22], 'bfeb453ab76bf397'],
  ['sin', [-0], '8000000000000000'],
  ['cos', [1], '3fe14a280fb5068c'],
  ['cos', [1e22], '3fe0be2cef01c8f4'],
  ['tan', [1], '3ff8eb245cbee3a6'],
  ['asin', [0.5], '3fe0c152382d7366'],
  ['asin', [2], '7ff8000000000000'],
  ['acos', [0.5], '3ff0c152382d7365'],
  ['atan', [1], '3fe921fb54442d18'],
  ['atan2', [-1, -1], 'c002d97c7f3321d2'],
  ['atan2', [0, -1], '400921fb54442d18'],
  ['exp', [1], '4005bf0a8b14576a'],
  ['exp', [-1000], '0000000000000000'],
  ['log', [10], '40026bb1bbb55516'],
  ['log', [0], 'fff0000000000000'],
  ['log', [-1], '7ff8000000000000'],
  ['pow', [2, 0.5], '3ff6a09e667f3bcd'],
  ['pow', [2, 1023], '7fe0000000000000'],
  ['pow', [-8, 1 / 3], '7ff8000000000000'],
  ['pow', [0, -1], '7ff0000000000000'],
  ['hypot', [3, 4], '4014000000000000'],
  ['hypot', [0.17442750930786133, -7.430548071861267], '401dbafa344e16a8'],
  ['hypot', [3e-320, 4e-320], '0000000000002788'],
  ['hypot', [Number.POSITIVE_INFINITY, Number.NaN], '7ff0000000000000'],
  ['pow', [Number.NaN, 0], '3ff0000000000000'],
  ['pow', [1, Number.NaN], '3ff0000000000000'],
  ['pow', [-1, Number.NEGATIVE_INFINITY], '3ff0000000000000'],
  ['hypot', [1e200, 1e200], '697d8f9811335b57'],
]

const SCALES = [1, 0.737, 0.543, 0.401, 0.295, 0.217, 0.16]

describe('math', () => {
  it('has every function of the ABI', () => {
    expect(Object.keys(MATH).sort()).toEqual(
      IMPORTS.filter(({ module }) => module === 'math')
        .map(({ name }) => name)
        .sort(),
    )
  })

  it.each(VECTORS)('%s(%j) has the bits %s', (name, args, expected) => {
    expect(bits(MATH[name]?.(...args) as number)).toBe(expected)
  })

  it('returns the same bits over a sweep of arguments on every engine', () => {
    // A hash of 22,000 results. The engine's own Math differs between versions.
    let hash = 0x811c9dc5
    for (const [name, evaluate] of Object.entries(MATH)) {
      for (let step = -1000; step < 1000; step++) {
        const x = step * (SCALES[Math.abs(step) % SCALES.length] as number)
        for (const character of bits(evaluate(name === 'asin' || name === 'acos' ? x / 1000 : x, step / 17))) {
          hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
        }
      }
    }
    expect((hash >>> 0).toString(16)).toBe('61523994')
  })

  it('is close to the engine’s own Math', () => {
    for (const [name, evaluate] of Object.entries(MATH)) {
      const own = (Math as unknown as Record<string, (...args: number[]) => number>)[name] as (...args: number[]) => number
      for (let x = 0.05; x < 1; x += 0.05) expect(evaluate(x, 0.3)).toBeCloseTo(own(x, ...(own.length > 1 ? [0.3] : [])), 14)
    }
  })
})
