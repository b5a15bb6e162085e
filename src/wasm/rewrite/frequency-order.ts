const MANTISSA_BITS = 23
const EXPONENTS = 256

/** Orders basic blocks by how often they are expected to run. Frequencies of the same power of two count as the same. */
export class FrequencyOrder {
  /** The bits of the frequency of each block. */
  readonly #bits: Uint32Array
  /** By rank, where its blocks begin, and then where the next goes. */
  readonly #places = new Uint32Array(EXPONENTS + 1)

  /** `frequency` has the frequency of each block, which is not negative. */
  constructor(frequency: Float32Array) {
    this.#bits = new Uint32Array(frequency.buffer)
  }

  /** Returns blocks in an order that begins with the most frequent, in linear time. Those of the same rank stay in order. */
  fromMost(blocks: readonly number[]): Int32Array {
    const places = this.#places.fill(0)
    for (const block of blocks) increase(places, this.#rankOf(block) + 1, 1)
    for (let rank = 1; rank < EXPONENTS; rank++) increase(places, rank, places[rank - 1] as number)
    const sorted = new Int32Array(blocks.length)
    for (const block of blocks) sorted[increase(places, this.#rankOf(block), 1) - 1] = block
    return sorted
  }

  /** Returns 0 for the most frequent blocks. */
  #rankOf(block: number): number {
    return EXPONENTS - 1 - ((this.#bits[block] as number) >>> MANTISSA_BITS)
  }
}

/** Increases a number in a column, and returns it. */
function increase(numbers: Uint32Array, place: number, by: number): number {
  const increased = (numbers[place] as number) + by
  numbers[place] = increased
  return increased
}
