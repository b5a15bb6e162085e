import { MOVES_PER_UNIT, PRICES } from '../../abi/prices.ts'
import type { InstructionReader } from '../decode/instructions.ts'
import type { DecodedModule } from '../format/module.ts'
import { OPCODE } from '../format/opcodes.ts'
import type { Reader } from '../format/reader.ts'
import { BlockStack, type Fork, type Frame, NONE, NOWHERE } from './block-stack.ts'
import { ControlFlow } from './control-flow.ts'
import { type CountedLoop, countedLoop } from './counted-loops.ts'
import { INSERTION, type InsertionKind, type Insertions } from './insertions.ts'
import { maxParameters } from './operand-rise.ts'

/** The type of a block without parameters and results. */
const NO_RESULT = -64

/** The basic blocks of a function body up to an instruction: where each begins, and which charge pays for it. */
export class BasicBlocks {
  readonly forks: Fork[] = []
  readonly countedLoops: CountedLoop[] = []
  /** Whether the current instruction is reachable. */
  isAlive = true
  /** The offset of the first instruction that may end the function, call, or spend fuel by itself. */
  effectAt: number = NOWHERE
  /** Whether the function catches exceptions. */
  catches = false
  /** The number of basic blocks. */
  count = 1
  loops = 0
  /** The number of operands that branches carry. */
  carried = 0
  /** The greatest number of operands on the stack so far. */
  operands = 0

  readonly #module: DecodedModule
  readonly #insertions: Insertions
  readonly #frames = new BlockStack()
  /** The insertion that pays for the current basic block. */
  #current = NONE
  /** Whether the fuel global is up to date with the charges of the current basic block. */
  #isSaved = true
  /** The number of operands on the stack. */
  #height = 0
  readonly #flow: ControlFlow

  /** Appends the charges to the insertions. */
  constructor(module: DecodedModule, codeAt: number, insertions: Insertions) {
    this.#module = module
    this.#insertions = insertions
    this.#flow = new ControlFlow(insertions)
    this.open(OPCODE.block, NO_RESULT)
    this.#flow.enter(this.#frames.top)
    this.#current = this.#insertCharge(codeAt, INSERTION.entry)
    this.#frames.top.charge = this.#current
  }

  /** The number of open blocks. */
  get depth(): number {
    return this.#frames.depth
  }

  /** The charge for the current basic block; {@link NONE} if it is not reachable. */
  get charge(): number {
    return this.isAlive ? this.#current : NONE
  }

  /** Returns whether an instruction that may trap needs a `save`, or is the first with an effect in the function or the current code. */
  isUnsavedAt(at: number): boolean {
    return !this.#isSaved || this.effectAt > at || !this.#flow.isFirm
  }

  /** Counts instructions that `skipPlain` skipped. */
  pass(count: number, { trapAt, rise, highest }: InstructionReader): void {
    if (count === 0) return
    if (this.#height + highest > this.operands) this.operands = this.#height + highest
    this.#height += rise
    this.pay(count)
    if (trapAt >= 0 && this.isAlive) this.save(trapAt)
  }

  /** Counts operands that are pushed, or that are popped if the number is negative. */
  raise(operands: number): void {
    this.#height += operands
    if (this.#height > this.operands) this.operands = this.#height
  }

  /** Inserts code that saves the fuel, or begins a charge. Returns its number. */
  insert(at: number, kind: InsertionKind, argument = 0): number {
    this.#isSaved = kind !== INSERTION.block
    return this.#insertions.add(at, kind, argument)
  }

  #insertCharge(at: number, kind: InsertionKind): number {
    const charge = this.insert(at, kind)
    this.#flow.begin(charge)
    return charge
  }

  /** Adds to the charge for the current basic block, if it is reachable. */
  pay(units: number): void {
    if (this.isAlive) this.#insertions.pay(this.#current, units)
  }

  /** Inserts a `save` before an instruction that may leave the function, unless the fuel global is up to date. */
  save(at: number): void {
    this.act(at)
    if (this.#isSaved || !this.isAlive) return
    this.#isSaved = true
    this.insert(at, INSERTION.save)
  }

  /** Notes that code spends fuel without saving it. */
  spend(at: number): void {
    this.#isSaved = false
    this.act(at)
  }

  /** Notes an instruction that may end the function, call, or spend fuel by itself. */
  act(at: number): void {
    if (at < this.effectAt) this.effectAt = at
    if (!this.#flow.isFirm && this.isAlive) this.#flow.act()
  }

  /** Begins a reachable basic block with a charge of its own. */
  #begin(at: number): number {
    this.count++
    return this.#charge(at)
  }

  #charge(at: number): number {
    this.#current = this.#insertCharge(at, INSERTION.block)
    this.isAlive = true
    return this.#current
  }

  /** Continues behind a block that always comes to its end: what follows runs as often as the code before the block, which pays for it. */
  #continue(charge: number, isSaved: boolean): void {
    this.#current = charge
    this.#isSaved = isSaved
    this.isAlive = true
  }

  /** Ends reachable code by an instruction that leaves the function. */
  leave(): void {
    if (this.isAlive) {
      this.#frames.top.leavesTo = 0
      this.#flow.lead(this.#frames.at(0))
    }
    this.isAlive = false
  }

  /** Notes that code of the innermost block goes to an open block, given by its number. */
  #leaveTo(block: number): void {
    const { top } = this.#frames
    if (block < top.leavesTo) top.leavesTo = block
  }

  /** Opens a block of any kind but a loop. */
  open(opcode: number, blockType: number): void {
    const type = blockType >= 0 ? this.#module.types[blockType] : undefined
    const results = type?.results.length ?? (blockType >= 0 || blockType === NO_RESULT ? 0 : 1)
    const carried = opcode === OPCODE.loop ? (type?.params.length ?? 0) : results
    const frame = this.#frames.push()
    frame.opcode = opcode
    frame.charge = this.#current
    frame.height = this.#height
    frame.results = results
    frame.carried = carried
    frame.isEntered = this.isAlive
    frame.branches = 0
    frame.leavesTo = NOWHERE
    frame.startsAgainAt = 0
    frame.isSaved = opcode !== OPCODE.if || this.#isSaved
    frame.arm = NONE
    frame.loop = NONE
    frame.ways = undefined
    frame.forkCharge = NONE
    this.#flow.open(frame)
  }

  /** Opens an `if`, whose first arm begins. */
  openIf({ opcode, blockType, next }: InstructionReader): void {
    this.open(opcode, blockType)
    if (!this.isAlive) return
    this.#flow.halve()
    this.#frames.top.arm = this.#begin(next)
  }

  /** Opens a `try_table`. */
  openTryTable(instruction: InstructionReader, reader: Reader): void {
    this.branch(instruction, reader)
    this.open(OPCODE.block, instruction.blockType)
    // An exception leaves it as a branch would.
    if (!this.isAlive) return
    for (const label of instruction.labels) this.#leaveTo(this.depth - 2 - label)
  }

  /** Opens a loop. */
  loop({ opcode, at, next, blockType }: InstructionReader, reader: Reader): void {
    const loop = this.isAlive ? countedLoop(this.#module, at, next, reader.end, blockType) : undefined
    const place = loop === undefined ? NONE : this.countedLoops.push(loop) - 1
    if (loop !== undefined) this.#insertions.add(at, INSERTION.counted, place)
    this.open(opcode, blockType)
    const frame = this.#frames.top
    frame.loop = place
    if (this.isAlive) this.#flow.lead(frame)
    this.#flow.repeat(frame)
    this.#current = this.#insertCharge(next, INSERTION.loop)
    // What is charged ahead must be the same at the start and the end of a round.
    if (loop !== undefined) this.#flow.lead(frame)
    this.count++
    this.loops++
  }

  /** Begins the second arm of an `if`. */
  otherwise(next: number, reader: Reader, at: number): void {
    const frame = this.#frames.top
    if (frame.opcode !== OPCODE.if) reader.fail('an else without its if', at)
    frame.opcode = OPCODE.else
    this.#height = frame.height
    this.#reach(frame)
    this.isAlive = false
    this.#flow.otherwise(frame)
    if (frame.isEntered) frame.ways = this.#divide(frame.charge, frame.arm, this.#begin(next))
  }

  /** Counts the current code as a way to the end of a block, if it is reachable. */
  #reach(frame: Frame, frequency: number = this.#flow.frequency): void {
    if (!this.isAlive) return
    frame.branches++
    frame.isSaved &&= this.#isSaved
    this.#flow.lead(frame, frequency)
  }

  /** Begins the handler of a `try`. */
  caught(opcode: number, next: number, reader: Reader, at: number): void {
    const frame = this.#frames.top
    if (frame.opcode !== OPCODE.try) reader.fail('a catch without its try', at)
    this.#height = frame.height
    if (frame.isEntered) this.#insertions.pay(frame.charge, PRICES.catchClause)
    if (opcode === OPCODE.catch) {
      const values = maxParameters(this.#module)
      this.raise(values)
      this.carried += values
    }
    this.#reach(frame)
    this.#begin(next)
  }

  /** Closes a block. Its end is reached from the code before it, by branches, and past an `if` without `else`. */
  close(at: number, next: number): void {
    const frame = this.#frames.top
    this.#frames.pop()
    this.#height = frame.height
    this.raise(frame.results)
    if (this.#frames.depth === 0) {
      if (this.isAlive) {
        this.insert(at, INSERTION.leave)
        this.#flow.lead(frame)
      }
      return
    }
    const outer = this.#frames.top
    if (frame.leavesTo < outer.leavesTo) outer.leavesTo = frame.leavesTo
    const isLeft = frame.leavesTo < this.#frames.depth
    const { opcode, branches, charge } = frame
    const isPassed = opcode === OPCODE.if && frame.isEntered
    if (opcode === OPCODE.loop) {
      this.#closeLoop(frame, next, isLeft)
      return
    }
    if (branches > 0 || isPassed) this.count++
    this.#reach(frame)
    if (isPassed) this.#flow.pass(frame)
    this.#flow.close(frame, isLeft)
    if (frame.ways !== undefined) frame.ways.endsAt = next
    if (frame.branches === 0 && !isPassed) return
    if (opcode === OPCODE.try) this.#charge(next)
    else if (!isLeft) this.#continue(charge, frame.isSaved)
    else if (branches > 0 || isPassed) {
      const after = this.#charge(next)
      if (isPassed && frame.branches === 0) this.#divide(charge, frame.arm, after)
      if (!isPassed && frame.branches === 1 && frame.forkCharge !== NONE) this.#divide(frame.forkCharge, frame.forkArm, after)
    }
  }

  /** Closes a loop. Branches to it go to its start, so its end is only reached from the code before that. */
  #closeLoop(frame: Frame, next: number, isLeft: boolean): void {
    if (frame.loop !== NONE) this.#insertions.add(next, INSERTION.countedEnd, frame.loop)
    this.#flow.leaveLoop(frame)
    if (!this.isAlive || isLeft) return
    const last = this.#current
    this.#continue(frame.charge, this.#isSaved)
    // What follows the last branch to the start runs once, unless an exception can lead back.
    const { at, argument, isChecked } = this.#insertions
    if ((at[last] as number) < frame.startsAgainAt || this.catches) return
    this.#insertions.pay(frame.charge, argument[last] as number)
    argument[last] = 0
    isChecked[last] = 0
  }

  /** Notes that after the code of a charge, exactly one of two others follows. */
  #divide(charge: number, arm: number, other: number): Fork | undefined {
    if (arm === NONE) return undefined
    const fork = { charge, arm, other, endsAt: NOWHERE }
    this.forks.push(fork)
    return fork
  }

  /** Counts branches. The code behind them is not reached by them. */
  branch({ labels, at, next }: InstructionReader, reader: Reader): void {
    let leaves = false
    let max = 0
    const open = this.#frames.depth
    for (const label of labels) {
      if (label >= open) reader.fail(`there is no label ${label}`, at)
      const frame = this.#frames.at(open - 1 - label)
      this.#reach(frame, this.#flow.frequency / labels.length)
      frame.forkCharge = NONE
      frame.startsAgainAt = next
      if (this.isAlive) this.#leaveTo(open - 1 - label)
      this.carried += frame.carried
      max = Math.max(max, frame.carried)
      leaves ||= label === open - 1
    }
    this.move(max, MOVES_PER_UNIT)
    if (leaves) this.insert(at, INSERTION.leave)
  }

  /** A branch that may not be taken. */
  conditional(instruction: InstructionReader, reader: Reader): void {
    const charge = this.#current
    this.#flow.halve()
    this.branch(instruction, reader)
    const { loop } = this.#frames.top
    const { at, next } = instruction
    const label = instruction.labels[0] as number
    if (loop !== NONE && this.countedLoops[loop]?.exitAt === at) this.#insertions.add(at, INSERTION.exit, label)
    if (!this.isAlive) return
    const frame = this.#frames.at(this.#frames.depth - 1 - label)
    const arm = this.#begin(next)
    if (frame.branches === 1) {
      frame.forkCharge = charge
      frame.forkArm = arm
    }
  }

  /** Charges for operands that are moved. */
  move(operands: number, perUnit: number): void {
    if (operands >= perUnit) this.pay(Math.floor(operands / perUnit))
  }
}
