import type { Charges } from './charges.ts'
import { type Insertions, isCharge } from './insertions.ts'
import { OwedFuel } from './owed-fuel.ts'

/** Fewer charges have no two ways. */
const LEAST_CHARGES = 3

/**
 * Moves the charges of functions to the basic blocks that run least, so that as many blocks as possible charge nothing. Each path through
 * a function still pays the same in all.
 *
 * At each junction of blocks a number of units is owed: what a block costs, with what is owed where it begins, less what is
 * owed where it ends, is its new charge. Nothing is owed at the start and the end of the function, nor behind code that may end the
 * function: there, units may only be paid ahead. Blocks that make up a tree between the
 * junctions can all charge nothing; the blocks that are expected to run most often are taken for it. This is how Knuth places the fewest
 * counters in a program: Knuth and Stevenson, Optimal measurement points for program frequency counts, BIT 13, 1973.
 */
export function spreadCharges(functions: readonly Charges[], insertions: Insertions): void {
  insertions.unspread = insertions.argument.slice(0, insertions.length)
  const owed = new OwedFuel(insertions.junctions)
  // An exception may lead from within a block to a handler.
  for (const charges of functions) if (!charges.catches) spread(charges, insertions, owed)
}

function spread(
  { first, end, junctions }: Charges,
  { kind, from, to, argument, frequency, junctions: all }: Insertions,
  owed: OwedFuel,
): void {
  const blocks: number[] = []
  for (let each = first; each < end; each++) if (isCharge(kind[each])) blocks.push(each)
  if (blocks.length < LEAST_CHARGES) return
  for (const each of blocks) {
    from[each] = all.find(from[each] as number) - junctions.first
    to[each] = all.find(to[each] as number) - junctions.first
  }
  owed.begin(junctions.first, junctions.end - junctions.first, from[first] as number)
  for (const each of fromMostFrequent(blocks, frequency)) owed.tie(from[each] as number, to[each] as number, argument[each] as number)
  for (const each of blocks) argument[each] = (argument[each] as number) + owed.at(from[each] as number) - owed.at(to[each] as number)
}

const MANTISSA_BITS = 23
const EXPONENTS = 256

/** Returns blocks in an order that begins with the most frequent, in linear time. Frequencies of the same power of two count as the same. */
function fromMostFrequent(blocks: readonly number[], frequency: Float32Array): Int32Array {
  const bits = new Uint32Array(frequency.buffer)
  const rankOf = (block: number): number => EXPONENTS - 1 - ((bits[block] as number) >>> MANTISSA_BITS)
  /** By rank, where its blocks begin, and then where the next goes. */
  const places = new Uint32Array(EXPONENTS + 1)
  for (const block of blocks) increase(places, rankOf(block) + 1, 1)
  for (let rank = 1; rank < EXPONENTS; rank++) increase(places, rank, places[rank - 1] as number)
  const sorted = new Int32Array(blocks.length)
  for (const block of blocks) sorted[increase(places, rankOf(block), 1) - 1] = block
  return sorted
}

/** Increases a number in a column, and returns it. */
function increase(numbers: Uint32Array, place: number, by: number): number {
  const increased = (numbers[place] as number) + by
  numbers[place] = increased
  return increased
}
