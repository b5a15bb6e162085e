import type { InstructionReader } from '../../decode/instructions.ts'
import { isLoad, isNumeric, isStore, isUnary, OPCODE, PREFIX_SIMD, riseOfVector } from '../../format/opcodes.ts'

/** How many bytes from a local are known to be in the window. It holds as long as the local has the same value and no function was called. */
interface Fact {
  readonly bytes: number
  readonly version: number
  readonly calls: number
}

/** `v128.bitselect`, which takes three operands. Stores take two, and give none. */
const BITSELECT = 82

/** An operand whose value is that of a local; `undefined` for any other. */
type Operand = { readonly local: number; readonly version: number } | undefined

/**
 * Finds accesses that an earlier check covers: of the same value of a local, at least as far, on every way to the access, with no call in between.
 * The size of a window does not shrink between two calls, so such an access needs no check. It takes its address from the local, not from the
 * operands: what is known is known of the local.
 */
export class KnownAddresses {
  /** Counts the changes of each local. */
  readonly #versions = new Map<number, number>()
  /** The facts that hold at the current instruction, by local. */
  #facts: ReadonlyMap<number, Fact> = new Map()
  /** The facts at the start of each open block. */
  readonly #blocks: ReadonlyMap<number, Fact>[] = []
  /** The last operands. Of those below them nothing is known. */
  #operands: Operand[] = []
  #calls = 0

  /** Returns the local whose value is the address of an access, with a number of operands above it; -1 if there is none. */
  addressUnder(above: number): number {
    const operand = this.#operands[this.#operands.length - 1 - above]
    return operand !== undefined && operand.version === this.#version(operand.local) ? operand.local : -1
  }

  /** Returns whether the bytes from a local up to `end` are known to be in the window. */
  covers(local: number, end: number): boolean {
    const fact = this.#facts.get(local)
    return fact !== undefined && this.#holds(local, fact) && fact.bytes >= end
  }

  /** Notes that the bytes from a local up to `end` were checked. */
  check(local: number, end: number): void {
    if (!this.covers(local, end))
      this.#facts = new Map(this.#facts).set(local, { bytes: end, version: this.#version(local), calls: this.#calls })
  }

  /** Goes on behind an instruction, which was read last. */
  pass({ opcode, index, number }: InstructionReader, isCall: boolean): void {
    if (isCall) this.#calls++
    if (opcode === OPCODE.localGet) this.#operands.push({ local: index, version: this.#version(index) })
    else if (opcode === OPCODE.localSet || opcode === OPCODE.localTee) {
      this.#take(1)
      this.#versions.set(index, this.#version(index) + 1)
      if (opcode === OPCODE.localTee) this.#operands.push({ local: index, version: this.#version(index) })
    } else if (opcode === PREFIX_SIMD) this.#calculateVector(number)
    else if (!this.#calculate(opcode)) this.#branch(opcode)
  }

  /** Takes and gives the operands of an instruction in a straight line of code. Returns whether it is one. */
  #calculate(opcode: number): boolean {
    if (isStore(opcode)) this.#take(2)
    else if (isLoad(opcode) || (isNumeric(opcode) && isUnary(opcode))) this.#give(1)
    else if (isNumeric(opcode)) this.#give(2)
    else if (opcode >= OPCODE.i32Const && opcode <= OPCODE.f64Const) this.#give(0)
    else if (opcode === OPCODE.globalGet || opcode === OPCODE.memorySize) this.#give(0)
    else if (opcode === OPCODE.globalSet || opcode === OPCODE.drop) this.#take(1)
    else if (opcode === OPCODE.select) this.#give(3)
    else if (opcode !== OPCODE.nop) return false
    return true
  }

  #calculateVector(number: number): void {
    const rise = riseOfVector(number)
    if (rise > -2) this.#give(1 - rise)
    else if (number === BITSELECT) this.#give(3)
    else this.#take(2)
  }

  /** Forgets the operands, and what does not hold on every way to the next instruction. */
  #branch(opcode: number): void {
    this.#operands = []
    if (opcode === OPCODE.block || opcode === OPCODE.if) this.#blocks.push(this.#facts)
    else if (opcode === OPCODE.loop) {
      // It is entered from its end, too.
      this.#blocks.push(this.#facts)
      this.#facts = new Map()
    } else if (opcode === OPCODE.else) this.#facts = this.#blocks.at(-1) ?? new Map()
    else if (opcode === OPCODE.end) this.#facts = this.#blocks.pop() ?? new Map()
  }

  #holds(local: number, { version, calls }: Fact): boolean {
    return version === this.#version(local) && calls === this.#calls
  }

  #version(local: number): number {
    return this.#versions.get(local) ?? 0
  }

  #take(count: number): void {
    this.#operands.length = Math.max(0, this.#operands.length - count)
  }

  /** Takes operands and gives one of which nothing is known. */
  #give(taken: number): void {
    this.#take(taken)
    this.#operands.push(undefined)
  }
}
