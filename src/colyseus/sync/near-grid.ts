/** A column of numbers. */
export type NumberColumn = ArrayLike<number>

/** Buckets of the grid: a power of two. Cells that share one cost time alone. */
const BUCKETS = 4096
/** Cells on a side of the square that a seat looks at: the radius to both sides in cells of half its length, and one more for the rest. */
const SIDE = 5

/** Finds the entities within a distance of a place: entities by cell of a grid without bounds. */
export class NearGrid {
  readonly #radius: number
  readonly #cell: number
  readonly #x: NumberColumn
  readonly #y: NumberColumn
  readonly #heads: Int32Array = new Int32Array(BUCKETS)
  readonly #next: Int32Array
  readonly #buckets: Int32Array = new Int32Array(SIDE * SIDE)

  constructor(radius: number, x: NumberColumn, y: NumberColumn, capacity: number) {
    this.#radius = radius
    this.#cell = radius / 2
    this.#x = x
    this.#y = y
    this.#next = new Int32Array(capacity)
  }

  /** Takes the first `count` entities of a list, in place of those from before. */
  fill(entities: Uint32Array, count: number): void {
    const heads = this.#heads.fill(-1)
    const next = this.#next
    const [x, y, cell] = [this.#x, this.#y, this.#cell]
    for (let index = count - 1; index >= 0; index--) {
      const entity = entities[index] as number
      const bucket = bucketOf(Math.floor((x[entity] as number) / cell), Math.floor((y[entity] as number) / cell))
      next[entity] = heads[bucket] as number
      heads[bucket] = entity
    }
  }

  /** Writes the entities within the radius of a place to `out`, and returns how many. */
  find(centerX: number, centerY: number, out: Uint32Array): number {
    const [x, y, heads, next] = [this.#x, this.#y, this.#heads, this.#next]
    const square = this.#radius * this.#radius
    let count = 0
    for (let bucket = this.#findBuckets(centerX, centerY) - 1; bucket >= 0; bucket--) {
      for (let entity = heads[this.#buckets[bucket] as number] as number; entity >= 0; entity = next[entity] as number) {
        const right = (x[entity] as number) - centerX
        const down = (y[entity] as number) - centerY
        if (right * right + down * down <= square) out[count++] = entity
      }
    }
    return count
  }

  /** Lists the buckets of the cells around a place, each once, and returns how many. */
  #findBuckets(centerX: number, centerY: number): number {
    const buckets = this.#buckets
    const left = Math.floor((centerX - this.#radius) / this.#cell)
    const top = Math.floor((centerY - this.#radius) / this.#cell)
    let count = 0
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++) {
        const bucket = bucketOf(left + column, top + row)
        let known = count - 1
        while (known >= 0 && buckets[known] !== bucket) known--
        if (known < 0) buckets[count++] = bucket
      }
    }
    return count
  }
}

function bucketOf(column: number, row: number): number {
  return ((Math.imul(column, 0x9e3779b1) ^ Math.imul(row, 0x85ebca6b)) >>> 0) & (BUCKETS - 1)
}
