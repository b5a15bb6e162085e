import { InstructionReader } from '../../decode/instructions.ts'
import { importedFunctions } from '../../format/module.ts'
import { OPCODE, VECTOR } from '../../format/opcodes.ts'
import { Reader } from '../../format/reader.ts'
import type { Accessor, ColumnAccessor, ResultAccessor } from '../inline-call.ts'
import { gatherColumn, gatherEntities, loadGroupByte, loadNumber, loadWord, wrapped } from './column-lanes.ts'
import type { Graph, Node } from './graph.ts'
import type { LaneState } from './lane-state.ts'
import { asI32, both, constantI32, type Lanes, mask, masked } from './lanes.ts'
import type { WalkedModule } from './walked-module.ts'

const LANES = 4
/** The bit of each lane in the byte of a group. */
export const LANE_BITS: readonly number[] = [1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 8, 0, 0, 0]

/** What accesses of columns need to know, beside the lanes. */
export interface AccessedMemory {
  /** The index of the shared memory. */
  readonly memory: number
  /** The addresses of the columns that the function may write. */
  readonly written: ReadonlySet<number>
}

/** Does what an import does that reads or writes the shared memory. */
export function access(state: LaneState, accessed: AccessedMemory, accessor: Accessor): void {
  switch (accessor.access) {
    case 'get':
      state.push(getColumn(state, accessed, accessor, state.pop()))
      return
    case 'set': {
      const value = state.pop()
      if (state.pop().isEntity !== true) {
        state.cannot('a write to another entity')
        return
      }
      bound(state, accessor)
      state.places.set(accessor.base, accessor)
      state.columns.set(accessor.base, wrapped(state.graph, accessor, value))
      return
    }
    case 'entity': {
      const place = state.pop()
      state.push(state.round?.entitiesAt(accessor, place) ?? getEntity(state, accessed, accessor, place))
      return
    }
    case 'word':
      state.push(loadNumber(state.graph, accessor, accessed.memory))
  }
}

/** Tests which entities have a component. The bytes at an address say it for each group. */
export function testComponent(state: LaneState, { memory }: AccessedMemory, address: number): void {
  if (state.pop().isEntity !== true || state.round !== undefined) {
    state.cannot(state.round === undefined ? 'a question about the components of another entity' : 'a question about components')
    return
  }
  const { graph, group } = state
  state.asked.add(address)
  const holders = graph.vector(VECTOR.splatI32, [loadGroupByte(graph, address, { memory, first: group.first })])
  const bits = graph.vector(VECTOR.and, [holders, graph.vector(VECTOR.constant, [], LANE_BITS)])
  state.push(mask(graph.vector(VECTOR.notEqualI32, [bits, constantI32(graph, 0).nodes[0]])))
}

/** Notes that entities of a query result must be in a column. */
function bound({ round }: LaneState, { capacity }: ColumnAccessor): void {
  if (round !== undefined) round.capacity = Math.min(round.capacity, capacity)
}

function getColumn(state: LaneState, { memory, written }: AccessedMemory, column: ColumnAccessor, entity: Lanes): Lanes {
  const { graph } = state
  state.places.set(column.base, column)
  if (entity.isEntity) bound(state, column)
  if (entity.isEntity) return state.columns.get(column.base) ?? state.load(column)
  const index = asI32(graph, entity).nodes[0]
  let unreadable = notBelow(graph, index, constantI32(graph, column.capacity).nodes[0])
  if (written.has(column.base)) {
    // An entity of this group may be written by a lane before it.
    unreadable = graph.vector(VECTOR.or, [unreadable, inGroup(state, index)])
    state.leaves.add('a read of an entity of the same group')
  }
  return gatherColumn(graph, column, readable(state, index, unreadable, 'an entity out of range'), memory)
}

function getEntity(state: LaneState, { memory }: AccessedMemory, { result }: ResultAccessor, place: Lanes): Lanes {
  const { graph } = state
  const index = asI32(graph, place).nodes[0]
  const count = graph.vector(VECTOR.splatI32, [loadWord(graph, result, memory)])
  const places = readable(state, index, notBelow(graph, index, count), 'an entity out of range')
  return gatherEntities(graph, places, loadWord(graph, result + 4, memory), memory)
}

function notBelow(graph: Graph, index: Node, bound: Node): Node {
  return graph.vector(VECTOR.greaterOrEqualUnsignedI32, [index, bound])
}

/** Returns which entities are of this group. */
function inGroup({ graph, group }: LaneState, entities: Node): Node {
  const distance = graph.vector(VECTOR.subtractI32, [entities, graph.vector(VECTOR.splatI32, [group.first])])
  const far = graph.vector(VECTOR.and, [distance, constantI32(graph, -LANES).nodes[0]])
  return graph.vector(VECTOR.equalI32, [far, constantI32(graph, 0).nodes[0]])
}

/** Leaves the group if a lane has an index that cannot be read. Returns indices of which those of lanes that are not there are 0. */
function readable(state: LaneState, index: Node, unreadable: Node, why: string): Node {
  const { graph } = state
  const { seen } = state
  if (seen === 'all') state.leaveEach(unreadable, why)
  else state.leave(both(graph, state.active, unreadable), why)
  return seen === 'all' ? index : masked(graph, index, seen as Node)
}

/** Returns the addresses of the columns that a function may write, itself or in the functions that it calls. */
export function writtenColumns({ module, calls, read }: WalkedModule, update: number): ReadonlySet<number> {
  const written = new Set<number>()
  const seen = new Set<number>()
  const visit = (functionIndex: number): void => {
    if (seen.has(functionIndex)) return
    seen.add(functionIndex)
    const { bytes, end, charges } = read(functionIndex)
    const reader = new Reader(bytes, { start: charges.codeAt, end })
    const instruction = new InstructionReader(reader)
    while (!reader.done) {
      instruction.read()
      if (instruction.opcode !== OPCODE.call) continue
      const accessor = calls.get(instruction.index)?.accessor
      if (accessor?.access === 'set') written.add(accessor.base)
      else if (instruction.index >= importedFunctions(module)) visit(instruction.index)
    }
  }
  visit(update)
  return written
}
