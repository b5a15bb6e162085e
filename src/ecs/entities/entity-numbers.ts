import type { ArrayImage, ArrayKeeper } from '../../array-image.ts'

/** A number for each entity, 0 by default. */
export class EntityNumbers<Numbers extends Uint8Array | Uint32Array | Float64Array> {
  readonly #Type: new (
    length: number,
  ) => Numbers
  #numbers: Numbers
  /** The image with the current content; `undefined` after a change. */
  #saved: ArrayImage<Numbers> | undefined

  constructor(Type: new (length: number) => Numbers) {
    this.#Type = Type
    this.#numbers = new Type(64)
  }

  of(entity: number): number {
    return this.#numbers[entity] ?? 0
  }

  set(entity: number, value: number): void {
    if (entity >= this.#numbers.length) this.#grow(Math.max(entity + 1, this.#numbers.length * 2))
    this.#numbers[entity] = value
    this.#saved = undefined
  }

  /** Sets all numbers to 0. */
  clear(): void {
    this.#numbers.fill(0)
    this.#saved = undefined
  }

  /** Returns an image of the numbers up to `maxId`. */
  save(path: string, maxId: number, keeper: ArrayKeeper): ArrayImage<Numbers> {
    const length = Math.min(maxId + 1, this.#numbers.length)
    const known = this.#saved?.length === length ? this.#saved : undefined
    this.#saved = keeper.keep(path, this.#numbers.subarray(0, length) as Numbers, known)
    return this.#saved
  }

  /** Returns the entities up to `maxId` whose number is another in an image. */
  differing(image: ArrayImage<Numbers>, maxId: number): ReadonlySet<number> {
    const found = new Set<number>()
    if (image === this.#saved) return found
    const numbers = image.read()
    for (let entity = 0; entity <= maxId; entity++) if ((numbers[entity] ?? 0) !== this.of(entity)) found.add(entity)
    return found
  }

  /** Restores the numbers of an image. Numbers beyond its length become 0. */
  restore(image: ArrayImage<Numbers>): void {
    if (image === this.#saved) return
    if (image.length > this.#numbers.length) this.#grow(image.length)
    image.writeTo(this.#numbers)
    this.#numbers.fill(0, image.length)
    this.#saved = image
  }

  #grow(length: number): void {
    const longer = new this.#Type(length)
    longer.set(this.#numbers)
    this.#numbers = longer
  }
}
