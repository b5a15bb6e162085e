import { VECTOR } from '../../format/opcodes.ts'
import type { ResultAccessor } from '../inline-call.ts'
import { binary } from './arithmetic.ts'
import type { Counter } from './find-rounds.ts'
import { type Graph, type Node, NotVectorizable } from './graph.ts'
import { constantI32, type Lanes } from './lanes.ts'

/** Which entity of a query result a round runs on: the place is that of a counter, before or after its step. */
export interface RoundEntity {
  /** The address of the two words of the result. */
  readonly result: number
  readonly counter: Counter
  /** What is added to the counter at the start of the round. */
  readonly distance: number
}

/**
 * Four rounds of a loop over a query result, as lanes. The entities of the lanes follow each other by their ids, as their places in the
 * result do; if the loop runs down, the last lane is the first round.
 */
export class QueryRound {
  readonly counters: readonly Counter[]
  readonly #entities: Lanes
  readonly #starts = new Map<number, Lanes>()
  readonly #ends = new Map<number, Lanes>()
  readonly #places = new Map<Node, Omit<RoundEntity, 'result'>>()
  /** Which entity a round runs on; `undefined` until the walk has found out. */
  entity: RoundEntity | undefined
  /** Entities must be below this. */
  capacity: number = Number.POSITIVE_INFINITY

  /** `first` is the entity of the first lane; `nodeOf` returns a counter as it is at the start of the first round. */
  constructor(graph: Graph, first: Node, counters: readonly Counter[], direction: 1 | -1, nodeOf: (local: number) => Node) {
    this.counters = counters
    const lanes = (numbers: readonly number[]): Node =>
      graph.vector(VECTOR.constant, [], [...new Uint8Array(Int32Array.from(numbers).buffer)])
    const from = (node: Node, numbers: readonly number[]): Node =>
      graph.vector(VECTOR.addI32, [graph.vector(VECTOR.splatI32, [node]), lanes(numbers)])
    this.#entities = { kind: 'i32', nodes: [from(first, [0, 1, 2, 3])], isEntity: true }
    const rounds = direction > 0 ? [0, 1, 2, 3] : [3, 2, 1, 0]
    for (const counter of counters) {
      const { local, step, opcode, constant } = counter
      const numbers = rounds.map((round) => step * round)
      const start: Lanes = { kind: 'i32', nodes: [from(nodeOf(local), numbers)] }
      const end = binary(graph, opcode, start, constantI32(graph, constant)) as Lanes
      this.#starts.set(local, start)
      this.#ends.set(local, end)
      if (step !== direction) continue
      this.#places.set(start.nodes[0], { counter, distance: 0 })
      this.#places.set(end.nodes[0], { counter, distance: step })
    }
  }

  startOf(local: number): Lanes | undefined {
    return this.#starts.get(local)
  }

  /** Returns the entities of the rounds, if an access of a query result gives them. */
  entitiesAt({ result }: ResultAccessor, place: Lanes): Lanes | undefined {
    const found = this.#places.get(place.nodes[0])
    if (found === undefined) return undefined
    this.entity ??= { ...found, result }
    const { counter, distance } = this.entity
    return this.entity.result === result && counter === found.counter && distance === found.distance ? this.#entities : undefined
  }

  /** Throws {@link NotVectorizable} unless each lane has stepped its counters. */
  check(locals: readonly (Lanes | undefined)[]): void {
    for (const [local, end] of this.#ends) {
      if (locals[local]?.nodes[0] !== end.nodes[0]) throw new NotVectorizable('a loop whose counter does not step in each round')
    }
  }
}
