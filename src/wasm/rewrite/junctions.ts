const FEW = 64

/**
 * Where the basic blocks of functions meet: at a junction some blocks end, and each of them may go on with any of the blocks that begin
 * there. A union-find structure, in columns: a large module has tens of thousands.
 */
export class Junctions {
  length = 0
  #parents = new Int32Array(FEW)
  #isFirm = new Uint8Array(FEW)

  /** Adds a junction and returns its number. */
  add(): number {
    if (this.length === this.#parents.length) {
      const parents = new Int32Array(2 * this.length)
      parents.set(this.#parents)
      this.#parents = parents
      const isFirm = new Uint8Array(2 * this.length)
      isFirm.set(this.#isFirm)
      this.#isFirm = isFirm
    }
    this.#parents[this.length] = this.length
    return this.length++
  }

  /** Makes two junctions one. */
  join(one: number, other: number): void {
    const first = this.find(one)
    const second = this.find(other)
    if (first === second) return
    const kept = Math.min(first, second)
    const gone = Math.max(first, second)
    this.#parents[gone] = kept
    if (this.#isFirm[gone] === 1) this.#isFirm[kept] = 1
  }

  /** Notes that code that leads to a junction may end the function: it must be paid for by then. */
  makeFirm(junction: number): void {
    this.#isFirm[this.find(junction)] = 1
  }

  /** Returns whether code that leads to a junction may end the function. */
  isFirm(junction: number): boolean {
    return this.#isFirm[this.find(junction)] === 1
  }

  /** Returns the number that stands for all junctions that are one: the least of them. */
  find(junction: number): number {
    const parents = this.#parents
    let each = junction
    while (parents[each] !== each) {
      const above = parents[parents[each] as number] as number
      parents[each] = above
      each = above
    }
    return each
  }
}
