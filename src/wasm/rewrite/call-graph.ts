import { type DecodedModule, importedFunctions } from '../format/module.ts'

/** What a function does that matters to its callers. */
export interface CallingFunction {
  /** The units of stack that a call of it takes. */
  readonly frame: number
  /** The functions that it calls; -1 for any function that may be called by a reference, or by another module. */
  readonly callees: readonly number[]
  /** Whether the frame stays while others run: a function that only ends in other functions has none then. */
  readonly keepsFrame: boolean
  readonly throws: boolean
}

/** Which functions of a module call each other in circles, and which count the depth of their calls. */
export interface CallGraph {
  /** The functions by index, those in a circle together, and each circle after those that it calls. */
  readonly circles: readonly (readonly number[])[]
  /** Whether a function may come to be called while it runs. */
  readonly isCyclic: (functionIndex: number) => boolean
  /** Whether a function counts the depth of its calls. */
  readonly countsDepth: (functionIndex: number) => boolean
  /** Whether a function with that index, or any for -1, reads the depth that its caller set. */
  readonly readsDepth: (functionIndex: number) => boolean
}

/** Frames that nest without a circle are not counted, up to so many units of stack. */
export const UNCOUNTED = 500

/**
 * Returns which functions count depth. Only circles of calls nest without a bound, so these are counted:
 *
 * - functions in a circle. A call by a reference, or of another module, may be a call of any function that is exported or referred to
 * - functions whose calls nest more than {@link UNCOUNTED} units outside of circles
 * - functions between two circles, since calls of the first, of them and of the second nest
 * - functions below which an exception is thrown: it pays for the frames that it leaves
 *
 * What is not counted takes at most {@link UNCOUNTED} units before the first function that counts, and as many behind the last.
 */
export function callGraph(module: DecodedModule, functions: readonly CallingFunction[], isLinked: boolean): CallGraph {
  const imported = importedFunctions(module)
  const count = functions.length
  // One more node stands for all calls whose target is not known.
  const unknown = count
  const referred = [...module.referredFunctions].filter((index) => index >= imported).map((index) => index - imported)
  const callees = functions.map((each) => each.callees.map((index) => (index < 0 ? unknown : index - imported)))
  callees.push(referred)
  const circles = findCircles(callees)
  const none = { frame: 0, callees: [], keepsFrame: false, throws: false }
  const nodes = [...functions, none]
  const chains = new Uint32Array(count + 1)
  const counts = new Uint8Array(count + 1)
  const isCyclic = new Uint8Array(count + 1)
  const throws = new Uint8Array(count + 1)
  /** Whether a counting function is below. Other modules count. */
  const reaches = new Uint8Array(count + 1)
  if (isLinked) reaches[unknown] = 1
  for (const circle of circles) {
    const isCircle = circle.length > 1 || callees[circle[0] as number]?.includes(circle[0] as number) === true
    let throwing = 0
    let reaching = 0
    for (const node of circle) {
      if (nodes[node]?.throws) throwing = 1
      reaching |= reaches[node] as number
      for (const callee of callees[node] as number[]) {
        throwing |= throws[callee] as number
        reaching |= (counts[callee] as number) | (reaches[callee] as number)
      }
    }
    for (const node of circle) {
      const { frame, keepsFrame } = nodes[node] as CallingFunction
      let nested = 0
      for (const callee of callees[node] as number[]) if (counts[callee] === 0) nested = Math.max(nested, chains[callee] as number)
      chains[node] = frame + nested
      isCyclic[node] = isCircle ? 1 : 0
      throws[node] = throwing
      reaches[node] = reaching
      if (frame > UNCOUNTED || (keepsFrame && (isCircle || throwing === 1 || (chains[node] as number) > UNCOUNTED))) counts[node] = 1
    }
    if (isCircle) for (const node of circle) reaches[node] = 1
  }
  // From the first callers down: which functions are below one that counts.
  const isBelow = new Uint8Array(count + 1)
  if (isLinked) isBelow[unknown] = 1
  for (const circle of circles.toReversed()) {
    for (const node of circle) {
      if (isBelow[node] === 1 && reaches[node] === 1 && nodes[node]?.keepsFrame) counts[node] = 1
      if (counts[node] === 1 || isBelow[node] === 1) for (const callee of callees[node] as number[]) isBelow[callee] = 1
    }
  }
  const reads = counts.map((counted, node) =>
    counted === 1 || throws[node] === 1 || (reaches[node] === 1 && nodes[node]?.keepsFrame === false) ? 1 : 0,
  )
  const isUnknownRead = isLinked || referred.some((node) => reads[node] === 1)
  return {
    circles: circles
      .map((circle) => circle.filter((node) => node !== unknown).map((node) => node + imported))
      .filter(({ length }) => length > 0),
    isCyclic: (index) => isCyclic[index - imported] === 1,
    countsDepth: (index) => counts[index - imported] === 1,
    readsDepth: (index) => (index < 0 ? isUnknownRead : reads[index - imported] === 1),
  }
}

/** Returns the strongly connected components of a graph, called nodes before those that call them: Tarjan's algorithm, without recursion. */
function findCircles(callees: readonly (readonly number[])[]): number[][] {
  const circles: number[][] = []
  const numbers = new Int32Array(callees.length).fill(-1)
  const lowest = new Int32Array(callees.length)
  const isWaiting = new Uint8Array(callees.length)
  const places = new Int32Array(callees.length)
  const waiting: number[] = []
  let next = 0
  for (let root = 0; root < callees.length; root++) {
    if (numbers[root] !== -1) continue
    const path = [root]
    while (path.length > 0) {
      const node = path.at(-1) as number
      if (numbers[node] === -1) {
        numbers[node] = lowest[node] = next++
        isWaiting[node] = 1
        waiting.push(node)
      }
      const called = callees[node] as readonly number[]
      let place = places[node] as number
      while (place < called.length) {
        const callee = called[place] as number
        if (numbers[callee] === -1) break
        if (isWaiting[callee] === 1) lowest[node] = Math.min(lowest[node] as number, lowest[callee] as number)
        place++
      }
      places[node] = place
      if (place < called.length) {
        path.push(called[place] as number)
        continue
      }
      path.pop()
      if (lowest[node] !== numbers[node]) continue
      const circle: number[] = []
      for (let member = -1; member !== node; ) {
        member = waiting.pop() as number
        isWaiting[member] = 0
        circle.push(member)
      }
      circles.push(circle)
    }
  }
  return circles
}
