import type { Charges } from './charges.ts'
import { frequencyOrder } from './frequency-order.ts'
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
  const order = frequencyOrder(insertions.frequency)
  // An exception may lead from within a block to a handler.
  for (const charges of functions) if (!charges.catches) spread(charges, insertions, owed, order)
}

function spread(
  { first, end, junctions }: Charges,
  { kind, from, to, argument, junctions: all }: Insertions,
  owed: OwedFuel,
  order: ReturnType<typeof frequencyOrder>,
): void {
  const blocks: number[] = []
  for (let each = first; each < end; each++) if (isCharge(kind[each])) blocks.push(each)
  if (blocks.length < LEAST_CHARGES) return
  for (const each of blocks) {
    from[each] = all.find(from[each] as number) - junctions.first
    to[each] = all.find(to[each] as number) - junctions.first
  }
  owed.begin(junctions.first, junctions.end - junctions.first, from[first] as number)
  for (const each of order(blocks)) owed.tie(from[each] as number, to[each] as number, argument[each] as number)
  for (const each of blocks) argument[each] = (argument[each] as number) + owed.at(from[each] as number) - owed.at(to[each] as number)
}
