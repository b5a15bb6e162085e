import { type ArrayImage, type ArrayKeeper, COPIES } from '../../array-image.ts'
import { MAX_KEYS } from './service-limits.ts'

const encoder = new TextEncoder()

/** The content of a storage: the keys in the order in which they were first set, each with the length of its value, and all values in that order. */
export interface StorageImage {
  readonly keys: readonly (readonly [key: string, length: number])[]
  readonly values: ArrayImage<Uint8Array>
}

/** What a script keeps by key, beside its memory. A value is never changed in place, so copies of the map may share it. */
export class Storage {
  readonly #limit: number
  #values: Map<string, Uint8Array> = new Map()
  #used = 0
  /** All values, and the image that was last made of them, if nothing changed since. */
  #saved: { readonly values: Uint8Array; readonly image: ArrayImage<Uint8Array> } | undefined

  /** `limit` are the bytes that keys and values may have together. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** The bytes of all keys and values. */
  get used(): number {
    return this.#used
  }

  get all(): ReadonlyMap<string, Uint8Array> {
    return this.#values
  }

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key)
  }

  /** Returns whether a value of so many bytes has room under a key. */
  fits(key: string, length: number): boolean {
    const old = this.#values.get(key)
    if (old === undefined && this.#values.size >= MAX_KEYS) return false
    return this.#used + length - (old?.length ?? -sizeOf(key)) <= this.#limit
  }

  /** Keeps a value, of which it becomes the owner, and which must have room. */
  set(key: string, value: Uint8Array): void {
    this.#used += value.length - (this.#values.get(key)?.length ?? -sizeOf(key))
    this.#values.set(key, value)
    this.#saved = undefined
  }

  /** Removes a value. Returns whether there was one. */
  delete(key: string): boolean {
    const old = this.#values.get(key)
    if (old === undefined) return false
    this.#used -= old.length + sizeOf(key)
    this.#saved = undefined
    return this.#values.delete(key)
  }

  save(path: string = '', keeper: ArrayKeeper = COPIES): StorageImage {
    const values = this.#saved?.values ?? joined([...this.#values.values()])
    const image = keeper.keep(`${path} storage`, values, this.#saved?.image)
    this.#saved = { values, image }
    return { keys: [...this.#values].map(([key, { length }]) => [key, length]), values: image }
  }

  restore({ keys, values }: StorageImage): void {
    this.#values = new Map()
    this.#used = 0
    const bytes = values.read()
    let at = 0
    for (const [key, length] of keys) {
      this.set(key, bytes.slice(at, at + length))
      at += length
    }
  }

  /** Returns a function that undoes what is written from now on. */
  mark(): () => void {
    const before = [new Map(this.#values), this.#used] as const
    return () => {
      this.#values = before[0]
      this.#used = before[1]
      this.#saved = undefined
    }
  }
}

function sizeOf(key: string): number {
  return encoder.encode(key).length
}

function joined(values: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(values.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const value of values) {
    bytes.set(value, at)
    at += value.length
  }
  return bytes
}
