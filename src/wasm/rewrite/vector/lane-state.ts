import type { CodeObstacle } from '../vectorization.ts'
import { type ColumnPlace, type GroupPlace, loadColumn } from './column-lanes.ts'
import { type Graph, type Node, NotVectorizable } from './graph.ts'
import { type Active, both, constantI32, either, type Lanes, pick, VECTOR } from './lanes.ts'
import type { QueryRound } from './query-round.ts'

/** What the lanes of a group know at a place in the code. */
export interface Environment {
  readonly locals: readonly (Lanes | undefined)[]
  /** The values of the columns that were written, by address. */
  readonly columns: ReadonlyMap<number, Lanes>
}

/** The lanes that come to the end of a block from one place. */
export interface Exit extends Environment {
  active: Active
  readonly results: readonly Lanes[]
}

/** The four lanes of a group as symbols: operands, locals, columns, and which of the lanes run the code. */
export class LaneState {
  readonly graph: Graph
  readonly group: GroupPlace
  /** The lanes that have an entity; `undefined` if all have. */
  readonly #alive: Node | undefined
  readonly operands: Lanes[] = []
  /** The locals of the function that runs. One of another type than i32, f32 or f64 is `undefined`. */
  locals: (Lanes | undefined)[] = []
  /** The lanes that run the current instruction. */
  active: Active = 'all'
  /** The values of the columns that were written, by address. */
  columns: Map<number, Lanes> = new Map()
  /** The fuel that some of the lanes spent, beside what all spent: of the group, then of each open arm. `undefined` if none did. */
  readonly #spent: (Node | undefined)[] = [undefined]
  /** The column at each address. */
  readonly places: Map<number, ColumnPlace> = new Map()
  /** Why groups leave. Empty if none ever does. */
  readonly leaves: Set<string> = new Set()
  /** The rounds of a loop that the lanes are; `undefined` if they are calls of `update`. */
  round: QueryRound | undefined
  /** Where it reads who has a component, for each that any lane asks about. */
  readonly asked: Set<number> = new Set()
  /** The number of `br_table` whose lanes may branch to different labels. */
  tables = 0
  /** The offset of the current instruction. */
  at = 0
  /** The last instruction that vectors cannot run, by which some lanes left. */
  lastLeft: CodeObstacle | undefined

  constructor(graph: Graph, group: GroupPlace, alive: Node | undefined) {
    this.graph = graph
    this.group = group
    this.#alive = alive
  }

  /** The lanes that run the current instruction and have an entity. */
  get seen(): Active {
    return this.#withEntity(this.active)
  }

  #withEntity(lanes: Active): Active {
    return this.#alive === undefined ? lanes : both(this.graph, lanes, this.#alive)
  }

  /** Leaves the group if any of the lanes has an entity. Throws if all lanes are meant: then every group would leave. */
  leave(lanes: Active, why: string): void {
    if (lanes === 'none') return
    if (lanes === 'all') throw new NotVectorizable(why)
    this.leaves.add(why)
    this.graph.leave(this.#withEntity(lanes) as Node)
  }

  /** Leaves the group if any lane runs the current instruction, which vectors cannot run. */
  cannot(why: string): void {
    this.leave(this.active, why)
    this.lastLeft = { why, at: this.at }
    this.active = 'none'
  }

  /** The fuel that some of the lanes of the group spent. */
  get spent(): Node | undefined {
    return this.#spent[0]
  }

  /** Notes that the lanes that run the current instruction, but not all, spend fuel. */
  spend(units: number): void {
    this.#addSpent(this.graph.vector(VECTOR.and, [this.active as Node, constantI32(this.graph, units).nodes[0]]))
  }

  #addSpent(units: Node): void {
    const last = this.#spent.length - 1
    const before = this.#spent[last]
    this.#spent[last] = before === undefined ? units : this.graph.vector(VECTOR.addI32, [before, units])
  }

  /** Begins code that is passed over if none of the lanes runs it. */
  openArm(): void {
    this.graph.openArm(this.active as Node)
    this.#spent.push(undefined)
  }

  closeArm(): void {
    const spent = this.#spent.pop()
    const outside = spent && this.graph.exportZeroed(spent)
    this.graph.closeArm()
    if (outside !== undefined) this.#addSpent(outside)
  }

  push(lanes: Lanes): void {
    this.operands.push(lanes)
  }

  /** Pushes a result, or leaves the group where an instruction has no result. */
  give(lanes: Lanes | undefined, why: string): void {
    if (lanes === undefined) this.cannot(why)
    else this.push(lanes)
  }

  pop(): Lanes {
    const operand = this.operands.pop()
    if (operand === undefined) throw new NotVectorizable('an operand is missing')
    return operand
  }

  load(column: ColumnPlace): Lanes {
    return loadColumn(this.graph, column, this.group)
  }

  /** Returns what is known here, with as many of the last operands, for some of the lanes. */
  exit(results: number, active: Active = this.active): Exit {
    const { locals, columns, operands } = this
    return { locals: [...locals], columns: new Map(columns), active, results: results === 0 ? [] : operands.slice(-results) }
  }

  /** Goes on from an exit. */
  resume({ locals, columns, active, results }: Exit): void {
    this.locals = [...locals]
    this.columns = new Map(columns)
    this.active = active
    this.operands.push(...results)
  }

  /** Returns one exit for several: where they differ, values are picked by the lanes. `undefined` if no lane comes from any. */
  meet(exits: readonly Exit[]): Exit | undefined {
    const [first, ...others] = exits.filter(({ active }) => active !== 'none')
    return first && others.reduce((one, other) => this.#join(one, other), first)
  }

  #join(one: Exit, other: Exit): Exit {
    const { graph } = this
    const { active } = other
    const bases = new Set([...one.columns.keys(), ...other.columns.keys()])
    return {
      locals: one.locals.map((mine, place) => {
        const theirs = other.locals[place]
        return mine === undefined || theirs === undefined ? undefined : pick(graph, theirs, mine, active)
      }),
      columns: new Map(
        [...bases].map((base) => [base, pick(graph, this.#columnOf(other, base), this.#columnOf(one, base), active)] as const),
      ),
      results: one.results.map((mine, place) => pick(graph, other.results[place] as Lanes, mine, active)),
      active: either(graph, one.active, active),
    }
  }

  #columnOf({ columns }: Exit, base: number): Lanes {
    return columns.get(base) ?? this.load(this.places.get(base) as ColumnPlace)
  }
}
