import type { Allocation, Reserve } from '../components/reserve.ts'

const WORDS = 4
const TIME = 0
const TICK = 2

/** The simulated time. It lies in the ECS memory, where scripts read it, as long as it fits there. */
export class Clock {
  readonly #reserve: Reserve | undefined
  readonly #allocation: Allocation | undefined
  readonly #words: Uint32Array<ArrayBuffer>
  readonly #numbers: Float64Array<ArrayBuffer>
  #tick = 0

  constructor(reserve: Reserve | undefined) {
    this.#reserve = reserve
    this.#allocation = reserve?.allocate(WORDS * Uint32Array.BYTES_PER_ELEMENT)
    const words = this.#allocation && reserve?.words(this.#allocation)
    this.#words = (words ?? new Uint32Array(WORDS)) as Uint32Array<ArrayBuffer>
    this.#numbers = new Float64Array(this.#words.buffer, this.#words.byteOffset, 1)
    this.time = 0
    this.tick = 0
  }

  /** The seconds simulated. */
  get time(): number {
    return this.#numbers[TIME] as number
  }

  set time(seconds: number) {
    this.#numbers[TIME] = seconds
  }

  /** The ticks completed. */
  get tick(): number {
    return this.#tick
  }

  set tick(count: number) {
    this.#tick = count
    this.#words[TICK] = count
  }

  /** The addresses of the time, an f64, and of the tick, an i32; `undefined` if they are not in the ECS memory. */
  get addresses(): { readonly time: number; readonly tick: number } | undefined {
    if (this.#allocation === undefined) return undefined
    const { address } = this.#allocation
    return { time: address, tick: address + TICK * Uint32Array.BYTES_PER_ELEMENT }
  }

  dispose(): void {
    if (this.#allocation !== undefined) this.#reserve?.free(this.#allocation)
  }
}
