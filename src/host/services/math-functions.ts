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

// The sign and the payload of a NaN differ between machines, so every NaN is replaced by one constant.
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

/** Returns 1 for x⁰, 1 to any power, and -1 to an infinite power, as C and IEEE 754 define. `Math.pow` returns NaN for some. */
function pow(x: number, y: number): number {
  if (y === 0 || x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY)) return 1
  return stdlibPow(x, y)
}

/** Beyond these, squares overflow or lose bits. Scaling by a power of two is exact. */
const LARGE = 2 ** 511
const SMALL = 2 ** -459
const SCALE = 2 ** 600

/** Returns the square root of x² + y² with an error of at most one ulp. https://arxiv.org/abs/1904.09481 (Borges, corrected) */
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
 * The functions of the import module `math`. They use double arithmetic only, after FreeBSD's msun and Cephes, and so return
 * the same bits on every engine. JavaScript's `Math` does not: its results may differ in the last bit.
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
