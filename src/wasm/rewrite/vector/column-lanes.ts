import type { FieldType } from '../../../abi/types.ts'
import { OPCODE, PREFIX_SIMD, VECTOR } from '../../format/opcodes.ts'
import type { Writer } from '../../format/writer.ts'
import { type WordAccessor, writeMemoryAccess } from '../inline-call.ts'
import { extended, shifted } from './arithmetic.ts'
import { type Graph, instructionOf, type Node } from './graph.ts'
import { inEachLane, joined, noteNumbers, numbersIn } from './lane-numbers.ts'
import { asI32, constantI32, isCode, type LaneKind, type Lanes, scalarI32 } from './lanes.ts'

/** A column: an array in the shared memory with a value for each entity. */
export interface ColumnPlace {
  readonly type: FieldType
  readonly base: number
}

interface ColumnCode {
  readonly kind: Exclude<LaneKind, 'mask'>
  /** The binary logarithm of the bytes of an element. */
  readonly shift: number
  /** The scalar load of an element, for columns that vectors do not load lane by lane. */
  readonly load?: number
  /** The bits above an element in an i32. */
  readonly unused?: number
  readonly isSigned?: boolean
}

const WORD = { kind: 'i32', shift: 2 } as const
const COLUMNS: Readonly<Record<FieldType, ColumnCode>> = {
  f32: { kind: 'f32', shift: 2 },
  f64: { kind: 'f64', shift: 3 },
  i8: { kind: 'i32', shift: 0, load: 0x2c, unused: 24, isSigned: true },
  u8: { kind: 'i32', shift: 0, load: 0x2d, unused: 24 },
  i16: { kind: 'i32', shift: 1, load: 0x2e, unused: 16, isSigned: true },
  u16: { kind: 'i32', shift: 1, load: 0x2f, unused: 16 },
  i32: WORD,
  u32: WORD,
  eid: WORD,
}
/** The load of a number by its type, and the exponent of its alignment. */
const SCALAR_LOADS = { i32: [0x28, 2], f32: [0x2a, 2], f64: [0x2b, 3] } as const
/** The binary logarithm of the entities of a group. */
const GROUP_SHIFT = 2
/** The bytes of a vector. */
const VECTOR_BYTES = 16
/** A byte that a swizzle sets to 0. */
const NO_BYTE = 0x80
/** The first four bytes as i32. */
const SPREAD_BYTES: readonly number[] = [0, 1, 2, 3].flatMap((byte) => [byte, NO_BYTE, NO_BYTE, NO_BYTE])
/** The low byte of each i32, and the low half. */
const LOW_BYTES: readonly number[] = [0, 4, 8, 12, ...Array<number>(12).fill(NO_BYTE)]
const LOW_HALVES: readonly number[] = [0, 1, 4, 5, 8, 9, 12, 13, ...Array<number>(8).fill(NO_BYTE)]

/** Where the columns are, and the first entity of the group. */
export interface GroupPlace {
  readonly memory: number
  readonly first: Node
}

/** Returns the address of an element, without the base of its column. */
function offsetOf(graph: Graph, entity: Node, shift: number): Node {
  if (shift === 0) return entity
  return graph.node(
    instructionOf((out) => out.byte(OPCODE.i32Shl)),
    [entity, scalarI32(graph, shift)],
    'i32',
  )
}

function vectorAccess(number: number, alignment: number, memory: number, address: number, lane?: number): Uint8Array {
  return instructionOf((out) => {
    writeVectorAccess(out, number, alignment, memory, address)
    if (lane !== undefined) out.byte(lane)
  })
}

function writeVectorAccess(out: Writer, number: number, alignment: number, memory: number, address: number): void {
  out.byte(PREFIX_SIMD)
  writeMemoryAccess(out, number, alignment, memory, address)
}

/** Returns the values of the four entities of the group. */
export function loadColumn(graph: Graph, { type, base }: ColumnPlace, { memory, first }: GroupPlace): Lanes {
  const { kind, shift, isSigned } = COLUMNS[type]
  const address = offsetOf(graph, first, shift)
  const load = (number: number, at = base): Node => graph.node(vectorAccess(number, shift, memory, at), [address])
  switch (shift) {
    case 3:
      return { kind, nodes: [load(VECTOR.load), load(VECTOR.load, base + VECTOR_BYTES)] }
    case 2:
      return { kind, nodes: [load(VECTOR.load)] }
    case 1:
      return { kind, nodes: [graph.vector(isSigned ? VECTOR.extendI16Signed : VECTOR.extendI16Unsigned, [load(VECTOR.load64Zero)])] }
    default: {
      const bytes = load(VECTOR.load32Zero)
      if (!isSigned) return { kind, nodes: [swizzled(graph, bytes, SPREAD_BYTES)] }
      return { kind, nodes: [graph.vector(VECTOR.extendI16Signed, [graph.vector(VECTOR.extendI8Signed, [bytes])])] }
    }
  }
}

/** Returns a number as a column will hold it. */
export function wrapped(graph: Graph, { type }: ColumnPlace, value: Lanes): Lanes {
  const { kind, unused, isSigned } = COLUMNS[type]
  const number = kind === 'i32' ? asI32(graph, value) : value
  if (unused === undefined) return number
  if (isSigned) return extended(graph, number, unused)
  const low = constantI32(graph, 2 ** (32 - unused) - 1)
  return { kind, nodes: [graph.vector(VECTOR.and, [number.nodes[0], low.nodes[0]])] }
}

/** Returns the vectors to store for the values of a column, in order of addresses. */
export function storedVectors(graph: Graph, { type }: ColumnPlace, value: Lanes): readonly Node[] {
  const { unused } = COLUMNS[type]
  if (unused === undefined) return value.nodes
  return [swizzled(graph, unwrapped(graph, value.nodes[0], unused), unused === 16 ? LOW_HALVES : LOW_BYTES)]
}

/** Returns a number whose low bits are the same, and not yet {@link wrapped}, if it is known. */
function unwrapped(graph: Graph, node: Node, unused: number): Node {
  const [number, low] = node.operands
  const isWrapped = isCode(node, VECTOR.and) && low === constantI32(graph, 2 ** (32 - unused) - 1).nodes[0]
  return isWrapped ? (number as Node) : node
}

/** Returns a vector of bytes of another, by their places in it. */
function swizzled(graph: Graph, node: Node, places: readonly number[]): Node {
  return graph.vector(VECTOR.swizzle, [node, graph.vector(VECTOR.constant, [], places)])
}

/** Writes the store of one of the {@link storedVectors} of a column. `writeFirst` writes the first entity of the group. */
export function writeStore(
  out: Writer,
  { type, base }: ColumnPlace,
  place: number,
  memory: number,
  writeFirst: () => void,
  writeVector: () => void,
): void {
  const { shift } = COLUMNS[type]
  writeFirst()
  if (shift > 0) out.byte(OPCODE.i32Const).s32(shift).byte(OPCODE.i32Shl)
  writeVector()
  const number = shift >= 2 ? VECTOR.store : shift === 1 ? VECTOR.store64Lane : VECTOR.store32Lane
  writeVectorAccess(out, number, shift, memory, base + place * VECTOR_BYTES)
  if (shift < 2) out.byte(0)
}

/** Returns the values of other entities, each of which must be below the capacity. */
export function gatherColumn(graph: Graph, { type, base }: ColumnPlace, entities: Node, memory: number): Lanes {
  const { kind, shift, load } = COLUMNS[type]
  const addresses = numbersIn(graph, scaled(graph, entities, shift))
  if (load !== undefined) return { kind, nodes: [joined(graph, numbersAt(graph, addresses, 'i32', load, { shift, memory, base }), 'i32')] }
  if (kind === 'f64')
    return {
      kind,
      nodes: [lanesAt(graph, addresses.slice(0, 2), base, memory, true), lanesAt(graph, addresses.slice(2), base, memory, true)],
    }
  const node = lanesAt(graph, addresses, base, memory, false)
  const number = kind === 'f32' ? kind : 'i32'
  noteNumbers(graph, node, () => numbersAt(graph, addresses, number, SCALAR_LOADS[number][0], { shift, memory, base }))
  return { kind, nodes: [node] }
}

/** Loads a number from each address. */
function numbersAt(
  graph: Graph,
  addresses: readonly Node[],
  kind: 'i32' | 'f32',
  load: number,
  { shift, memory, base }: { readonly shift: number; readonly memory: number; readonly base: number },
): readonly Node[] {
  const code = instructionOf((out) => writeMemoryAccess(out, load, shift, memory, base))
  return inEachLane(graph, code, [addresses], { type: kind, isPinned: true })
}

/** Loads a lane of a vector from each address. */
function lanesAt(graph: Graph, [first, ...rest]: readonly Node[], base: number, memory: number, isWide: boolean): Node {
  const [zero, lane, shift] = isWide ? [VECTOR.load64Zero, VECTOR.load64Lane, 3] : [VECTOR.load32Zero, VECTOR.load32Lane, 2]
  let node = graph.node(vectorAccess(zero, shift, memory, base), [first as Node], 'v128', true)
  for (const [index, address] of rest.entries()) {
    node = graph.node(vectorAccess(lane, shift, memory, base, index + 1), [address, node], 'v128', true)
  }
  return node
}

/** Returns entities of a query result by their place in it. `list` is the address of the list. */
export function gatherEntities(graph: Graph, places: Node, list: Node, memory: number): Lanes {
  const addresses = graph.vector(VECTOR.addI32, [scaled(graph, places, WORD.shift), graph.vector(VECTOR.splatI32, [list])])
  const numbers = numbersIn(graph, addresses)
  const node = lanesAt(graph, numbers, 0, memory, false)
  noteNumbers(graph, node, () => numbersAt(graph, numbers, 'i32', SCALAR_LOADS.i32[0], { shift: WORD.shift, memory, base: 0 }))
  return { kind: 'i32', nodes: [node] }
}

/** Returns the offsets of elements in their column. */
function scaled(graph: Graph, places: Node, shift: number): Node {
  return shift === 0 ? places : shifted(graph, VECTOR.shiftLeftI32, places, shift)
}

/** Returns the byte of the group, at an address at which there is a byte for each. */
export function loadGroupByte(graph: Graph, address: number, { memory, first }: GroupPlace): Node {
  const shift = instructionOf((out) => out.byte(OPCODE.i32ShrU))
  const load = instructionOf((out) => writeMemoryAccess(out, OPCODE.i32Load8U, 0, memory, address))
  return graph.node(load, [graph.node(shift, [first, scalarI32(graph, GROUP_SHIFT)], 'i32')], 'i32')
}

/** Returns a number of the shared memory, which the host and drivers alone write, and not while a group runs. */
export function loadScalar(graph: Graph, kind: 'i32' | 'f32' | 'f64', address: number, memory: number): Node {
  const [opcode, alignment] = SCALAR_LOADS[kind]
  const code = instructionOf((out) => writeMemoryAccess(out, opcode, alignment, memory, address))
  return graph.node(code, [scalarI32(graph, 0)], kind)
}

/** Returns a word of the shared memory, which the host alone writes, and not while a group runs. */
export function loadWord(graph: Graph, address: number, memory: number): Node {
  const code = instructionOf((out) => writeMemoryAccess(out, OPCODE.i32Load, 2, memory, address))
  return graph.node(code, [scalarI32(graph, 0)], 'i32')
}

/** Returns such a number in all lanes. */
export function loadNumber(graph: Graph, { type, address }: WordAccessor, memory: number): Lanes {
  if (type === 'i32') return { kind: 'i32', nodes: [graph.vector(VECTOR.splatI32, [loadWord(graph, address, memory)])] }
  const node = graph.vector(VECTOR.splatF64, [loadScalar(graph, type, address, memory)])
  return { kind: 'f64', nodes: [node, node] }
}
