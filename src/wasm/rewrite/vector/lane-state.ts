import { VECTOR } from '../../format/opcodes.ts'
import type { CodeObstacle } from '../vectorization.ts'
import { type ColumnPlace, type GroupPlace, loadColumn } from './column-lanes.ts'
import { type Graph, type Node, NotVectorizable } from './graph.ts'
import { LaneFuel } from './lane-fuel.ts'
import { laneNumbers } from './lane-numbers.ts'
import { type Active, both, isCode, type Lanes, union, without } from './lanes.ts'
import { meetValues } from './meet.ts'
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
  readonly fuel: LaneFuel
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
    this.fuel = new LaneFuel(graph)
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

  /** Leaves the group if any lane is in a mask, lane by lane if the lanes of the mask are computed so. All lanes must run the current instruction. */
  leaveEach(mask: Node, why: string): void {
    const { graph } = this
    const parts = isCode(mask, VECTOR.or) ? mask.operands : [mask]
    const numbers = parts.map((part) => laneNumbers(graph, part, 'i32'))
    if (numbers.includes(undefined)) {
      this.leave(mask, why)
      return
    }
    this.leaves.add(why)
    for (const number of numbers.flatMap((each) => each ?? [])) graph.leave(number)
  }

  /** Leaves the group if any lane runs the current instruction, which vectors cannot run. */
  cannot(why: string): void {
    this.leave(this.active, why)
    this.lastLeft = { why, at: this.at }
    this.active = 'none'
  }

  /** Parts the lanes that run the current instruction. Returns those that meet a condition, and the others. */
  part(condition: Active): readonly [Active, Active] {
    const { graph, active } = this
    const part = both(graph, active, condition)
    const rest = without(graph, active, condition)
    this.fuel.part(active, part, rest)
    return [part, rest]
  }

  /** Begins code that is passed over if none of the lanes runs it. */
  openArm(): void {
    this.graph.openArm(this.active as Node)
    this.fuel.openArm(this.active as Node)
  }

  closeArm(): void {
    this.fuel.closeArm()
    this.graph.closeArm()
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
    const from = exits.filter(({ active }) => active !== 'none')
    const [first] = from
    if (first === undefined || from.length === 1) return first
    const { graph } = this
    const met = (read: (exit: Exit) => Lanes): Lanes =>
      meetValues(
        graph,
        from.map((exit) => ({ value: read(exit), lanes: exit.active })),
      )
    const bases = new Set(from.flatMap(({ columns }) => [...columns.keys()]))
    return {
      locals: first.locals.map((_, place) =>
        from.every(({ locals }) => locals[place] !== undefined) ? met(({ locals }) => locals[place] as Lanes) : undefined,
      ),
      columns: new Map([...bases].map((base) => [base, met((exit) => this.#columnOf(exit, base))] as const)),
      results: first.results.map((_, place) => met(({ results }) => results[place] as Lanes)),
      active: union(
        graph,
        from.map(({ active }) => active),
      ),
    }
  }

  #columnOf({ columns }: Exit, base: number): Lanes {
    return columns.get(base) ?? this.load(this.places.get(base) as ColumnPlace)
  }
}
