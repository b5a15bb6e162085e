import type { DefineStep, LeaveStep, Node } from './graph.ts'

type Stretch = readonly (DefineStep | LeaveStep)[]

/** How many lanes there may be in an order of steps: the four, and what is of all. */
const PARTS = 5

/**
 * Returns steps that no arm is between in the order in which they are written: what vectors do, then what is done in the first lane by itself, in
 * the second, and so on, then what vectors do with it. So few numbers of a lane are kept at a time, where the steps as they were made take
 * turns between the lanes. A step that may trap stays behind those that leave before it.
 */
export function inLaneOrder(steps: Stretch): Stretch {
  if (steps.every((step) => nodeOf(step).lane < 0)) return steps
  const phases = new Map<Node, number>()
  let vectorLeaves = 0
  let laneLeaves = -1
  const places = steps.map((step, index) => {
    const node = nodeOf(step)
    let phase = phaseOf(node, phases)
    if (step.kind === 'leave') {
      if (node.lane < 0) vectorLeaves = Math.max(vectorLeaves, phase)
      else laneLeaves = Math.max(laneLeaves, phase)
    } else {
      // A lane leaves before it reads. Vectors read behind all lanes.
      if (node.isPinned) phase = Math.max(phase, vectorLeaves, node.lane < 0 ? laneLeaves + 1 : laneLeaves)
      phases.set(node, phase)
    }
    return { step, index, place: phase * PARTS + node.lane + 1 }
  })
  return places.sort((one, other) => one.place - other.place || one.index - other.index).map(({ step }) => step)
}

function nodeOf(step: DefineStep | LeaveStep): Node {
  return step.kind === 'leave' ? step.mask : step.node
}

/** Returns how often the lanes have to be computed one by one before a node can be. */
function phaseOf(node: Node, phases: Map<Node, number>): number {
  if (isBefore(node)) return 0
  const known = phases.get(node)
  if (known !== undefined) return known
  const phase = node.operands.reduce((most, operand) => {
    const waits = operand.lane >= 0 && operand.lane !== node.lane && !isBefore(operand)
    return Math.max(most, phaseOf(operand, phases) + Number(waits))
  }, 0)
  phases.set(node, phase)
  return phase
}

/** Returns whether a node is computed before all steps. */
function isBefore({ local, isInvariant }: Node): boolean {
  return local >= 0 || isInvariant
}
