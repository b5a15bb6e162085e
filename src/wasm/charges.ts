import { type Accessor, type ValueKind, valueKind } from './accessors.ts'
import { BULK, InstructionReader, OPCODE } from './instructions.ts'
import { Reader } from './reader.ts'
import type { FunctionBody } from './types.ts'

/** What is put in at a place of a function body, before the instruction there. */
export interface Insertion {
  readonly at: number
  /**
   * `entry` and `loop` charge for a basic block and end the script if the fuel is gone; `block` charges for one that is
   * reached from those; `bulk` charges for what an instruction does to as many bytes or elements as the number on the
   * stack says; `call` tells how deep the next call is; `access` stands in the place of a call up to `end`.
   */
  readonly kind: 'entry' | 'loop' | 'block' | 'bulk' | 'call' | 'access'
  /** Instructions of the basic block. */
  cost: number
  /** What is called in an `access`, and where the call ends. */
  readonly access?: { readonly accessor: Accessor; readonly end: number }
}

/** What metering a function body needs to know of it. */
export interface Charges {
  /** In the order of their places. */
  readonly insertions: readonly Insertion[]
  /** Groups of local variables, where they are declared, and where the first instruction is. */
  readonly localGroups: number
  readonly localsAt: number
  readonly codeAt: number
  /** Local variables, parameters among them. */
  readonly locals: number
  readonly calls: boolean
  readonly bulk: boolean
  /** Whether columns are read or written, and the types of the values that are written. */
  readonly accesses: boolean
  readonly written: ReadonlySet<ValueKind>
}

/** The accessors that a module imports, by function index. */
export type Accessors = ReadonlyMap<number, Accessor>

/** What growing a memory or a table costs: the sum of all growth is bounded by the limits, and one that fails is cheap. */
const GROW_COST = 256

/** A block that is open: whether control enters it, and whether something branches to its end. */
interface Frame {
  opcode: number
  readonly entered: boolean
  target: boolean
}

/**
 * Divides a function body into basic blocks and counts the instructions of each: one unit of fuel an instruction, exact,
 * whichever way control takes. Code that control cannot reach is not counted. The first `imported` functions are imports, and
 * a call of one goes no deeper; those that are accessors are told as such.
 */
export function findCharges(
  bytes: Uint8Array,
  { body }: FunctionBody,
  parameters: number,
  imported: number,
  accessors: Accessors,
): Charges {
  const reader = new Reader(bytes, body)
  const localGroups = reader.count('groups of locals')
  const localsAt = reader.position
  let locals = parameters
  for (let left = localGroups; left > 0; left--) {
    locals += reader.u32('the number of locals')
    skipType(reader)
  }
  const codeAt = reader.position
  const scan = new Scan(codeAt, imported, accessors)
  const instruction = new InstructionReader(reader)
  while (scan.depth > 0) {
    scan.pass(instruction.skipPlain())
    instruction.read()
    scan.step(instruction, reader)
  }
  if (!reader.done) reader.fail('instructions follow the end of a function body')
  const { insertions, calls, bulk, accesses, written } = scan
  return { insertions, localGroups, localsAt, codeAt, locals, calls, bulk, accesses, written }
}

function skipType(reader: Reader): void {
  const first = reader.byte('a value type')
  if (first === 0x63 || first === 0x64) reader.s33('a heap type')
}

class Scan {
  readonly insertions: Insertion[] = []
  calls = false
  bulk = false
  accesses = false
  readonly written = new Set<ValueKind>()
  readonly #frames: Frame[] = []
  /** The insertion that pays for the basic block at hand. */
  #current: Insertion
  /** Whether control can reach the instruction at hand. */
  #alive = true

  readonly #imported: number
  readonly #accessors: Accessors

  constructor(codeAt: number, imported: number, accessors: Accessors) {
    this.#imported = imported
    this.#accessors = accessors
    this.#current = this.#insert(codeAt, 'entry')
    this.#open(OPCODE.block)
  }

  get depth(): number {
    return this.#frames.length
  }

  /** Instructions that change nothing but their count. */
  pass(count: number): void {
    if (this.#alive) this.#current.cost += count
  }

  step(instruction: InstructionReader, reader: Reader): void {
    const { opcode, at, next } = instruction
    if (this.#alive) this.#current.cost++
    switch (opcode) {
      case OPCODE.unreachable:
      case OPCODE.return:
      case OPCODE.throw:
      case OPCODE.rethrow:
      case OPCODE.throwRef:
        this.#alive = false
        return
      case OPCODE.block:
      case OPCODE.try:
        this.#open(opcode)
        return
      case OPCODE.tryTable:
        this.#branch(instruction, reader)
        this.#open(OPCODE.block)
        return
      case OPCODE.loop:
        this.#open(opcode)
        this.#current = this.#insert(next, 'loop')
        return
      case OPCODE.if:
        this.#open(opcode)
        if (this.#alive) this.#begin(next)
        return
      case OPCODE.else:
        this.#otherwise(next, reader, at)
        return
      case OPCODE.catch:
      case OPCODE.catchAll:
        this.#caught(next, reader, at)
        return
      case OPCODE.end:
      case OPCODE.delegate:
        this.#close(next)
        return
      case OPCODE.br:
      case OPCODE.brTable:
        this.#branch(instruction, reader)
        this.#alive = false
        return
      case OPCODE.brIf:
      case OPCODE.brOnNull:
      case OPCODE.brOnNonNull:
        this.#branch(instruction, reader)
        if (this.#alive) this.#begin(next)
        return
      case OPCODE.call:
        if (instruction.callee >= this.#imported) this.#call(at)
        else this.#access(instruction)
        return
      case OPCODE.callIndirect:
      case OPCODE.callRef:
        this.#call(at)
        return
      case OPCODE.returnCall:
      case OPCODE.returnCallIndirect:
      case OPCODE.returnCallRef:
        this.#alive = false
        return
      case OPCODE.memoryGrow:
        this.#current.cost += GROW_COST
        return
      case OPCODE.bulk:
        this.#bulkInstruction(instruction.number, at)
        return
    }
  }

  #insert(at: number, kind: Insertion['kind']): Insertion {
    const insertion = { at, kind, cost: 0 }
    this.insertions.push(insertion)
    return insertion
  }

  /** A basic block begins at a place that control reaches. */
  #begin(at: number): void {
    this.#current = this.#insert(at, 'block')
    this.#alive = true
  }

  #open(opcode: number): void {
    this.#frames.push({ opcode, entered: this.#alive, target: false })
  }

  #top(): Frame {
    return this.#frames.at(-1) as Frame
  }

  #otherwise(next: number, reader: Reader, at: number): void {
    const frame = this.#top()
    if (frame.opcode !== OPCODE.if) reader.fail('an else without its if', at)
    frame.opcode = OPCODE.else
    if (this.#alive) frame.target = true
    this.#alive = false
    if (frame.entered) this.#begin(next)
  }

  #caught(next: number, reader: Reader, at: number): void {
    const frame = this.#top()
    if (frame.opcode !== OPCODE.try) reader.fail('a catch without its try', at)
    if (this.#alive) frame.target = true
    this.#begin(next)
  }

  /** The end of a block is reached from before it, by branches, and past an `if` without `else`. A loop's label is its start. */
  #close(next: number): void {
    const frame = this.#frames.pop() as Frame
    if (frame.opcode === OPCODE.loop) return
    if (frame.target || (frame.opcode === OPCODE.if && frame.entered)) this.#begin(next)
    else if (frame.opcode === OPCODE.try && this.#alive) this.#begin(next)
  }

  #branch({ labels, at }: InstructionReader, reader: Reader): void {
    for (const label of labels) {
      const frame = this.#frames.at(-1 - label)
      if (frame === undefined || label >= this.#frames.length) reader.fail(`there is no label ${label}`, at)
      if (this.#alive) frame.target = true
    }
  }

  #call(at: number): void {
    this.calls = true
    this.#insert(at, 'call')
  }

  #access({ at, next, callee }: InstructionReader): void {
    const accessor = this.#accessors.get(callee)
    if (accessor === undefined) return
    this.accesses = true
    if (accessor.access === 'set') this.written.add(valueKind(accessor))
    this.insertions.push({ at, kind: 'access', cost: 0, access: { accessor, end: next } })
  }

  #bulkInstruction(number: number, at: number): void {
    if (number === BULK.tableGrow) {
      this.#current.cost += GROW_COST
      return
    }
    const sized: readonly number[] = [BULK.memoryInit, BULK.memoryCopy, BULK.memoryFill, BULK.tableInit, BULK.tableCopy, BULK.tableFill]
    if (!sized.includes(number)) return
    this.bulk = true
    this.#insert(at, 'bulk')
  }
}
