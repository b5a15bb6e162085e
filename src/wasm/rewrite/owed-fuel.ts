import type { Junctions } from './junctions.ts'

/** The most units that a path may have paid too little or too much before it comes to the end of its function. */
const MAX_OWED = 256
const FEW = 64

/**
 * The units of fuel that are owed at the junctions of a function: trees of junctions, in each of which they are known up to one number. At the
 * start of the function nothing is owed, and at junctions that are firm only less: units may be paid ahead there.
 */
export class OwedFuel {
  readonly #junctions: Junctions
  /** The place of the junction at the start of the function. */
  #start = 0
  /** By place: the place of the parent; its own at the root of a tree. */
  #parents = new Int32Array(FEW)
  /** What is owed more than at the parent; at a root, more than at the start of the function. */
  #more = new Int32Array(FEW)
  /** At a root, the least and the most that is owed in its tree, the most that is owed at firm junctions, and the number of junctions. */
  #least = new Int32Array(FEW)
  #most = new Int32Array(FEW)
  #mostFirm = new Int32Array(FEW)
  #size = new Int32Array(FEW)

  constructor(junctions: Junctions) {
    this.#junctions = junctions
  }

  /** Begins a function with so many junctions, from a first one. `start` is the place of the one at its start. */
  begin(first: number, count: number, start: number): void {
    if (count > this.#parents.length) this.#grow(2 * count)
    for (let place = 0; place < count; place++) {
      this.#parents[place] = place
      this.#mostFirm[place] = this.#junctions.isFirm(first + place) ? 0 : NOTHING_FIRM
    }
    this.#more.fill(0, 0, count)
    this.#least.fill(0, 0, count)
    this.#most.fill(0, 0, count)
    this.#size.fill(1, 0, count)
    this.#start = start
  }

  #grow(room: number): void {
    this.#parents = new Int32Array(room)
    this.#more = new Int32Array(room)
    this.#least = new Int32Array(room)
    this.#most = new Int32Array(room)
    this.#mostFirm = new Int32Array(room)
    this.#size = new Int32Array(room)
  }

  /** Lets a block of so many units between two junctions charge nothing, unless what is owed there is known already, or would be too much. */
  tie(from: number, to: number, units: number): void {
    if (units > MAX_OWED) return
    const one = this.#root(from)
    const other = this.#root(to)
    if (one === other) return
    const more = this.#above(from) + units - this.#above(to)
    if ((this.#size[one] as number) < (this.#size[other] as number)) this.#attach(one, other, -more)
    else this.#attach(other, one, more)
  }

  /** Attaches a tree to the root of a greater one, unless the amounts that are owed would differ by too much. */
  #attach(tree: number, root: number, more: number): void {
    const least = Math.min(this.#least[root] as number, (this.#least[tree] as number) + more)
    const most = Math.max(this.#most[root] as number, (this.#most[tree] as number) + more)
    if (most - least > MAX_OWED) return
    const mostFirm = Math.max(this.#mostFirm[root] as number, (this.#mostFirm[tree] as number) + more)
    const rootOfStart = this.#root(this.#start)
    if (rootOfStart === root && mostFirm > this.#above(this.#start)) return
    if (rootOfStart === tree && mostFirm > this.#above(this.#start) + more) return
    this.#parents[tree] = root
    this.#more[tree] = more
    this.#least[root] = least
    this.#most[root] = most
    this.#mostFirm[root] = mostFirm
    this.#size[root] = (this.#size[root] as number) + (this.#size[tree] as number)
  }

  /** Returns what is owed at a junction. In a tree without the start of the function, all is paid ahead. */
  at(junction: number): number {
    const root = this.#root(junction)
    const ofRoot = root === this.#root(this.#start) ? -this.#above(this.#start) : -(this.#most[root] as number)
    return this.#above(junction) + ofRoot
  }

  /** Returns the root of a junction, which is its parent then. */
  #root(junction: number): number {
    const parents = this.#parents
    const parent = parents[junction] as number
    if (parents[parent] === parent) return parent
    const root = this.#root(parent)
    this.#more[junction] = (this.#more[junction] as number) + (this.#more[parent] as number)
    parents[junction] = root
    return root
  }

  /** Returns what is owed more than at the root, for a junction whose parent is its root. */
  #above(junction: number): number {
    return this.#parents[junction] === junction ? 0 : (this.#more[junction] as number)
  }
}

/** Less than any amount that is owed. */
const NOTHING_FIRM = -(2 ** 30)
