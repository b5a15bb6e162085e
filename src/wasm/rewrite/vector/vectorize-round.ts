import { VECTOR } from '../../format/opcodes.ts'
import type { CodeObstacle } from '../vectorization.ts'
import { loadScalar } from './column-lanes.ts'
import type { RoundCode } from './find-rounds.ts'
import { Graph, type NumberKind } from './graph.ts'
import { LaneState } from './lane-state.ts'
import type { Lanes } from './lanes.ts'
import { QueryRound, type RoundEntity } from './query-round.ts'
import { attempt, encodeGroup, type GroupCode, type GroupLocals } from './vectorize.ts'
import { Walk } from './walk.ts'
import type { WalkedModule } from './walked-module.ts'

/** The code that runs four rounds of a loop at once. */
export interface RoundsCode extends GroupCode {
  readonly entity: RoundEntity
  /** The entities must be below this. */
  readonly capacity: number
  /** The locals that the loop only reads, by their type. */
  readonly kept: ReadonlyMap<number, NumberKind>
}

/** How {@link vectorizeRound} writes four rounds. */
export interface RoundOptions {
  readonly functionIndex: number
  readonly rounds: RoundCode
  /** The locals that its driver sets, and where the driver finds others. */
  readonly locals: Pick<GroupLocals, 'first' | 'spent' | 'free'> & {
    /** Returns the local of the driver that holds a counter, as it is at the start of the first round. */
    readonly ofCounter: (local: number) => number
    /** Returns the address of a local that the loop only reads. */
    readonly addressOf: (local: number) => number
  }
  /** How many blocks are around the code, out of which the rounds leave. */
  readonly blocks: number
}

const SPLATS: Readonly<Record<NumberKind, number>> = { i32: VECTOR.splatI32, f32: VECTOR.splatF32, f64: VECTOR.splatF64 }

/** Returns the code of four rounds of a loop over a query result, or what prevents it. */
export function vectorizeRound(walked: WalkedModule, options: RoundOptions): RoundsCode | CodeObstacle {
  const up = inDirection(walked, options, 1)
  return up ?? inDirection(walked, options, -1) ?? { why: 'a loop that takes no entity by its counter', at: options.rounds.start }
}

/** `undefined` if the loop takes no entity in that direction. */
function inDirection(walked: WalkedModule, options: RoundOptions, direction: 1 | -1): RoundsCode | CodeObstacle | undefined {
  const { functionIndex, rounds, locals } = options
  const graph = new Graph(walked.isRelaxed)
  const first = graph.local(locals.first, 'i32', false)
  const state = new LaneState(graph, { memory: walked.memory, first }, undefined)
  const walk = new Walk(state, walked, functionIndex)
  const round = new QueryRound(graph, first, rounds.counters, direction, (local) => graph.local(locals.ofCounter(local), 'i32', false))
  const kept = new Map<number, NumberKind>()
  const keptOf = (local: number, kind: NumberKind): Lanes => {
    kept.set(local, kind)
    const node = graph.vector(SPLATS[kind], [loadScalar(graph, kind, locals.addressOf(local), walked.memory)])
    return { kind, nodes: kind === 'f64' ? [node, node] : [node] }
  }
  const made = attempt(state, () => {
    walk.runRound(functionIndex, rounds, round, keptOf)
    const { entity, capacity } = round
    return { ...encodeGroup(state, walk, undefined, options), entity: entity as RoundEntity, capacity, kept }
  })
  return round.entity && made
}
