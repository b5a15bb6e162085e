import { OPCODE, VECTOR } from '../../format/opcodes.ts'
import { laneByLane, shifted, truncated } from './arithmetic.ts'
import type { Graph, Node } from './graph.ts'
import { type Active, asI32, combine, constantF32, constantF64, constantI32, EVEN_LANES, type Lanes, selectLanes } from './lanes.ts'

/** What an instruction that may trap needs. */
export interface Partial {
  readonly graph: Graph
  /** The lanes that run the instruction and have an entity. */
  readonly seen: Active
  /** Leaves the group if one of the lanes that run the instruction is in a mask. */
  readonly leave: (where: Active, why: string) => void
}

const LEAST = -(2 ** 31)
const LESS_F32 = 67
const GREATER_F32 = 68
const GREATER_OR_EQUAL_F32 = 70
const LESS_F64 = 73
const GREATER_F64 = 74

export function isDivision(opcode: number): boolean {
  return opcode >= OPCODE.i32DivS && opcode <= OPCODE.i32RemU
}

/** Returns the quotient or the remainder of two i32. Leaves the group if any lane would trap. */
export function divide({ graph, seen, leave }: Partial, opcode: number, one: Lanes, other: Lanes): Lanes | undefined {
  const { constant } = other
  const dividend = asI32(graph, one)
  const divisor = asI32(graph, other)
  const [node] = dividend.nodes
  if (constant === 0) return undefined
  if (constant !== undefined && constant > 0 && (constant & (constant - 1)) === 0) {
    if (opcode === OPCODE.i32DivU)
      return { kind: 'i32', nodes: [shifted(graph, VECTOR.shiftRightUnsignedI32, node, 31 - Math.clz32(constant))] }
    if (opcode === OPCODE.i32RemU)
      return { kind: 'i32', nodes: [graph.vector(VECTOR.and, [node, constantI32(graph, constant - 1).nodes[0]])] }
  }
  if (constant !== undefined && constant !== -1) return laneByLane(graph, opcode, [dividend, divisor])
  const equals = (lanes: Node, value: number): Node => graph.vector(VECTOR.equalI32, [lanes, constantI32(graph, value).nodes[0]])
  let [by] = divisor.nodes
  leave(equals(by, 0), 'a division by zero')
  if (opcode === OPCODE.i32DivS) leave(graph.vector(VECTOR.and, [equals(by, -1), equals(node, LEAST)]), 'a division that overflows')
  // The other lanes are divided, too, and must not trap.
  if (seen !== 'all') by = selectLanes(graph, by, constantI32(graph, 1).nodes[0], seen as Node)
  return laneByLane(graph, opcode, [dividend, { kind: 'i32', nodes: [by] }], true)
}

const FIRST_TRUNCATION = 0xa8
const LAST_TRUNCATION = 0xab

export function isTruncation(opcode: number): boolean {
  return opcode >= FIRST_TRUNCATION && opcode <= LAST_TRUNCATION
}

/** Returns floats as i32. Leaves the group if any lane is out of range. */
export function truncate({ graph, leave }: Partial, opcode: number, operand: Lanes): Lanes {
  const number = opcode - FIRST_TRUNCATION
  const isSigned = number % 2 === 0
  leave(
    graph.vector(VECTOR.not, [number < 2 ? inRangeF32(graph, isSigned, operand) : inRangeF64(graph, isSigned, operand)]),
    'a truncation out of range',
  )
  return truncated(graph, number, operand)
}

function inRangeF32(graph: Graph, isSigned: boolean, { nodes: [node] }: Lanes): Node {
  const bound = (value: number): Node => constantF32(graph, new Uint8Array(Float32Array.of(value).buffer)).nodes[0]
  const low = graph.vector(isSigned ? GREATER_OR_EQUAL_F32 : GREATER_F32, [node, bound(isSigned ? LEAST : -1)])
  return graph.vector(VECTOR.and, [low, graph.vector(LESS_F32, [node, bound(isSigned ? 2 ** 31 : 2 ** 32)])])
}

function inRangeF64(graph: Graph, isSigned: boolean, operand: Lanes): Node {
  const bound = (value: number): Node => constantF64(graph, new Uint8Array(Float64Array.of(value).buffer)).nodes[0]
  const halves = combine([operand], ([node]) => {
    const low = graph.vector(GREATER_F64, [node, bound(isSigned ? LEAST - 1 : -1)])
    return graph.vector(VECTOR.and, [low, graph.vector(LESS_F64, [node, bound(isSigned ? 2 ** 31 : 2 ** 32)])])
  })
  return graph.vector(VECTOR.shuffle, halves, EVEN_LANES)
}
