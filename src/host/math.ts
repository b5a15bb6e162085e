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

/**
 * The functions of the import module `math`. Each is plain double arithmetic after FreeBSD's msun, the heir of fdlibm,
 * and so gives the same bits on every engine. The `Math` of JavaScript does not: its results may differ in the last place.
 */
export const MATH: Readonly<Record<string, (...values: number[]) => number>> = {
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  atan2: atan2 as (...values: number[]) => number,
  exp,
  log: ln,
  pow: pow as (...values: number[]) => number,
  hypot: hypot as (...values: number[]) => number,
}
