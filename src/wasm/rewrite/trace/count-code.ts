import { EMPTY_BLOCK, OPCODE } from '../../format/opcodes.ts'
import type { Writer } from '../../format/writer.ts'
import { type ProbePlaces, writeMemoryAccess } from '../inline-call.ts'
import { NODE, NODE_BYTES, TREE_WORD } from './count-memory.ts'
import { WORD_SHIFT, writeWordLoad, writeWordStore } from './memory-words.ts'

/** Where counters and the call tree are: an index of a memory, and the address of the tree in it. */
export interface CountAddress {
  readonly memory: number
  readonly tree: number
}

const COUNTER_SHIFT = 3

/** Writes the code of counters. It needs the locals `frame` and `record`, and leaves the operands as they are. */
export class CountWriter {
  readonly #out: Writer
  readonly #count: CountAddress
  readonly #places: ProbePlaces

  constructor(out: Writer, count: CountAddress, places: ProbePlaces) {
    this.#out = out
    this.#count = count
    this.#places = places
  }

  /** Finds or makes the node of a function that begins, and counts the call. If there is no room for it, the node of its caller stands for it. */
  enter(id: number): void {
    const out = this.#out
    const { frame, record: caller } = this.#places.valueLocals
    const get = (local: number): Writer => out.byte(OPCODE.localGet).u32(local)
    const set = (local: number): Writer => out.byte(OPCODE.localSet).u32(local)
    this.#writeWordLoad('node')
    out.byte(OPCODE.localTee).u32(caller)
    this.#load(NODE.first)
    set(frame)
    out.byte(OPCODE.loop).byte(EMPTY_BLOCK)
    get(frame).byte(OPCODE.if).byte(EMPTY_BLOCK)
    get(frame)
    this.#load(NODE.id)
    out.byte(OPCODE.i32Const).s32(id).byte(OPCODE.i32Ne).byte(OPCODE.if).byte(EMPTY_BLOCK)
    get(frame)
    this.#load(NODE.next)
    set(frame).byte(OPCODE.br).u32(2)
    out.byte(OPCODE.end).byte(OPCODE.end).byte(OPCODE.end)
    get(frame).byte(OPCODE.i32Eqz).byte(OPCODE.if).byte(EMPTY_BLOCK)
    this.#writeWordLoad('position')
    out.byte(OPCODE.localTee).u32(frame)
    this.#writeWordLoad('limit')
    out.byte(OPCODE.i32LtU).byte(OPCODE.if).byte(EMPTY_BLOCK)
    this.#writeWordStore('position', () => get(frame).byte(OPCODE.i32Const).s32(NODE_BYTES).byte(OPCODE.i32Add))
    this.#store(frame, NODE.id, () => out.byte(OPCODE.i32Const).s32(id))
    this.#store(frame, NODE.parent, () => get(caller))
    this.#store(frame, NODE.next, () => {
      get(caller)
      this.#load(NODE.first)
    })
    this.#store(caller, NODE.first, () => get(frame))
    out.byte(OPCODE.else)
    get(caller)
    set(frame)
    out.byte(OPCODE.end).byte(OPCODE.end)
    this.#add(frame, NODE.calls, () => out.byte(OPCODE.i64Const).s32(1))
    this.resume()
  }

  /** Goes on with the node of this function, after code that may have called others. */
  resume(): void {
    this.#writeWordStore('node', () => this.#out.byte(OPCODE.localGet).u32(this.#places.valueLocals.frame))
  }

  /** Leaves the node of a function that ends with a call. */
  tail(): void {
    const { frame } = this.#places.valueLocals
    this.#writeWordStore('node', () => {
      this.#out.byte(OPCODE.localGet).u32(frame)
      this.#load(NODE.parent)
    })
  }

  /** Adds units of fuel to what the function spent itself. */
  spend(units: number): void {
    this.#add(this.#places.valueLocals.frame, NODE.self, () => this.#out.byte(OPCODE.i64Const).s32(units))
  }

  /** Notes the fuel before an instruction whose cost is known at run time only. */
  before(): void {
    this.#fuel(false)
    this.#out.byte(OPCODE.localSet).u32(this.#places.valueLocals.record)
  }

  /** Adds what a bulk instruction spent since {@link before}. */
  after(): void {
    this.#spent(false)
  }

  /** Adds what the host spent since {@link before}, unless a function was called that counts by itself. */
  afterHost(): void {
    const out = this.#out
    this.#writeWordLoad('node')
    out.byte(OPCODE.localGet).u32(this.#places.valueLocals.frame).byte(OPCODE.i32Eq).byte(OPCODE.if).byte(EMPTY_BLOCK)
    // The host does not know of a local.
    this.#spent(true)
    out.byte(OPCODE.end)
  }

  /** Adds one to the counter at an address. */
  hit(address: number): void {
    const out = this.#out
    const { memory } = this.#count
    out.byte(OPCODE.i32Const).s32(0).byte(OPCODE.i32Const).s32(0)
    writeMemoryAccess(out, OPCODE.i64Load, COUNTER_SHIFT, memory, address)
    out.byte(OPCODE.i64Const).s32(1).byte(OPCODE.i64Add)
    writeMemoryAccess(out, OPCODE.i64Store, COUNTER_SHIFT, memory, address)
  }

  #spent(isHost: boolean): void {
    const { frame, record } = this.#places.valueLocals
    this.#add(frame, NODE.self, () => {
      this.#out.byte(OPCODE.localGet).u32(record)
      this.#fuel(isHost)
      this.#out.byte(OPCODE.i32Sub).byte(OPCODE.i64ExtendI32S)
    })
  }

  #fuel(isHost: boolean): void {
    const { fuel, fuelLocal } = this.#places
    if (isHost || fuelLocal < 0) this.#out.byte(OPCODE.globalGet).u32(fuel)
    else this.#out.byte(OPCODE.localGet).u32(fuelLocal)
  }

  /** Adds an i64 to a part of the node that a local has the address of. */
  #add(node: number, part: number, read: () => void): void {
    const out = this.#out
    const { memory } = this.#count
    out.byte(OPCODE.localGet).u32(node).byte(OPCODE.localGet).u32(node)
    writeMemoryAccess(out, OPCODE.i64Load, COUNTER_SHIFT, memory, part)
    read()
    out.byte(OPCODE.i64Add)
    writeMemoryAccess(out, OPCODE.i64Store, COUNTER_SHIFT, memory, part)
  }

  /** Replaces the address of a node on the stack by a part of it. */
  #load(part: number): void {
    writeMemoryAccess(this.#out, OPCODE.i32Load, WORD_SHIFT, this.#count.memory, part)
  }

  #store(node: number, part: number, read: () => void): void {
    this.#out.byte(OPCODE.localGet).u32(node)
    read()
    writeMemoryAccess(this.#out, OPCODE.i32Store, WORD_SHIFT, this.#count.memory, part)
  }

  #writeWordLoad(word: keyof typeof TREE_WORD): void {
    writeWordLoad(this.#out, this.#count.memory, this.#count.tree + TREE_WORD[word])
  }

  #writeWordStore(word: keyof typeof TREE_WORD, read: () => void): void {
    writeWordStore(this.#out, this.#count.memory, this.#count.tree + TREE_WORD[word], read)
  }
}

/** Writes the start of a turn of the driver, which belongs to the node at an address. */
export function writeCountedTurn(out: Writer, { memory, tree }: CountAddress, node: number): void {
  writeWordStore(out, memory, tree + TREE_WORD.node, () => out.byte(OPCODE.i32Const).s32(node))
}
