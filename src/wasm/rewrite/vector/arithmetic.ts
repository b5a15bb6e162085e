import { OPCODE, PREFIX_SIMD, VECTOR } from '../../format/opcodes.ts'
import { type Graph, instructionOf, type Node } from './graph.ts'
import { combinedNumbers, inEachLane, joined, numbersIn } from './lane-numbers.ts'
import {
  asI32,
  combine,
  constantF32,
  constantF64,
  constantI32,
  EVEN_LANES,
  FIRST_HALVES,
  LAST_TWO,
  type LaneKind,
  type Lanes,
  mask,
  SIGN_F32,
  SIGN_F64,
  scalarI32,
} from './lanes.ts'

/** The instructions that calculate with floats, with the vector instructions that do the same. */
const F32: Readonly<Record<number, number>> = {
  139: 224, // abs, neg, ceil, floor, trunc, nearest, sqrt
  140: 225,
  141: 103,
  142: 104,
  143: 105,
  144: 106,
  145: 227,
  146: 228, // add, sub, mul, div, min, max
  147: 229,
  148: 230,
  149: 231,
  150: 232,
  151: 233,
}
const F64: Readonly<Record<number, number>> = {
  153: 236,
  154: 237,
  155: 116,
  156: 117,
  157: 122,
  158: 148,
  159: 239,
  160: 240,
  161: 241,
  162: 242,
  163: 243,
  164: 244,
  165: 245,
}
const F32_ADD = 228
const F32_MIN = 232
const F64_ADD = 240
const F64_MIN = 244
/** The pseudo-minimum and pseudo-maximum in the place of `min` and `max`. */
const PSEUDO: Readonly<Record<number, number>> = { [F32_MIN]: 234, 233: 235, [F64_MIN]: 246, 245: 247 }
const FIRST_F32_BINARY = 0x92
const FIRST_F64_BINARY = 0xa0

const VECTOR_DEMOTE = 94
const VECTOR_PROMOTE = 95
const VECTOR_F32_CONVERT_S = 250
const VECTOR_F32_CONVERT_U = 251
const VECTOR_F64_CONVERT_S = 254
const VECTOR_F64_CONVERT_U = 255
/** The saturating truncations: of f32, signed and unsigned, then of f64. */
const VECTOR_TRUNCATE_F32 = 248
const VECTOR_TRUNCATE_F64 = 252

const BITS: Readonly<Record<number, number>> = {
  [OPCODE.i32And]: VECTOR.and,
  [OPCODE.i32Or]: VECTOR.or,
  [OPCODE.i32Xor]: VECTOR.exclusiveOr,
}
const SUMS: Readonly<Record<number, number>> = {
  [OPCODE.i32Add]: VECTOR.addI32,
  [OPCODE.i32Sub]: VECTOR.subtractI32,
  [OPCODE.i32Mul]: VECTOR.multiplyI32,
}
const SHIFTS: Readonly<Record<number, number>> = {
  [OPCODE.i32Shl]: VECTOR.shiftLeftI32,
  [OPCODE.i32ShrS]: VECTOR.shiftRightI32,
  [OPCODE.i32ShrU]: VECTOR.shiftRightUnsignedI32,
}

/** Returns what a numeric instruction with one operand gives, if it cannot trap; `undefined` if it is not known. */
export function unary(graph: Graph, opcode: number, operand: Lanes): Lanes | undefined {
  const float = F32[opcode] ?? F64[opcode]
  if (float !== undefined) return { kind: operand.kind, nodes: combine([operand], ([node]) => graph.vector(float, [node])) }
  if (operand.constant !== undefined && opcode === OPCODE.i32Eqz) return constantI32(graph, Number(operand.constant === 0))
  const [node] = operand.nodes
  switch (opcode) {
    case OPCODE.i32Eqz:
      if (operand.kind === 'mask') return mask(graph.vector(VECTOR.not, [node]))
      return mask(graph.vector(VECTOR.equalI32, [node, constantI32(graph, 0).nodes[0]]))
    case OPCODE.f32ConvertI32S:
    case OPCODE.f32ConvertI32U: {
      const number = opcode === OPCODE.f32ConvertI32S ? VECTOR_F32_CONVERT_S : VECTOR_F32_CONVERT_U
      return { kind: 'f32', nodes: [graph.vector(number, asI32(graph, operand).nodes)] }
    }
    case OPCODE.f64ConvertI32S:
    case OPCODE.f64ConvertI32U:
      return halves(graph, opcode === OPCODE.f64ConvertI32S ? VECTOR_F64_CONVERT_S : VECTOR_F64_CONVERT_U, asI32(graph, operand).nodes[0])
    case OPCODE.f64PromoteF32:
      return halves(graph, VECTOR_PROMOTE, node)
    case OPCODE.f32DemoteF64:
      return { kind: 'f32', nodes: [halvesJoined(graph, VECTOR_DEMOTE, operand)] }
    case OPCODE.i32ReinterpretF32:
      return { kind: 'i32', nodes: [node] }
    case OPCODE.f32ReinterpretI32:
      return { kind: 'f32', nodes: [asI32(graph, operand).nodes[0]] }
    case OPCODE.i32Extend8S:
    case OPCODE.i32Extend16S:
      return extended(graph, asI32(graph, operand), opcode === OPCODE.i32Extend8S ? 24 : 16)
  }
  if (opcode >= OPCODE.i32Clz && opcode <= OPCODE.i32Popcnt) return laneByLane(graph, opcode, [asI32(graph, operand)])
  return undefined
}

/** Returns what a numeric instruction with two operands gives, if it cannot trap; `undefined` if it is not known. */
export function binary(graph: Graph, opcode: number, one: Lanes, other: Lanes): Lanes | undefined {
  if (opcode >= OPCODE.i32Eq && opcode <= OPCODE.i32GeU) return compared(graph, opcode, asI32(graph, one), asI32(graph, other))
  if (opcode >= OPCODE.f32Eq && opcode <= OPCODE.f32Ge) {
    return mask(graph.vector(opcode - OPCODE.f32Eq + VECTOR.equalF32, [one.nodes[0], other.nodes[0]]))
  }
  if (opcode >= OPCODE.f64Eq && opcode <= OPCODE.f64Ge) {
    const nodes = combine([one, other], (pair) => graph.vector(opcode - OPCODE.f64Eq + VECTOR.equalF64, pair))
    return mask(graph.vector(VECTOR.shuffle, nodes, EVEN_LANES))
  }
  const float = opcode >= FIRST_F64_BINARY ? F64[opcode] : opcode >= FIRST_F32_BINARY ? F32[opcode] : undefined
  if (float !== undefined)
    return (
      limited(graph, float, one, other) ?? {
        kind: one.kind,
        nodes: combine([one, other], (pair) => combinedNumbers(graph, float, pair) ?? graph.vector(float, pair)),
      }
    )
  if (opcode === OPCODE.f32Copysign || opcode === OPCODE.f64Copysign) {
    const sign = opcode === OPCODE.f32Copysign ? constantF32(graph, SIGN_F32) : constantF64(graph, SIGN_F64)
    return {
      kind: one.kind,
      nodes: combine([one, other], ([first, second]) => graph.vector(VECTOR.select, [second, first, sign.nodes[0]])),
    }
  }
  return whole(graph, opcode, one, other)
}

/**
 * Returns the least or the greatest of a number and a constant; `undefined` if neither is one. Engines take some eight instructions for
 * `min` and `max`, because of NaN and of two zeros, and one for `pmin` and `pmax`, which compare and pick. Both give the same for a number
 * and a constant that is neither NaN nor a zero. If it is 0, `pmax` may give -0, which the sum with 0 makes 0.
 */
function limited(graph: Graph, number: number, one: Lanes, other: Lanes): Lanes | undefined {
  const pseudo = PSEUDO[number]
  if (pseudo === undefined) return undefined
  const [value, bound] = constantOf(other) === undefined ? [other, one] : [one, other]
  const limit = constantOf(bound)
  const isLeast = number === F32_MIN || number === F64_MIN
  if (limit === undefined || Number.isNaN(limit) || (isLeast && Object.is(limit, -0))) return undefined
  const nodes = combine([value, bound], (pair) => graph.vector(pseudo, pair))
  if (isLeast || !Object.is(limit, 0)) return { kind: value.kind, nodes }
  const sum = value.kind === 'f64' ? F64_ADD : F32_ADD
  return { kind: value.kind, nodes: combine([{ kind: value.kind, nodes }, bound], (pair) => graph.vector(sum, pair)) }
}

/** Returns the float that all lanes are known to hold. */
function constantOf({ kind, nodes: [{ code }] }: Lanes): number | undefined {
  if (code[0] !== PREFIX_SIMD || code[1] !== VECTOR.constant) return undefined
  const view = new DataView(code.buffer, code.byteOffset + 2)
  return kind === 'f64' ? view.getFloat64(0, true) : view.getFloat32(0, true)
}

/** Returns what an i32 instruction with two operands gives. */
function whole(graph: Graph, opcode: number, one: Lanes, other: Lanes): Lanes | undefined {
  const { constant: a } = one
  const { constant: b } = other
  if (a !== undefined && b !== undefined) {
    const known = fold(opcode, a, b)
    if (known !== undefined) return constantI32(graph, known)
  }
  const bits = BITS[opcode]
  if (bits !== undefined && one.kind === 'mask' && other.kind === 'mask') return mask(graph.vector(bits, [one.nodes[0], other.nodes[0]]))
  const first = asI32(graph, one)
  const second = asI32(graph, other)
  const number = bits ?? SUMS[opcode]
  if (number !== undefined) return { kind: 'i32', nodes: [graph.vector(number, [first.nodes[0], second.nodes[0]])] }
  const shift = SHIFTS[opcode]
  if (shift !== undefined && b !== undefined) return { kind: 'i32', nodes: [shifted(graph, shift, first.nodes[0], b)] }
  if (shift !== undefined) return laneByLane(graph, opcode, [first, second])
  if (opcode !== OPCODE.i32Rotl && opcode !== OPCODE.i32Rotr) return undefined
  if (b === undefined) return laneByLane(graph, opcode, [first, second])
  const left = shifted(graph, VECTOR.shiftLeftI32, first.nodes[0], opcode === OPCODE.i32Rotl ? b : -b)
  const right = shifted(graph, VECTOR.shiftRightUnsignedI32, first.nodes[0], opcode === OPCODE.i32Rotl ? -b : b)
  return { kind: 'i32', nodes: [graph.vector(VECTOR.or, [left, right])] }
}

/** Returns what a truncation of floats that saturates gives. `number` is 0 to 3: f32 signed, unsigned, f64 signed, unsigned. */
export function truncated(graph: Graph, number: number, operand: Lanes): Lanes {
  const node =
    number < 2 ? graph.vector(VECTOR_TRUNCATE_F32 + number, operand.nodes) : halvesJoined(graph, VECTOR_TRUNCATE_F64 + number - 2, operand)
  return { kind: 'i32', nodes: [node] }
}

/** Returns a number wrapped to the low bits that a narrow column holds. */
export function extended(graph: Graph, { nodes: [node] }: Lanes, bits: number): Lanes {
  const left = shifted(graph, VECTOR.shiftLeftI32, node, bits)
  return { kind: 'i32', nodes: [shifted(graph, VECTOR.shiftRightI32, left, bits)] }
}

export function shifted(graph: Graph, number: number, node: Node, by: number): Node {
  return graph.vector(number, [node, scalarI32(graph, by & 31)])
}

/** Returns what a scalar instruction gives in each lane. One that may trap is not moved. */
export function laneByLane(graph: Graph, opcode: number, operands: readonly Lanes[], mayTrap = false): Lanes {
  const code = instructionOf((out) => out.byte(opcode))
  const numbers = operands.map(({ nodes: [node] }) => numbersIn(graph, node))
  const lanes = inEachLane(graph, code, numbers, { type: 'i32', isPinned: mayTrap })
  return { kind: 'i32', nodes: [joined(graph, lanes, 'i32')] }
}

function compared(graph: Graph, opcode: number, one: Lanes, other: Lanes): Lanes {
  const known = one.constant !== undefined && other.constant !== undefined ? fold(opcode, one.constant, other.constant) : undefined
  if (known !== undefined) return constantI32(graph, known)
  return mask(graph.vector(opcode - OPCODE.i32Eq + VECTOR.equalI32, [one.nodes[0], other.nodes[0]]))
}

/** Returns the two vectors that an instruction makes of the first and the last two lanes. */
function halves(graph: Graph, number: number, node: Node): Lanes {
  const last = graph.vector(VECTOR.shuffle, [node, node], LAST_TWO)
  return { kind: 'f64' satisfies LaneKind, nodes: [graph.vector(number, [node]), graph.vector(number, [last])] }
}

/** Returns the four lanes that an instruction makes of two vectors. */
function halvesJoined(graph: Graph, number: number, operand: Lanes): Node {
  const nodes = combine([operand], ([node]) => graph.vector(number, [node]))
  return graph.vector(VECTOR.shuffle, nodes, FIRST_HALVES)
}

/** Returns what an instruction gives for two constants; `undefined` if it is not folded. */
function fold(opcode: number, a: number, b: number): number | undefined {
  switch (opcode) {
    case OPCODE.i32Add:
      return (a + b) | 0
    case OPCODE.i32Sub:
      return (a - b) | 0
    case OPCODE.i32Mul:
      return Math.imul(a, b)
    case OPCODE.i32And:
      return a & b
    case OPCODE.i32Or:
      return a | b
    case OPCODE.i32Xor:
      return a ^ b
    case OPCODE.i32Shl:
      return a << (b & 31)
    case OPCODE.i32ShrS:
      return a >> (b & 31)
    case OPCODE.i32ShrU:
      return (a >>> (b & 31)) | 0
    default:
      return opcode >= OPCODE.i32Eq && opcode <= OPCODE.i32GeU ? Number(compareConstants(opcode, a, b)) : undefined
  }
}

function compareConstants(opcode: number, a: number, b: number): boolean {
  const [one, other] = (opcode - OPCODE.i32Eq) % 2 === 1 && opcode > OPCODE.i32Eq + 2 ? [a >>> 0, b >>> 0] : [a, b]
  switch (opcode) {
    case 0x46:
      return a === b
    case 0x47:
      return a !== b
    case 0x48:
    case 0x49:
      return one < other
    case 0x4a:
    case 0x4b:
      return one > other
    case 0x4c:
    case 0x4d:
      return one <= other
    default:
      return one >= other
  }
}
