/** What a cache may hold. */
export interface CacheBounds {
  readonly entries: number
  /** Bytes of all entries together. An entry that has more is not kept. */
  readonly bytes: number
}

interface Entry<Value> {
  readonly value: Promise<Value>
  readonly bytes: number
}

/** Values that take time to make, by key. The least recently used are dropped first. Values that cannot be made are not kept. */
export class BoundedCache<Value> {
  readonly #bounds: CacheBounds
  /** The most recently used is last. */
  readonly #entries = new Map<string, Entry<Value>>()
  #bytes = 0

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Returns the value of a key, which becomes the most recently used. */
  get(key: string): Promise<Value> | undefined {
    const found = this.#entries.get(key)
    if (found === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, found)
    return found.value
  }

  /** Keeps a value of a number of bytes, in the place of an earlier one. */
  keep(key: string, value: Promise<Value>, bytes: number): void {
    this.#forget(key)
    if (bytes > this.#bounds.bytes) return
    this.#entries.set(key, { value, bytes })
    this.#bytes += bytes
    value.catch(() => {
      if (this.#entries.get(key)?.value === value) this.#forget(key)
    })
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#bounds.bytes && this.#entries.size <= this.#bounds.entries) return
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    this.#entries.delete(key)
  }
}
