import { OPCODE, PREFIX_SIMD, SELECT_LANES, VECTOR } from '../../format/opcodes.ts'
import { type Graph, instructionOf, type Node, type NumberKind, vectorNumber } from './graph.ts'

/** The types of numbers that are computed lane by lane. */
type LaneNumber = Exclude<NumberKind, 'f64'>

/** The scalar instruction for one lane of a vector instruction: its opcode, and the types of its operands and its result. */
interface NumberInstruction {
  readonly opcode: number
  readonly operands: LaneNumber
  readonly result: LaneNumber
}

const LANES: readonly number[] = [0, 1, 2, 3]
const COMPARISONS = 10
const FLOAT_COMPARISONS = 6
/** The vector instructions that add, subtract and multiply f32. */
const F32_SUMS: readonly number[] = [228, 229, 230]
const SPLATS: Readonly<Record<number, LaneNumber>> = { [VECTOR.splatI32]: 'i32', [VECTOR.splatF32]: 'f32' }
const JOINS = { i32: [VECTOR.splatI32, VECTOR.replaceI32], f32: [VECTOR.splatF32, VECTOR.replaceF32] } as const

const whole = (opcode: number): NumberInstruction => ({ opcode, operands: 'i32', result: 'i32' })
const INSTRUCTIONS: ReadonlyMap<number, NumberInstruction> = new Map([
  [VECTOR.addI32, whole(OPCODE.i32Add)],
  [VECTOR.subtractI32, whole(OPCODE.i32Sub)],
  [VECTOR.multiplyI32, whole(OPCODE.i32Mul)],
  [VECTOR.and, whole(OPCODE.i32And)],
  [VECTOR.or, whole(OPCODE.i32Or)],
  [VECTOR.exclusiveOr, whole(OPCODE.i32Xor)],
  [VECTOR.shiftLeftI32, whole(OPCODE.i32Shl)],
  [VECTOR.shiftRightI32, whole(OPCODE.i32ShrS)],
  [VECTOR.shiftRightUnsignedI32, whole(OPCODE.i32ShrU)],
  ...Array.from({ length: COMPARISONS }, (_, place) => [VECTOR.equalI32 + place, whole(OPCODE.i32Eq + place)] as const),
  ...Array.from(
    { length: FLOAT_COMPARISONS },
    (_, place) => [VECTOR.equalF32 + place, { opcode: OPCODE.f32Eq + place, operands: 'f32', result: 'i32' }] as const,
  ),
  ...F32_SUMS.map((number, place) => [number, { opcode: OPCODE.f32Add + place, operands: 'f32', result: 'f32' }] as const),
])

/**
 * Returns the lanes of a vector as numbers, if those of what it is made from are known: they were read or computed one by one. To extract them
 * takes longer than to compute them so. A mask has the numbers 1 and 0. `undefined` if they are not known, or in an arm.
 */
export function laneNumbers(graph: Graph, node: Node, kind: LaneNumber): readonly Node[] | undefined {
  if (graph.depth > 0 || !graph.hasRoom) return undefined
  const constant = sameNumbers(graph, node, kind)
  if (constant !== undefined) return constant
  if (!graph.numbers.has(node)) graph.numbers.set(node, computed(graph, node, kind))
  const numbers = graph.numbers.get(node)
  return numbers?.[0]?.type === kind ? numbers : undefined
}

/** Returns the lanes of a vector of i32 as numbers, which are extracted if they are not known. */
export function numbersIn(graph: Graph, node: Node): readonly Node[] {
  return laneNumbers(graph, node, 'i32') ?? LANES.map((lane) => graph.node(extractionOf(lane), [node], 'i32', false, lane))
}

/** Notes the numbers of the lanes of a vector, unless they would not be taken. */
export function noteNumbers(graph: Graph, node: Node, make: () => readonly Node[]): void {
  if (graph.depth === 0 && graph.hasRoom) graph.numbers.set(node, make())
}

/** Returns a vector of four numbers. */
export function joined(graph: Graph, numbers: readonly Node[], kind: LaneNumber): Node {
  const [splat, replace] = JOINS[kind]
  const [first, ...rest] = numbers as [Node, ...Node[]]
  let node = graph.vector(splat, [first])
  for (const [index, number] of rest.entries()) node = graph.vector(replace, [node, number], [index + 1])
  noteNumbers(graph, node, () => numbers)
  return node
}

/**
 * Applies a sum or a product of f32 lane by lane, and joins the results to a vector. Returns `undefined` for another instruction, and if the
 * numbers of an operand are not known or do not differ from group to group.
 */
export function combinedNumbers(graph: Graph, number: number, operands: readonly Node[]): Node | undefined {
  if (!F32_SUMS.includes(number) || operands.some((operand) => operand.isInvariant)) return undefined
  if (operands.some((operand) => laneNumbers(graph, operand, 'f32') === undefined)) return undefined
  const numbers = computed(graph, graph.vector(number, operands), 'f32')
  return numbers && joined(graph, numbers, 'f32')
}

/** Returns the numbers of a constant, or of a number in all lanes. */
function sameNumbers(graph: Graph, { code, operands }: Node, kind: LaneNumber): readonly Node[] | undefined {
  const number = vectorNumber(code)
  const [operand] = operands
  if (operand !== undefined && SPLATS[number] === kind && operand.type === kind) return LANES.map(() => operand)
  if (number !== VECTOR.constant) return undefined
  const view = new DataView(code.buffer, code.byteOffset + 2)
  return LANES.map((lane) => {
    const constant = instructionOf((out) => {
      if (kind === 'i32') out.byte(OPCODE.i32Const).s32(view.getInt32(4 * lane, true))
      else out.byte(OPCODE.f32Const).bytes(code.subarray(2 + 4 * lane, 6 + 4 * lane))
    })
    return graph.node(constant, [], kind)
  })
}

function computed(graph: Graph, node: Node, kind: LaneNumber): readonly Node[] | undefined {
  const number = vectorNumber(node.code)
  const [first, second, where] = node.operands as [Node, Node, Node]
  const zero = (): readonly Node[] => LANES.map(() => graph.node(ZERO[kind], [], kind))
  switch (number) {
    case VECTOR.not: {
      const numbers = isMask(graph, first) ? laneNumbers(graph, first, 'i32') : undefined
      return numbers && inEachLane(graph, NO_NUMBER, [numbers], { type: 'i32' })
    }
    case VECTOR.negateI32:
      // The number of a condition.
      return isMask(graph, first) ? laneNumbers(graph, first, 'i32') : undefined
    case VECTOR.select:
    case SELECT_LANES:
      return isMask(graph, where)
        ? picked(graph, laneNumbers(graph, first, kind), laneNumbers(graph, second, kind), where, kind)
        : undefined
    case VECTOR.and:
      if (isMask(graph, second) && !isMask(graph, first)) return picked(graph, laneNumbers(graph, first, kind), zero(), second, kind)
      if (isMask(graph, first) && !isMask(graph, second)) return picked(graph, laneNumbers(graph, second, kind), zero(), first, kind)
      break
    case VECTOR.andNot:
      return isMask(graph, second) ? picked(graph, zero(), laneNumbers(graph, first, kind), second, kind) : undefined
  }
  const instruction = INSTRUCTIONS.get(number)
  if (instruction === undefined || instruction.result !== kind) return undefined
  return applied(graph, instruction, [first, second])
}

function applied(graph: Graph, { opcode, operands, result }: NumberInstruction, nodes: readonly Node[]): readonly Node[] | undefined {
  const numbers: (readonly Node[])[] = []
  for (const node of nodes) {
    // A shift takes a number for all lanes.
    const own = node.type === 'v128' ? laneNumbers(graph, node, operands) : LANES.map(() => node)
    if (own === undefined) return undefined
    numbers.push(own)
  }
  const code = instructionOf((out) => out.byte(opcode))
  // Sums are computed where they are made, so that their summands need not be kept.
  return inEachLane(graph, code, numbers, { type: result, isPinned: result === 'f32' })
}

/** Returns what an instruction gives in each lane for the numbers of its operands. */
export function inEachLane(
  graph: Graph,
  code: Uint8Array,
  operands: readonly (readonly Node[])[],
  { type, isPinned = false }: { readonly type: LaneNumber; readonly isPinned?: boolean },
): readonly Node[] {
  const isShared = operands.every((numbers) => numbers.every((number) => number === numbers[0]))
  return LANES.map((lane) => {
    const own = operands.map((numbers) => numbers[lane] as Node)
    return graph.node(code, own, type, isPinned, isShared ? -1 : lane)
  })
}

function picked(
  graph: Graph,
  one: readonly Node[] | undefined,
  other: readonly Node[] | undefined,
  where: Node,
  kind: LaneNumber,
): readonly Node[] | undefined {
  const conditions = laneNumbers(graph, where, 'i32')
  if (one === undefined || other === undefined || conditions === undefined) return undefined
  return inEachLane(graph, SELECT, [one, other, conditions], { type: kind })
}

function extractionOf(lane: number): Uint8Array {
  return instructionOf((out) => out.byte(PREFIX_SIMD).u32(VECTOR.extractI32).byte(lane))
}

const SELECT = instructionOf((out) => out.byte(OPCODE.select))
const NO_NUMBER = instructionOf((out) => out.byte(OPCODE.i32Eqz))
const ZERO: Readonly<Record<LaneNumber, Uint8Array>> = {
  i32: instructionOf((out) => out.byte(OPCODE.i32Const).s32(0)),
  f32: instructionOf((out) => out.byte(OPCODE.f32Const).bytes(new Uint8Array(4))),
}

const LAST_COMPARISON = VECTOR.equalF32 + FLOAT_COMPARISONS - 1
const BITS: readonly number[] = [VECTOR.not, VECTOR.and, VECTOR.andNot, VECTOR.or, VECTOR.exclusiveOr]

/** Returns whether a vector is known to have all bits of a lane set, or none. */
function isMask(graph: Graph, node: Node): boolean {
  const known = graph.masks.get(node)
  if (known !== undefined) return known
  const number = vectorNumber(node.code)
  const isComparison = number >= VECTOR.equalI32 && number <= LAST_COMPARISON
  const made = isComparison || (BITS.includes(number) && node.operands.every((operand) => isMask(graph, operand)))
  graph.masks.set(node, made)
  return made
}
