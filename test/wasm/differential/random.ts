/** A generator of numbers that a seed decides: xorshift, with a first mixing so that neighbouring seeds have nothing in common. */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) ^ 0x85ebca6b || 1
    for (let round = 0; round < 8; round++) this.next()
  }

  /** A number of 32 bits, unsigned. */
  next(): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return this.#state >>> 0
  }

  /** One of so many numbers from 0. */
  below(count: number): number {
    return this.next() % count
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next() >>> 24)
  }
}
