import { VECTOR } from '../../format/opcodes.ts'
import type { Graph, Node } from './graph.ts'
import { type Active, constantI32 } from './lanes.ts'

/** What lanes spend in the code outside of arms, or in one arm. */
interface Scope {
  /** The lanes that came to the start; `undefined` outside of arms, where all did. */
  readonly entry: Node | undefined
  /** The units by the lanes that spend them. */
  readonly units: Map<Node, number>
  readonly partings: { readonly whole: Active; readonly part: Node; readonly rest: Node }[]
  /** What was spent in the arms in it. */
  readonly inArms: Node[]
}

/** What the lanes of a group are charged. */
export interface SpentFuel {
  /** What each is charged. */
  readonly all: number
  /** A vector of what each is charged beside that, times `unit`; `undefined` if nothing is. */
  readonly spent: Node | undefined
  readonly unit: number
}

/** The fuel that the lanes of a group spend. */
export class LaneFuel {
  readonly #graph: Graph
  readonly #scopes: Scope[] = [createScope(undefined)]
  /** What each lane is charged. */
  #all = 0

  constructor(graph: Graph) {
    this.#graph = graph
  }

  spend(lanes: Active, units: number): void {
    if (lanes === 'none') return
    if (lanes === 'all') this.#all += units
    else add(this.#top.units, lanes, units)
  }

  /** Notes that the lanes of `whole` part at a branch. */
  part(whole: Active, part: Active, rest: Active): void {
    if (typeof part === 'object' && typeof rest === 'object') this.#top.partings.push({ whole, part, rest })
  }

  /** Begins code that is passed over if none of the lanes runs it. */
  openArm(entry: Node): void {
    this.#scopes.push(createScope(entry))
  }

  closeArm(): void {
    const arm = this.#scopes.pop() as Scope
    this.#gather(arm)
    const entry = arm.entry as Node
    this.spend(entry, arm.units.get(entry) ?? 0)
    arm.units.delete(entry)
    const spent = this.#sumOf(arm)
    if (spent !== undefined) this.#top.inArms.push(this.#graph.exportZeroed(spent))
  }

  /** To be called once, at the end. */
  total(): SpentFuel {
    const top = this.#top
    this.#gather(top)
    const charged = [...top.units].filter(([, count]) => count !== 0)
    const [, unit] = charged[0] ?? []
    const isAlike = unit !== undefined && top.inArms.length === 0 && charged.every(([, count]) => count === unit)
    if (!isAlike) return { all: this.#all, spent: this.#sumOf(top), unit: 1 }
    // A mask is -1 in the lanes that are charged.
    return { all: this.#all, spent: this.#added(charged.map(([lanes]) => lanes)), unit: -unit }
  }

  get #top(): Scope {
    return this.#scopes.at(-1) as Scope
  }

  /**
   * Charges what both sides of a branch spend to the lanes that came to it, and to one side only by how much it differs. So each branch costs one
   * addition at most.
   */
  #gather({ units, partings }: Scope): void {
    for (const { whole, part, rest } of partings.toReversed()) {
      const shared = units.get(rest) ?? 0
      if (shared === 0 || (units.get(part) ?? 0) === 0) continue
      add(units, rest, -shared)
      add(units, part, -shared)
      if (whole === 'all') this.#all += shared
      else add(units, whole as Node, shared)
    }
  }

  #sumOf({ units, inArms }: Scope): Node | undefined {
    const graph = this.#graph
    const summands = [...inArms]
    for (const [lanes, count] of units) {
      if (count !== 0) summands.push(graph.vector(VECTOR.and, [lanes, constantI32(graph, count).nodes[0]]))
    }
    return this.#added(summands)
  }

  #added(summands: readonly Node[]): Node | undefined {
    return summands.length === 0 ? undefined : summands.reduce((sum, each) => this.#graph.vector(VECTOR.addI32, [sum, each]))
  }
}

function createScope(entry: Node | undefined): Scope {
  return { entry, units: new Map(), partings: [], inArms: [] }
}

function add(units: Map<Node, number>, lanes: Node, count: number): void {
  units.set(lanes, (units.get(lanes) ?? 0) + count)
}
