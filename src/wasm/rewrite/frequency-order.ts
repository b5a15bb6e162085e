const MANTISSA_BITS = 23
const EXPONENTS = 256

/**
 * Returns a function that orders blocks by how often they run, which is not negative: the most frequent come first. Takes linear time.
 * Frequencies of the same power of two count as the same, and such blocks stay in order.
 */
export function frequencyOrder(frequency: Float32Array): (blocks: readonly number[]) => Int32Array {
  const bits = new Uint32Array(frequency.buffer)
  const rankOf = (block: number): number => EXPONENTS - 1 - ((bits[block] as number) >>> MANTISSA_BITS)
  /** By rank, where its blocks begin, and then where the next goes. */
  const places = new Uint32Array(EXPONENTS + 1)
  return (blocks) => {
    places.fill(0)
    for (const block of blocks) increase(places, rankOf(block) + 1, 1)
    for (let rank = 1; rank < EXPONENTS; rank++) increase(places, rank, places[rank - 1] as number)
    const sorted = new Int32Array(blocks.length)
    for (const block of blocks) sorted[increase(places, rankOf(block), 1) - 1] = block
    return sorted
  }
}

/** Increases a number in a column, and returns it. */
function increase(numbers: Uint32Array, place: number, by: number): number {
  const increased = (numbers[place] as number) + by
  numbers[place] = increased
  return increased
}
