import { VECTOR } from '../../format/opcodes.ts'
import type { Graph } from './graph.ts'
import { type Active, asI32, isCode, isSame, type Lanes, pick, union } from './lanes.ts'

/** A value, and the lanes that have it. */
interface LaneValue {
  readonly value: Lanes
  readonly lanes: Active
}

/** Returns one value for several, of which each is that of some lanes. What other lanes get does not matter. */
export function meetValues(graph: Graph, values: readonly LaneValue[]): Lanes {
  const areAlike = new Set(values.map(({ value }) => value.kind)).size === 1
  const groups: { value: Lanes; lanes: Active[] }[] = []
  for (const { value: own, lanes } of values) {
    const value = areAlike ? own : asI32(graph, own)
    const group = groups.find((each) => isSame(each.value, value))
    if (group === undefined) groups.push({ value, lanes: [lanes] })
    else group.lanes.push(lanes)
  }
  // The value whose lanes take most to find out needs no mask.
  const left = groups.reduce((one, other) => (priceOf(other.lanes) > priceOf(one.lanes) ? other : one))
  return groups
    .filter((group) => group !== left)
    .reduce((met, { value, lanes }) => pick(graph, value, met, union(graph, lanes)), left.value)
}

/** Returns about how many instructions the union of some masks takes. */
function priceOf(lanes: readonly Active[]): number {
  const isRest = (each: Active): boolean => typeof each === 'object' && (isCode(each, VECTOR.not) || isCode(each, VECTOR.andNot))
  return 2 * lanes.length + Number(lanes.some(isRest))
}
