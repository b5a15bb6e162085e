/** A seeded random number generator: sfc32 with 128 bits of state. https://pracrand.sourceforge.net/RNG_engines.txt */
export class Random {
  readonly #state = new Uint32Array(4)
  /** The part of {@link ofEntity} that is the same for all entities and ticks. */
  readonly #key: number

  /** Generators with the same seed and different `stream` are independent. */
  constructor(seed: number, stream: string) {
    this.#state.set([seed, Math.floor(seed / 2 ** 32), hashText(stream), 1])
    for (let round = 0; round < 12; round++) this.#step()
    this.#key = (this.#state[0] ?? 0) ^ (this.#state[1] ?? 0)
  }

  /** Returns the next number in [0, 1), with 53 random bits. */
  next(): number {
    const high = this.#step() >>> 5
    const low = this.#step() >>> 6
    return (high * 2 ** 26 + low) / 2 ** 53
  }

  /** Returns the number of an entity in a tick, in [0, 1), with 53 random bits. It leaves the state as it is. */
  ofEntity(entity: number, tick: number): number {
    const high = mixed(mixed(this.#key ^ Math.imul(tick, 0x9e3779b1)) ^ Math.imul(entity, 0x85ebca77)) >>> 5
    const low = mixed(mixed(~this.#key ^ Math.imul(tick, 0xc2b2ae3d)) ^ Math.imul(entity, 0x27d4eb2f)) >>> 6
    return (high * 2 ** 26 + low) / 2 ** 53
  }

  /** Returns a copy of the state. */
  save(): Uint32Array {
    return this.#state.slice()
  }

  restore(state: Uint32Array): void {
    this.#state.set(state)
  }

  #step(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state
    const result = (a + b + counter) >>> 0
    this.#state[0] = b ^ (b >>> 9)
    this.#state[1] = c + (c << 3)
    this.#state[2] = ((c << 21) | (c >>> 11)) + result
    this.#state[3] = counter + 1
    return result
  }
}

/** Spreads each bit over all others: the last step of MurmurHash3. https://github.com/aappleby/smhasher */
function mixed(bits: number): number {
  let hash = bits ^ (bits >>> 16)
  hash = Math.imul(hash, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** Returns the FNV-1a hash of a text's UTF-16 units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash
}
