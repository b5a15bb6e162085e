import type { Graph } from './graph.ts'
import { type Active, asI32, isCode, isSame, type Lanes, pick, union, VECTOR } from './lanes.ts'

/** A value, and the lanes that have it. */
export interface Choice {
  readonly value: Lanes
  readonly lanes: Active
}

/** Returns one value for several, of which each is that of some lanes. What other lanes get does not matter. */
export function meetValues(graph: Graph, choices: readonly Choice[]): Lanes {
  const kinds = new Set(choices.map(({ value }) => value.kind))
  const values = kinds.size > 1 ? choices.map(({ value, lanes }) => ({ value: asI32(graph, value), lanes })) : choices
  const groups: { value: Lanes; lanes: Active[] }[] = []
  for (const { value, lanes } of values) {
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
