import type { DecodedModule } from '../format/module.ts'
import { NO_PLACE } from './metered-code.ts'
import { type RewriteOptions, type RewrittenModule, rewrite, windowed } from './rewrite.ts'

/** The place of an instruction. */
export interface CodePlace {
  /** The offset in the original module. */
  readonly offset: number
  readonly functionIndex: number
}

/**
 * Returns a function from an offset in the rewritten module to the place in the original. For inserted code it is the place of
 * the next original instruction; outside of functions, and in one that only calls another of them with its depth, `undefined`. Rewrites the module again, so that no map has to be kept.
 */
export function originalPlaces(module: DecodedModule, options: RewriteOptions): (offset: number) => CodePlace | undefined {
  const places: (CodePlace & WrittenRange)[] = []
  const { rewritten, codeStart } = rewrite(module, options, (functionIndex) => (start, end, offset, isCopy) => {
    places.push({ start, end, offset, functionIndex, isCopy })
  })
  const beforeWindow = offsetsBeforeWindow(rewritten)
  return (offset) => {
    const target = beforeWindow(offset) - codeStart
    const found = rangeAt(places, target)
    if (found === undefined || found.offset === NO_PLACE) return undefined
    return { offset: offsetIn(found, target), functionIndex: found.functionIndex }
  }
}

/** Returns a function from an offset in the final module to the offset in what it was before its memory became a window. */
function offsetsBeforeWindow(rewritten: RewrittenModule): (offset: number) => number {
  const ranges: WrittenRange[] = []
  if (rewritten.window === undefined) return (offset) => offset
  const { codeStart } = windowed(rewritten, rewritten.window, (start, end, offset, isCopy) => ranges.push({ start, end, offset, isCopy }))
  return (offset) => {
    const target = offset - codeStart
    const found = rangeAt(ranges, target)
    return found === undefined ? -1 : offsetIn(found, target)
  }
}

/** A range of code that was written: a copy of what begins at an offset, or what replaces the instruction there. */
interface WrittenRange {
  readonly start: number
  readonly end: number
  readonly offset: number
  readonly isCopy: boolean
}

/** Returns the first of the ranges, which are in order, that ends behind a place; `undefined` if there is none. */
function rangeAt<Range extends WrittenRange>(ranges: readonly Range[], place: number): Range | undefined {
  let low = 0
  for (let high = ranges.length; low < high; ) {
    const middle = (low + high) >> 1
    if ((ranges[middle]?.end as number) > place) high = middle
    else low = middle + 1
  }
  return place < 0 ? undefined : ranges[low]
}

function offsetIn({ start, offset, isCopy }: WrittenRange, place: number): number {
  return offset + (isCopy ? Math.max(0, place - start) : 0)
}
