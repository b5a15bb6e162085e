/** A seeded random number generator: xorshift, with the seed mixed first so that neighbouring seeds are independent. */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) ^ 0x85ebca6b || 1
    for (let round = 0; round < 8; round++) this.next()
  }

  /** Returns an unsigned number of 32 bits. */
  next(): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return this.#state >>> 0
  }

  /** Returns a whole number from 0 to below a bound. */
  below(count: number): number {
    return this.next() % count
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next() >>> 24)
  }
}
