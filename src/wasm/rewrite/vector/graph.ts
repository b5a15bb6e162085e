import { OPCODE, PREFIX_SIMD } from '../../format/opcodes.ts'
import { Reader } from '../../format/reader.ts'
import { Writer } from '../../format/writer.ts'

/** The types of numbers that vectors hold. */
export type NumberKind = 'i32' | 'f32' | 'f64'

/** An instruction that is computed once for a group, and the nodes whose values it takes. */
export interface Node {
  readonly type: 'v128' | NumberKind
  /** The lane of which it computes a number; -1 if it is of all lanes. */
  readonly lane: number
  readonly operands: readonly Node[]
  /** The instruction with its immediates. It follows the operands. */
  readonly code: Uint8Array
  /** Whether it is the same for all groups, until `update` was called. */
  readonly isInvariant: boolean
  /** Whether it must be computed where it was made, and no later. */
  readonly isPinned: boolean
  /** The local that holds the value; -1 if none does. */
  local: number
  /** How many live nodes and steps take the value. */
  uses: number
  /** Whether any of them differs from group to group. */
  isTakenInGroup: boolean
}

/** What a group does, in order. */
export type Step = DefineStep | LeaveStep | ArmStep

/** Computes a node, if more than one other takes it. */
export interface DefineStep {
  readonly kind: 'define'
  readonly node: Node
}

/** Leaves the group if any lane of a mask is set, or if the number of a lane is not 0. */
export interface LeaveStep {
  readonly kind: 'leave'
  readonly mask: Node
}

/** Steps that are passed over if no lane of the condition is set. */
export interface ArmStep {
  readonly kind: 'arm'
  readonly condition: Node
  readonly steps: Step[]
  /** Values that are known outside as well: 0 in each lane if the arm was passed over. */
  readonly exported: { readonly outside: Node; readonly inside: Node }[]
  isLive: boolean
}

/** Nodes that a group may have. Each takes bytes, and the engine's time to compile. */
const MAX_NODES = 2_000

const NO_CODE = new Uint8Array(0)

/** Returns what a function writes. */
export function instructionOf(write: (out: Writer) => void): Uint8Array {
  const out = new Writer(24)
  write(out)
  return out.view()
}

/** Returns the number of a vector instruction, or -1 for any other instruction. */
export function vectorNumber(code: Uint8Array): number {
  return code[0] === PREFIX_SIMD ? new Reader(code, { start: 1, end: code.length }).u32('an instruction') : -1
}

/** Thrown if a function cannot run on four entities at once. */
export class NotVectorizable extends Error {}

/** The code of a group as a graph of values, each of which is set once, and the steps that cannot be moved. */
export class Graph {
  readonly steps: Step[] = []
  /** The invariant nodes in the order in which they were made. */
  readonly invariants: Node[] = []
  readonly #arms: ArmStep[] = []
  /** The nodes by what they compute: those of the group, then of each open arm. */
  readonly #known: Map<string, Node>[] = [new Map()]
  /** The masks by which it has left already: outside of arms, then in each open arm. */
  readonly #left: Set<Node>[] = [new Set()]
  readonly #places = new Map<Node, number>()
  /** Numbers that are known to be the lanes of a vector, and vectors of which none are known: see `laneNumbers`. */
  readonly numbers: Map<Node, readonly Node[] | undefined> = new Map()
  /** Which vectors have all bits of a lane set, or none, as far as that was asked. */
  readonly masks: Map<Node, boolean> = new Map()
  /** Whether the engine supports relaxed SIMD. */
  readonly isRelaxed: boolean

  constructor(isRelaxed: boolean) {
    this.isRelaxed = isRelaxed
  }

  /** Whether there is room for nodes that save time and no others. */
  get hasRoom(): boolean {
    return this.#places.size < MAX_NODES / 2
  }

  /** The number of open arms. */
  get depth(): number {
    return this.#arms.length
  }

  /** Returns a node that computes an instruction. Equal nodes are one. */
  node(code: Uint8Array, operands: readonly Node[], type: Node['type'] = 'v128', isPinned = false, lane?: number): Node {
    const isInvariant = !isPinned && operands.every((operand) => operand.isInvariant)
    return this.#make({ code, operands, type, isPinned, isInvariant, lane: lane ?? laneOf(type, operands) })
  }

  /** Returns a vector instruction by its number. */
  vector(number: number, operands: readonly Node[], immediates: readonly number[] = [], type: Node['type'] = 'v128'): Node {
    return this.node(
      instructionOf((out) => out.byte(PREFIX_SIMD).u32(number).bytes(immediates)),
      operands,
      type,
    )
  }

  /** Returns a node for a local that is set outside the graph. */
  local(index: number, type: Node['type'], isInvariant: boolean): Node {
    const code = instructionOf((out) => out.byte(OPCODE.localGet).u32(index))
    return this.#make({ code, operands: [], type, isPinned: false, isInvariant, lane: -1 })
  }

  /** Leaves the group if any lane of a mask is set, or if the number of a lane is not 0. */
  leave(mask: Node): void {
    if (this.#left.some((masks) => masks.has(mask))) return
    this.#left.at(-1)?.add(mask)
    this.#current.push({ kind: 'leave', mask })
  }

  /** Begins steps that are passed over if no lane of a mask is set. */
  openArm(condition: Node): void {
    const arm: ArmStep = { kind: 'arm', condition, steps: [], exported: [], isLive: false }
    this.#current.push(arm)
    this.#arms.push(arm)
    this.#known.push(new Map())
    this.#left.push(new Set())
  }

  /** Returns a mask, or a number, of the open arm as it is seen outside: 0 if the arm is passed over. */
  exportZeroed(inside: Node): Node {
    const arm = this.#arms.at(-1) as ArmStep
    const known = arm.exported.find((each) => each.inside === inside)
    if (known !== undefined) return known.outside
    // Every variable is another one, although none has code of its own.
    const outside: Node = {
      type: 'v128',
      lane: -1,
      operands: [],
      code: NO_CODE,
      isInvariant: false,
      isPinned: true,
      local: -1,
      uses: 0,
      isTakenInGroup: false,
    }
    this.#places.set(outside, this.#places.size)
    arm.exported.push({ outside, inside })
    return outside
  }

  closeArm(): void {
    this.#arms.pop()
    this.#known.pop()
    this.#left.pop()
  }

  get #current(): Step[] {
    return this.#arms.at(-1)?.steps ?? this.steps
  }

  #make(made: Pick<Node, 'code' | 'operands' | 'type' | 'lane' | 'isPinned' | 'isInvariant'>): Node {
    const { code, operands, isInvariant } = made
    const key = `${code.join()} ${operands.map((operand) => this.#places.get(operand)).join()}`
    for (const known of this.#known) {
      const found = known.get(key)
      if (found !== undefined) return found
    }
    if (this.#places.size >= MAX_NODES) throw new NotVectorizable(`it takes more than ${MAX_NODES} instructions`)
    const node: Node = { ...made, local: -1, uses: 0, isTakenInGroup: false }
    this.#places.set(node, this.#places.size)
    // Invariant nodes are computed before any arm.
    const scope = (isInvariant ? this.#known[0] : this.#known.at(-1)) as Map<string, Node>
    scope.set(key, node)
    if (isInvariant) this.invariants.push(node)
    else this.#current.push({ kind: 'define', node })
    return node
  }
}

/** A number is of the lane that its operands are of. */
function laneOf(type: Node['type'], operands: readonly Node[]): number {
  return type === 'v128' ? -1 : Math.max(-1, ...operands.map(({ lane }) => lane))
}
