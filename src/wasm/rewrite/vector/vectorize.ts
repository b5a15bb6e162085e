import type { NumberType } from '../../../abi/types.ts'
import { OPCODE, PREFIX_SIMD, VECTOR } from '../../format/opcodes.ts'
import type { Writer } from '../../format/writer.ts'
import type { CodeObstacle, GroupedUpdate } from '../vectorization.ts'
import { type ColumnPlace, storedVectors, writeStore } from './column-lanes.ts'
import { GraphEncoder } from './encode.ts'
import { Graph, type Node, NotVectorizable } from './graph.ts'
import { LaneState } from './lane-state.ts'
import { type Lanes, pick } from './lanes.ts'
import { VECTOR_WORK } from './node-work.ts'
import { Walk } from './walk.ts'
import type { WalkedModule } from './walked-module.ts'

/** The locals that the code of a group uses, which its driver sets. */
export interface GroupLocals {
  /** The first entity of the group. */
  readonly first: number
  readonly dt: number
  /** A vector to which is added what the lanes are charged beside `charge`, in units of {@link GroupCode.unit}. */
  readonly spent: number
  /** A vector with all bits set in the lanes that have an entity; `undefined` if all have. */
  readonly alive: number | undefined
  /** The first local that nothing uses. */
  readonly free: number
}

/** The code that runs `update` on the four entities of a group. */
export interface GroupCode extends Omit<GroupedUpdate, 'work'> {
  /** What has to be computed once, and again after `update` was called. */
  readonly prologue: Uint8Array
  readonly body: Uint8Array
  /** The types of the locals that it adds. */
  readonly types: readonly number[]
  /** The fuel that each entity is charged, beside the vector. */
  readonly charge: number
  /** The fuel for which 1 in the vector stands. */
  readonly unit: number
  /** About how long the body takes, in units of fuel one by one. */
  readonly work: number
}

/** How {@link vectorize} writes a group. */
export interface GroupOptions {
  readonly update: number
  readonly dt: Extract<NumberType, 'f32' | 'f64'>
  readonly locals: GroupLocals
  /** How many blocks are around the code, out of which a group leaves. */
  readonly blocks: number
}

const SPLAT_DT = { f32: VECTOR.splatF32, f64: VECTOR.splatF64 } as const

/** Returns the code of a group, or what prevents it. */
export function vectorize(walked: WalkedModule, options: GroupOptions): GroupCode | CodeObstacle {
  const graph = new Graph(walked.isRelaxed)
  const { update, locals } = options
  const first = graph.local(locals.first, 'i32', false)
  const alive = locals.alive === undefined ? undefined : graph.local(locals.alive, 'v128', false)
  const state = new LaneState(graph, { memory: walked.memory, first }, alive)
  const walk = new Walk(state, walked, update)
  return attempt(state, () => {
    walk.run(update, [entities(graph, first), splat(graph, options.dt, locals.dt)])
    return encodeGroup(state, walk, alive, options)
  })
}

/** Returns what a function returns, or what prevents it if it throws {@link NotVectorizable}. */
export function attempt<Result>(state: LaneState, run: () => Result): Result | CodeObstacle {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof NotVectorizable)) throw error
    const { active, lastLeft, at } = state
    return active === 'none' && lastLeft !== undefined ? lastLeft : { why: error.message, at }
  }
}

/** Returns the code for what a walk has left in the state. */
export function encodeGroup(
  state: LaneState,
  walk: Walk,
  alive: Node | undefined,
  { locals, blocks }: { readonly locals: Pick<GroupLocals, 'first' | 'spent' | 'free'>; readonly blocks: number },
): GroupCode {
  const { graph, group, leaves } = state
  const { memory } = group
  const { columns, places, tables } = state
  const { all, spent, unit } = state.fuel.total()
  const stores = [...columns].map(([base, value]) => {
    const column = places.get(base) as ColumnPlace
    const stored = alive === undefined ? value : pick(graph, value, state.load(column), alive)
    return { column, vectors: storedVectors(graph, column, stored) }
  })
  const fuel = spent && spentBy(graph, spent, alive)
  const outputs = [...stores.flatMap(({ vectors }) => vectors), ...(fuel === undefined ? [] : [fuel])]
  const encoder = new GraphEncoder(graph, outputs, locals.free, blocks)
  const prologue = encoder.prologue()
  const body = encoder.body((out, read) => {
    for (const { column, vectors } of stores) {
      for (const [place, vector] of vectors.entries()) {
        writeStore(
          out,
          column,
          place,
          memory,
          () => out.byte(OPCODE.localGet).u32(locals.first),
          () => read(vector),
        )
      }
    }
    if (fuel !== undefined) addSpent(out, locals.spent, () => read(fuel))
  })
  const work = encoder.work + VECTOR_WORK * stores.reduce((sum, { vectors }) => sum + vectors.length, 0)
  return {
    prologue,
    body,
    work,
    types: encoder.types,
    charge: all,
    unit,
    base: walk.base,
    maxCost: walk.maxCost,
    leaves,
    tables,
    asked: [...state.asked],
  }
}

function entities(graph: Graph, first: Node): Lanes {
  const counted = graph.vector(VECTOR.constant, [], [...new Uint8Array(Int32Array.of(0, 1, 2, 3).buffer)])
  const node = graph.vector(VECTOR.addI32, [graph.vector(VECTOR.splatI32, [first]), counted])
  return { kind: 'i32', nodes: [node], isEntity: true }
}

function splat(graph: Graph, dt: 'f32' | 'f64', local: number): Lanes {
  const node = graph.vector(SPLAT_DT[dt], [graph.local(local, dt, true)])
  return { kind: dt, nodes: dt === 'f64' ? [node, node] : [node] }
}

function spentBy(graph: Graph, spent: Node, alive: Node | undefined): Node {
  return alive === undefined ? spent : graph.vector(VECTOR.and, [spent, alive])
}

function addSpent(out: Writer, local: number, read: () => void): void {
  out.byte(OPCODE.localGet).u32(local)
  read()
  out.byte(PREFIX_SIMD).u32(VECTOR.addI32).byte(OPCODE.localSet).u32(local)
}
