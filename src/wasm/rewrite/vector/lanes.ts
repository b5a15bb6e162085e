import { OPCODE, PREFIX_SIMD, SELECT_LANES, VECTOR } from '../../format/opcodes.ts'
import { type Graph, instructionOf, type Node } from './graph.ts'

/** What the lanes of a value hold. A mask has all bits of a lane set, or none: a condition. */
export type LaneKind = 'i32' | 'f32' | 'f64' | 'mask'

/** An operand or a local of four entities. */
export interface Lanes {
  readonly kind: LaneKind
  /** One vector; of `f64`, two, with the first and the last two lanes. */
  readonly nodes: readonly [Node, ...Node[]]
  /** The number, if it is the same known i32 in all lanes. */
  readonly constant?: number
  /** Whether it is the entity that `update` was called with. */
  readonly isEntity?: boolean
}

/** The lanes that run an instruction. */
export type Active = 'all' | 'none' | Node

/** Shuffles: the last two lanes of i32, the even lanes of two vectors, the first halves of two vectors. */
export const LAST_TWO: readonly number[] = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]
export const EVEN_LANES: readonly number[] = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27]
export const FIRST_HALVES: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]

/** Returns a vector with the same bytes in each lane. */
export function constantVector(graph: Graph, lane: ArrayLike<number>): Node {
  return graph.vector(
    VECTOR.constant,
    [],
    Array.from({ length: 16 }, (_, index) => lane[index % lane.length] as number),
  )
}

export function constantI32(graph: Graph, value: number): Lanes {
  return { kind: 'i32', nodes: [constantVector(graph, new Uint8Array(Int32Array.of(value).buffer))], constant: value | 0 }
}

export function constantF32(graph: Graph, bytes: ArrayLike<number>): Lanes {
  return { kind: 'f32', nodes: [constantVector(graph, bytes)] }
}

export function constantF64(graph: Graph, bytes: ArrayLike<number>): Lanes {
  const node = constantVector(graph, bytes)
  return { kind: 'f64', nodes: [node, node] }
}

/** Returns the i32 constant of a local instruction. */
export function scalarI32(graph: Graph, value: number): Node {
  return graph.node(
    instructionOf((out) => out.byte(OPCODE.i32Const).s32(value)),
    [],
    'i32',
  )
}

/** Returns a condition as the number 1 or 0. */
export function asI32(graph: Graph, value: Lanes): Lanes {
  if (value.kind !== 'mask') return value
  return { kind: 'i32', nodes: [graph.vector(VECTOR.negateI32, [value.nodes[0]])] }
}

/** Returns where a number is not 0. */
export function asMask(graph: Graph, value: Lanes): Node {
  if (value.kind === 'mask') return value.nodes[0]
  return graph.vector(VECTOR.notEqualI32, [value.nodes[0], constantI32(graph, 0).nodes[0]])
}

export function mask(node: Node): Lanes {
  return { kind: 'mask', nodes: [node] }
}

export function both(graph: Graph, one: Active, other: Active): Active {
  if (one === 'none' || other === 'none') return 'none'
  if (one === 'all') return other
  if (other === 'all' || one === other) return one
  return masked(graph, one, other)
}

/** Returns a vector with 0 in the lanes that are not in a mask. */
export function masked(graph: Graph, node: Node, where: Node): Node {
  const unless = negated(where)
  return unless === undefined ? graph.vector(VECTOR.and, [node, where]) : graph.vector(VECTOR.andNot, [node, unless])
}

/** Returns the lanes of `one` that are not in `other`. */
export function without(graph: Graph, one: Active, other: Active): Active {
  if (one === 'none' || other === 'all') return 'none'
  if (other === 'none') return one
  const unless = negated(other)
  if (unless !== undefined) return one === 'all' ? unless : graph.vector(VECTOR.and, [one, unless])
  return one === 'all' ? graph.vector(VECTOR.not, [other]) : graph.vector(VECTOR.andNot, [one, other])
}

/** Returns the lanes of all masks. Those into which lanes parted follow each other, so that their union is what they were. */
export function union(graph: Graph, masks: readonly Active[]): Active {
  const left: Active[] = []
  for (const mask of masks.toReversed()) {
    if (mask !== 'none') left.push(mask)
    while (joinLast(left));
  }
  return left.length === 0 ? 'none' : left.reduce((one, other) => graph.vector(VECTOR.or, [one as Node, other as Node]))
}

/** Replaces the last two masks by one if lanes parted into them. Returns whether they did. */
function joinLast(masks: Active[]): boolean {
  const [one, other] = masks.slice(-2)
  if (one === undefined || other === undefined) return false
  const whole = wholeOf(other, one) ?? wholeOf(one, other)
  if (whole !== undefined) masks.splice(-2, 2, whole)
  return whole !== undefined
}

/** Returns the lanes that parted into `part` and `rest`; `undefined` if no lanes did. */
function wholeOf(part: Active, rest: Active): Active | undefined {
  if (part === 'all' || part === rest) return part
  if (part === 'none' || typeof rest !== 'object') return undefined
  const [whole, condition] = rest.operands
  if (isCode(rest, VECTOR.not)) return whole === part ? 'all' : undefined
  if (!isCode(rest, VECTOR.andNot) || !isCode(part, VECTOR.and)) return undefined
  return part.operands.includes(whole as Node) && part.operands.includes(condition as Node) ? whole : undefined
}

/** Returns whether a node is a vector instruction without immediates. */
export function isCode({ code }: Node, number: number): boolean {
  if (code[0] !== PREFIX_SIMD) return false
  // A number above 127 has two bytes.
  return number < 128
    ? code.length === 2 && code[1] === number
    : code.length === 3 && code[1] === ((number & 127) | 128) && code[2] === number >> 7
}

function isShuffle({ code }: Node, lanes: readonly number[]): boolean {
  return (
    code.length === 18 && code[0] === PREFIX_SIMD && code[1] === VECTOR.shuffle && lanes.every((lane, place) => code[place + 2] === lane)
  )
}

/** Returns the masks of the two vectors of an f64. */
function widened(graph: Graph, node: Node): readonly [Node, Node] {
  const [low, high] = node.operands
  // It was made of both.
  if (low !== undefined && high !== undefined && isShuffle(node, EVEN_LANES)) return [low, high]
  return [graph.vector(VECTOR.widenMaskLow, [node]), graph.vector(VECTOR.widenMaskHigh, [node])]
}

/** Returns `one` in the lanes of a mask, and `other` in the rest. */
export function pick(graph: Graph, one: Lanes, other: Lanes, where: Active): Lanes {
  if (where === 'all' || isSame(one, other)) return one
  if (where === 'none') return other
  if (one.kind !== other.kind) return pick(graph, asI32(graph, one), asI32(graph, other), where)
  const unless = negated(where)
  if (unless !== undefined) return pick(graph, other, one, unless)
  const masks = one.kind === 'f64' ? widened(graph, where) : [where]
  return {
    kind: one.kind,
    nodes: combine([one, other], ([first, second], place) => selected(graph, first, second, masks[place] as Node)),
  }
}

/** Returns `one` where a mask is set, and `other` where it is not. If either is 0, or the other with its sign turned, that takes no selection. */
function selected(graph: Graph, one: Node, other: Node, where: Node): Node {
  const zero = constantI32(graph, 0).nodes[0]
  if (other === zero) return graph.vector(VECTOR.and, [one, where])
  if (one === zero) return graph.vector(VECTOR.andNot, [other, where])
  const sign = isCode(one, VECTOR.negateF32) ? SIGN_F32 : isCode(one, VECTOR.negateF64) ? SIGN_F64 : undefined
  if (sign !== undefined && one.operands[0] === other) {
    return graph.vector(VECTOR.exclusiveOr, [other, graph.vector(VECTOR.and, [where, constantVector(graph, sign)])])
  }
  return selectLanes(graph, one, other, where)
}

/** Returns `one` where a mask is set, and `other` where it is not. Engines have one instruction for that, and three for a selection of bits. */
export function selectLanes(graph: Graph, one: Node, other: Node, where: Node): Node {
  return graph.vector(graph.isRelaxed ? SELECT_LANES : VECTOR.select, [one, other, where])
}

/** Returns the mask of which a mask is the opposite; `undefined` if it is not made so. */
function negated(node: Node): Node | undefined {
  return isCode(node, VECTOR.not) ? node.operands[0] : undefined
}

export function isSame(one: Lanes, other: Lanes): boolean {
  return one.kind === other.kind && one.nodes.every((node, place) => node === other.nodes[place])
}

/** Returns what a function makes of each vector of some values. */
export function combine(values: readonly Lanes[], make: (nodes: readonly [Node, Node], place: number) => Node): readonly [Node, ...Node[]] {
  const [first, second] = values as [Lanes, Lanes | undefined]
  const at = (place: number): Node => make([first.nodes[place] as Node, (second ?? first).nodes[place] as Node], place)
  return first.nodes.length === 1 ? [at(0)] : [at(0), at(1)]
}

/** The bits of the sign. */
export const SIGN_F32: readonly number[] = [0, 0, 0, 128]
export const SIGN_F64: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 128]
const NAN_F32 = [0, 0, 0xc0, 0x7f]
const NAN_F64 = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]

/** Returns floats with the canonical NaN in the place of each other NaN. */
export function canonical(graph: Graph, value: Lanes): Lanes {
  const [nan, equal] =
    value.kind === 'f64' ? [constantVector(graph, NAN_F64), VECTOR.equalF64] : [constantVector(graph, NAN_F32), VECTOR.equalF32]
  return {
    kind: value.kind,
    nodes: combine([value], ([node]) => selectLanes(graph, node, nan, graph.vector(equal, [node, node]))),
  }
}
