import { expect, it } from 'vitest'
import { type DefineStep, Graph, type LeaveStep, type Node } from '../../../../src/wasm/rewrite/vector/graph.ts'
import { inLaneOrder } from '../../../../src/wasm/rewrite/vector/lane-order.ts'

type Steps = readonly (DefineStep | LeaveStep)[]

/** Makes nodes with a name each. The code of a node does not matter for its place. */
class Names {
  readonly graph = new Graph(false)
  readonly #names: string[] = []

  vector(name: string, operands: readonly Node[] = [], isPinned = false): Node {
    return this.graph.node(this.#codeOf(name), operands, 'v128', isPinned)
  }

  number(name: string, lane: number, operands: readonly Node[], isPinned = false): Node {
    return this.graph.node(this.#codeOf(name), operands, 'i32', isPinned, lane)
  }

  /** Returns the steps in the order in which they are written, by the names of their nodes. */
  get order(): string {
    const nameOf = (node: Node | undefined): string => this.#names[node?.code[0] ?? -1] ?? ''
    const named = inLaneOrder(this.graph.steps as Steps).map((step) =>
      step.kind === 'leave' ? `leave:${nameOf(step.mask)}` : nameOf(step.node),
    )
    return named.join(' ')
  }

  #codeOf(name: string): Uint8Array {
    return Uint8Array.of(this.#names.push(name) - 1)
  }
}

/** A graph whose first node differs from group to group, as all that is made from it does. */
function begin(): { readonly names: Names; readonly group: Node } {
  const names = new Names()
  return { names, group: names.vector('group', [], true) }
}

it('vectors alone keep their order', () => {
  const { names, group } = begin()
  const one = names.vector('one', [group])
  names.graph.leave(one)
  names.vector('two', [one], true)
  expect(names.order).toBe('group one leave:one two')
})

it('what lanes do by themselves is written lane by lane', () => {
  const { names, group } = begin()
  const first = [0, 1].map((lane) => names.number(`first${lane}`, lane, [group]))
  for (const lane of [0, 1]) names.number(`second${lane}`, lane, [first[lane] as Node])
  expect(names.order).toBe('group first0 second0 first1 second1')
})

it('vectors that need no lane come before, and those made of lanes behind', () => {
  const { names, group } = begin()
  const numbers = [0, 1].map((lane) => names.number(`number${lane}`, lane, [group]))
  const joined = names.vector('joined', numbers)
  names.vector('other', [group])
  for (const lane of [0, 1]) names.number(`again${lane}`, lane, [joined])
  expect(names.order).toBe('group other number0 number1 joined again0 again1')
})

it('a lane leaves before it reads, and vectors read when all lanes have left', () => {
  const { names, group } = begin()
  for (const lane of [0, 1]) {
    const place = names.number(`place${lane}`, lane, [group])
    names.graph.leave(place)
    names.number(`read${lane}`, lane, [place], true)
  }
  names.vector('read', [group], true)
  expect(names.order).toBe('group place0 leave:place0 read0 place1 leave:place1 read1 read')
})

it('a lane reads when vectors have left that came before', () => {
  const { names, group } = begin()
  const numbers = [0, 1].map((lane) => names.number(`number${lane}`, lane, [group]))
  names.graph.leave(names.vector('joined', numbers))
  names.number('read', 0, [group], true)
  expect(names.order).toBe('group number0 number1 joined leave:joined read')
})
