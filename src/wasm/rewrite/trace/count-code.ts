import { OPCODE } from '../../format/opcodes.ts'
import type { Writer } from '../../format/writer.ts'
import { type HookPlaces, writeMemoryAccess } from '../inline-call.ts'
import { NODE, NODE_BYTES, TREE_WORD } from './count-memory.ts'

/** Where counters and the call tree are: an index of a memory, and the address of the tree in it. */
export interface CountAddress {
  readonly memory: number
  readonly tree: number
}

const I32_EQZ = 0x45
const I32_EQ = 0x46
const I32_NE = 0x47
const I32_LT_U = 0x49
const I32_ADD = 0x6a
const I32_SUB = 0x6b
const I64_ADD = 0x7c
const I64_EXTEND_I32_S = 0xac
const I32_LOAD = 0x28
const I64_LOAD = 0x29
const I32_STORE = 0x36
const I64_STORE = 0x37
const I64_CONST = 0x42
const EMPTY_BLOCK = 0x40
const WORD_SHIFT = 2
const COUNTER_SHIFT = 3

/** Writes the code of counters. It needs the locals `frame` and `record`, and leaves the operands as they are. */
export class CountWriter {
  readonly #out: Writer
  readonly #count: CountAddress
  readonly #places: HookPlaces

  constructor(out: Writer, count: CountAddress, places: HookPlaces) {
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
    this.#loadWord('node')
    out.byte(OPCODE.localTee).u32(caller)
    this.#load(NODE.first)
    set(frame)
    out.byte(OPCODE.loop).byte(EMPTY_BLOCK)
    get(frame).byte(OPCODE.if).byte(EMPTY_BLOCK)
    get(frame)
    this.#load(NODE.id)
    out.byte(OPCODE.i32Const).s32(id).byte(I32_NE).byte(OPCODE.if).byte(EMPTY_BLOCK)
    get(frame)
    this.#load(NODE.next)
    set(frame).byte(OPCODE.br).u32(2)
    out.byte(OPCODE.end).byte(OPCODE.end).byte(OPCODE.end)
    get(frame).byte(I32_EQZ).byte(OPCODE.if).byte(EMPTY_BLOCK)
    this.#loadWord('position')
    out.byte(OPCODE.localTee).u32(frame)
    this.#loadWord('limit')
    out.byte(I32_LT_U).byte(OPCODE.if).byte(EMPTY_BLOCK)
    this.#storeWord('position', () => get(frame).byte(OPCODE.i32Const).s32(NODE_BYTES).byte(I32_ADD))
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
    this.#add(frame, NODE.calls, () => out.byte(I64_CONST).s32(1))
    this.resume()
  }

  /** Goes on with the node of this function, after code that may have called others. */
  resume(): void {
    this.#storeWord('node', () => this.#out.byte(OPCODE.localGet).u32(this.#places.valueLocals.frame))
  }

  /** Leaves the node of a function that ends with a call. */
  tail(): void {
    const { frame } = this.#places.valueLocals
    this.#storeWord('node', () => {
      this.#out.byte(OPCODE.localGet).u32(frame)
      this.#load(NODE.parent)
    })
  }

  /** Adds units of fuel to what the function spent itself. */
  spend(units: number): void {
    this.#add(this.#places.valueLocals.frame, NODE.self, () => this.#out.byte(I64_CONST).s32(units))
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
    this.#loadWord('node')
    out.byte(OPCODE.localGet).u32(this.#places.valueLocals.frame).byte(I32_EQ).byte(OPCODE.if).byte(EMPTY_BLOCK)
    // The host does not know of a local.
    this.#spent(true)
    out.byte(OPCODE.end)
  }

  /** Adds one to the counter at an address. */
  hit(address: number): void {
    const out = this.#out
    const { memory } = this.#count
    out.byte(OPCODE.i32Const).s32(0).byte(OPCODE.i32Const).s32(0)
    writeMemoryAccess(out, I64_LOAD, COUNTER_SHIFT, memory, address)
    out.byte(I64_CONST).s32(1).byte(I64_ADD)
    writeMemoryAccess(out, I64_STORE, COUNTER_SHIFT, memory, address)
  }

  #spent(isHost: boolean): void {
    const { frame, record } = this.#places.valueLocals
    this.#add(frame, NODE.self, () => {
      this.#out.byte(OPCODE.localGet).u32(record)
      this.#fuel(isHost)
      this.#out.byte(I32_SUB).byte(I64_EXTEND_I32_S)
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
    writeMemoryAccess(out, I64_LOAD, COUNTER_SHIFT, memory, part)
    read()
    out.byte(I64_ADD)
    writeMemoryAccess(out, I64_STORE, COUNTER_SHIFT, memory, part)
  }

  /** Replaces the address of a node on the stack by a part of it. */
  #load(part: number): void {
    writeMemoryAccess(this.#out, I32_LOAD, WORD_SHIFT, this.#count.memory, part)
  }

  #store(node: number, part: number, read: () => void): void {
    this.#out.byte(OPCODE.localGet).u32(node)
    read()
    writeMemoryAccess(this.#out, I32_STORE, WORD_SHIFT, this.#count.memory, part)
  }

  #loadWord(word: keyof typeof TREE_WORD): void {
    this.#out.byte(OPCODE.i32Const).s32(0)
    this.#load(this.#count.tree + TREE_WORD[word])
  }

  #storeWord(word: keyof typeof TREE_WORD, read: () => void): void {
    storeNodeWord(this.#out, this.#count, word, read)
  }
}

/** Writes the start of a turn of the driver, which belongs to the node at an address. */
export function writeCountedTurn(out: Writer, count: CountAddress, node: number): void {
  storeNodeWord(out, count, 'node', () => out.byte(OPCODE.i32Const).s32(node))
}

function storeNodeWord(out: Writer, { memory, tree }: CountAddress, word: keyof typeof TREE_WORD, read: () => void): void {
  out.byte(OPCODE.i32Const).s32(0)
  read()
  writeMemoryAccess(out, I32_STORE, WORD_SHIFT, memory, tree + TREE_WORD[word])
}
