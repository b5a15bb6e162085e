import acos from '@stdlib/math-base-special-acos'
import asin from '@stdlib/math-base-special-asin'
import atan from '@stdlib/math-base-special-atan'
import atan2 from '@stdlib/math-base-special-atan2'
import cos from '@stdlib/math-base-special-cos'
import exp from '@stdlib/math-base-special-exp'
import hypot from '@stdlib/math-base-special-hypot'
import ln from '@stdlib/math-base-special-ln'
import pow from '@stdlib/math-base-special-pow'
import sin from '@stdlib/math-base-special-sin'
import tan from '@stdlib/math-base-special-tan'

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

/**
 * The functions of the import module `math`. Each is plain double arithmetic, after FreeBSD's msun (the heir of fdlibm)
 * and Cephes, and so gives the same bits on every engine. The `Math` of JavaScript does not: its results may differ in
 * the last place.
 */
export const MATH: Readonly<Record<string, Unary | Binary>> = {
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
