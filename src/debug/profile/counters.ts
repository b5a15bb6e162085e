import { PAGE_BYTES } from '../../abi/types.ts'
import { type Allocation, Reserve } from '../../ecs/components/reserve.ts'
import { COUNTER_BYTES, NODE, NODE_BYTES, TREE_HEADER, TREE_WORD } from '../../wasm/rewrite/trace/count-memory.ts'

/** Bytes of a memory for a game without columns in one. */
const OWN_BYTES = 4 * 1024 * 1024
/** Nodes of the call tree of a module without functions, and more of them for each function. */
const LEAST_NODES = 256
const NODES_BY_FUNCTION = 16
const MAX_NODES = 8192

/** A function in the call tree, with the functions that it called. */
export interface TreeNode {
  readonly id: number
  /** Units of fuel that it spent itself. */
  readonly self: number
  readonly calls: number
  readonly children: readonly TreeNode[]
}

/** Returns the memory in which the scripts of a game count: that of its columns, as modules may have one memory. */
export function countingReserve(columns: Reserve | undefined): Reserve {
  return columns ?? new Reserve(new WebAssembly.Memory({ initial: OWN_BYTES / PAGE_BYTES }), 0)
}

/** The call tree and the counters of one program. */
export class Counters {
  readonly #reserve: Reserve
  readonly #view: DataView
  #tree: Allocation | undefined
  readonly #counters: { readonly allocation: Allocation; readonly length: number }[] = []

  constructor(reserve: Reserve) {
    this.#reserve = reserve
    this.#view = new DataView(reserve.memory.buffer)
  }

  get memory(): WebAssembly.Memory {
    return this.#reserve.memory
  }

  /** The address of the call tree. It must be there. */
  get tree(): number {
    return (this.#tree as Allocation).address
  }

  /** The address of the node that stands for the host. */
  get root(): number {
    return this.tree + TREE_HEADER
  }

  /** Makes room for a module, and the call tree for the first one. Returns the address of its counters; `undefined` if there is no room. */
  add(statements: number, functions: number): number | undefined {
    const nodes = Math.min(MAX_NODES, LEAST_NODES + NODES_BY_FUNCTION * functions)
    this.#tree ??= this.#reserve.allocate(TREE_HEADER + nodes * NODE_BYTES)
    const allocation = this.#tree && this.#reserve.allocate(Math.max(1, statements) * COUNTER_BYTES)
    if (allocation === undefined) return undefined
    this.#counters.push({ allocation, length: statements })
    this.clear()
    return allocation.address
  }

  /** Sets all of it to 0. */
  clear(): void {
    for (const { address, bytes } of [this.#tree ?? [], this.#counters.map(({ allocation }) => allocation)].flat())
      new Uint8Array(this.memory.buffer, address, bytes).fill(0)
    if (this.#tree === undefined) return
    const { address, bytes } = this.#tree
    this.#set(address + TREE_WORD.position, this.root + NODE_BYTES)
    this.#set(address + TREE_WORD.limit, address + bytes - NODE_BYTES)
    this.enter()
  }

  /** Notes that the host calls the program. */
  enter(): void {
    this.#set(this.tree + TREE_WORD.node, this.root)
  }

  /** Returns the functions that the host called. */
  functions(): readonly TreeNode[] {
    return this.#tree === undefined ? [] : this.#childrenOf(this.root)
  }

  /** Returns the counters of a module, by its place. */
  hits(module: number): Float64Array {
    const counters = this.#counters[module]
    if (counters === undefined) return new Float64Array()
    return Float64Array.from(new BigInt64Array(this.memory.buffer, counters.allocation.address, counters.length), Number)
  }

  dispose(): void {
    for (const { allocation } of this.#counters.splice(0)) this.#reserve.free(allocation)
    if (this.#tree !== undefined) this.#reserve.free(this.#tree)
    this.#tree = undefined
  }

  #childrenOf(node: number): readonly TreeNode[] {
    const children: TreeNode[] = []
    for (let child = this.#get(node + NODE.first); child !== 0; child = this.#get(child + NODE.next)) {
      const { id, self, calls } = NODE
      children.push({
        id: this.#get(child + id),
        self: this.#count(child + self),
        calls: this.#count(child + calls),
        children: this.#childrenOf(child),
      })
    }
    return children
  }

  #get(address: number): number {
    return this.#view.getUint32(address, true)
  }

  #set(address: number, value: number): void {
    this.#view.setUint32(address, value, true)
  }

  #count(address: number): number {
    return Number(this.#view.getBigInt64(address, true))
  }
}
