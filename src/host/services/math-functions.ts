import acos from '@stdlib/math-base-special-acos'
import asin from '@stdlib/math-base-special-asin'
import atan from '@stdlib/math-base-special-atan'
import atan2 from '@stdlib/math-base-special-atan2'
import cos from '@stdlib/math-base-special-cos'
import exp from '@stdlib/math-base-special-exp'
import ln from '@stdlib/math-base-special-ln'
import stdlibPow from '@stdlib/math-base-special-pow'
import sin from '@stdlib/math-base-special-sin'
import tan from '@stdlib/math-base-special-tan'
import type { MATH_PRICES } from '../../abi/prices.ts'

/** The functions of `math`, by name. */
export type MathFunctions = Readonly<Record<keyof typeof MATH_PRICES, (...args: never[]) => number>>

type Unary = (x: number) => number
type Binary = (x: number, y: number) => number

// The sign and the payload of a NaN are the machine's choice: one constant stands for all of them.
const unary =
  (evaluate: Unary): Unary =>
  (x) => {
    const result = evaluate(x)
    return Number.isNaN(result) ? Number.NaN : result
  }
const binary =
  (evaluate: Binary): Binary =>
  (x, y) => {
    const result = evaluate(x, y)
    return Number.isNaN(result) ? Number.NaN : result
  }

/** As C and IEEE 754 have it: 1 for every x to the power 0, for 1 to every power, and for -1 to an infinite one. */
function pow(x: number, y: number): number {
  if (y === 0 || x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY)) return 1
  return stdlibPow(x, y)
}

/** Beyond these, squares overflow or lose bits: the sides are scaled by a power of two, which is exact. */
const LARGE = 2 ** 511
const SMALL = 2 ** -459
const SCALE = 2 ** 600

/**
 * The square root of x² + y², at most one place off. https://arxiv.org/abs/1904.09481 (Borges, the corrected version)
 */
function hypot(x: number, y: number): number {
  const [one, other] = [Math.abs(x), Math.abs(y)]
  const long = Math.max(one, other)
  const short = Math.min(one, other)
  if (one === Number.POSITIVE_INFINITY || other === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  if (Number.isNaN(long) || short <= long * 2 ** -54) return long + short
  if (long > LARGE) return hypotWithin(long / SCALE, short / SCALE) * SCALE
  if (short < SMALL) return hypotWithin(long * SCALE, short * SCALE) / SCALE
  return hypotWithin(long, short)
}

function hypotWithin(long: number, short: number): number {
  const root = Math.sqrt(long * long + short * short)
  let error: number
  if (root <= 2 * short) {
    const delta = root - short
    error = long * (2 * delta - long) + (delta - 2 * (long - short)) * delta
  } else {
    const delta = root - long
    error = 2 * delta * (long - 2 * short) + (4 * delta - short) * short + delta * delta
  }
  return root - error / (2 * root)
}

/**
 * The functions of the import module `math`. Each is plain double arithmetic, after FreeBSD's msun (the heir of fdlibm)
 * and Cephes, and so gives the same bits on every engine. The `Math` of JavaScript does not: its results may differ in
 * the last place.
 */
export const MATH: MathFunctions = {
  sin: unary(sin),
  cos: unary(cos),
  tan: unary(tan),
  asin: unary(asin),
  acos: unary(acos),
  atan: unary(atan),
  atan2: binary(atan2),
  exp: unary(exp),
  log: unary(ln),
  pow: binary(pow),
  hypot: binary(hypot),
}
