import { MANY_LOCALS, MANY_PASSED, MANY_PASSED_PER_UNIT, MOVES_PER_UNIT, PASSED_PER_UNIT, PRICES } from '../../abi/prices.ts'
import type { InstructionReader } from '../decode/instructions.ts'
import { type DecodedModule, type FunctionType, importedFunctions } from '../format/module.ts'
import { AGGREGATE, BULK, OPCODE } from '../format/opcodes.ts'
import type { Reader } from '../format/reader.ts'
import { BlockStack, type Fork, type Frame, NONE, NOWHERE } from './block-stack.ts'
import type { ChargePlan } from './charge-plan.ts'
import { type CountedLoop, countedLoop } from './counted-loops.ts'
import { hasFloats } from './float-scan.ts'
import type { ValueKind } from './inline-call.ts'
import { INSERTION, type InsertionKind, type Insertions } from './insertions.ts'
import { maxParameters, riseOfInstruction } from './operand-rise.ts'

/** The type of a block without parameters and results. */
const NO_RESULT = -64
/** Bulk instructions whose size in bytes or elements is on the stack. */
const SIZED_BYTES: readonly number[] = [BULK.memoryInit, BULK.memoryCopy, BULK.memoryFill]
const SIZED_ELEMENTS: readonly number[] = [BULK.tableInit, BULK.tableCopy, BULK.tableFill]

/** A call of another function of the module, or of one that only running code knows. */
export interface CallSite {
  /** The index of the called function; -1 if it is called by a reference, or belongs to another module. */
  readonly callee: number
  /** The insertion before the call; {@link NONE} for a tail call. */
  readonly call: number
  /** The charge for the code with the call; {@link NONE} if it is unreachable. */
  readonly charge: number
}

/** Scans the instructions of a function body for its basic blocks and their costs. */
export class ChargeScan {
  readonly #insertions: Insertions
  /** Its calls of functions, those of the host aside. */
  readonly calls: CallSite[] = []
  readonly forks: Fork[] = []
  readonly countedLoops: CountedLoop[] = []
  throws = false
  /** The offset of the first instruction that may end the function, call, or spend fuel by itself. */
  effectAt: number = NOWHERE
  bulk = false
  /** Whether it may grow a memory. */
  grows = false
  catches = false
  tailCalls = false
  /** Whether it calls imports that give floats. */
  takesFloats = false
  /** Whether it ends with a call of such an import. */
  returnsHost = false
  inlines = false
  loops = 0
  blocks = 1
  carried = 0
  /** The results of its calls, each times the operands and results of the call. */
  passed = 0
  readonly values: Set<ValueKind> = new Set()
  readonly #blocks = new BlockStack()
  /** The insertion that pays for the current basic block. */
  #current: number
  /** Whether the current instruction is reachable. */
  #isAlive = true
  /** Whether the fuel global is up to date with the charges of the current basic block. */
  #isSaved = true

  readonly #module: DecodedModule
  readonly #imported: number
  readonly #plan: ChargePlan
  /** The number of operands on the stack. */
  #height = 0
  /** The greatest such number so far. */
  operands = 0

  /** Appends the charges to the insertions. */
  constructor(module: DecodedModule, codeAt: number, locals: number, plan: ChargePlan, insertions: Insertions) {
    this.#insertions = insertions
    this.#module = module
    this.#imported = importedFunctions(module)
    this.#plan = plan
    this.#current = this.#insert(codeAt, INSERTION.entry)
    // Engines zero the locals, and move them where control flow merges.
    this.#move(locals, locals < MANY_LOCALS ? MOVES_PER_UNIT : 1)
    this.#open(OPCODE.block, NO_RESULT)
  }

  /** The number of open blocks. */
  get depth(): number {
    return this.#blocks.depth
  }

  /** Counts instructions that `skipPlain` skipped. */
  pass(count: number, { trapAt, rise, highest }: InstructionReader): void {
    if (count === 0) return
    if (this.#height + highest > this.operands) this.operands = this.#height + highest
    this.#height += rise
    if (!this.#isAlive) return
    this.#pay(count)
    if (trapAt >= 0) this.#save(trapAt)
  }

  /** Counts one instruction. */
  step(instruction: InstructionReader, reader: Reader): void {
    const { opcode, at, next } = instruction
    if (this.#isAlive) this.#pay(1)
    if ((!this.#isSaved || this.effectAt > at) && instruction.mayTrap) this.#save(at)
    this.#raise(riseOfInstruction(this.#module, instruction))
    // The most frequent come first.
    switch (opcode) {
      case OPCODE.end:
      case OPCODE.delegate:
        this.#close(at, next)
        return
      case OPCODE.brIf:
      case OPCODE.brOnNull:
      case OPCODE.brOnNonNull:
        this.#conditional(instruction, reader)
        return
      case OPCODE.if:
        this.#open(opcode, instruction.blockType)
        if (this.#isAlive) this.#blocks.top.arm = this.#begin(next)
        return
      case OPCODE.block:
        this.#open(opcode, instruction.blockType)
        return
      case OPCODE.br:
      case OPCODE.brTable:
        this.#branch(instruction, reader)
        this.#isAlive = false
        return
      case OPCODE.call:
        if (instruction.index >= this.#imported) this.#call(instruction, this.#module.functions[instruction.index], instruction.index)
        else this.#callImport(instruction)
        return
      case OPCODE.callIndirect:
      case OPCODE.callRef:
        this.#call(instruction, this.#module.types[instruction.index])
        return
      case OPCODE.unreachable:
        this.#isAlive = false
        return
      case OPCODE.return:
        this.#insertions.add(at, INSERTION.return, this.#blocks.depth - 1)
        this.#leave()
        return
      case OPCODE.throw:
      case OPCODE.rethrow:
      case OPCODE.throwRef:
        this.throws = true
        this.#act(at)
        this.#insertions.add(at, INSERTION.throw, 0)
        this.#insert(at, INSERTION.save)
        if (this.#isAlive) this.#pay(PRICES.throw)
        this.#leave()
        return
      case OPCODE.globalGet:
      case OPCODE.globalSet:
        if (instruction.index >= this.#plan.firstShifted) this.#insertions.add(at, INSERTION.global, instruction.index)
        return
      case OPCODE.try:
        this.catches = true
        this.#open(opcode, instruction.blockType)
        return
      case OPCODE.tryTable:
        this.catches = true
        if (this.#isAlive) this.#pay(PRICES.catchClause * instruction.labels.length)
        this.#branch(instruction, reader)
        this.#open(OPCODE.block, instruction.blockType)
        // An exception leaves it as a branch would.
        if (this.#isAlive) this.#blocks.top.leavesTo = Math.min(...instruction.labels.map((label) => this.#blocks.depth - 2 - label))
        return
      case OPCODE.loop:
        this.#loop(instruction, reader)
        this.blocks++
        this.loops++
        return
      case OPCODE.else:
        this.#otherwise(next, reader, at)
        return
      case OPCODE.catch:
      case OPCODE.catchAll:
        this.#caught(opcode, next, reader, at)
        return
      case OPCODE.returnCall:
      case OPCODE.returnCallIndirect:
      case OPCODE.returnCallRef:
        this.tailCalls = true
        this.returnsHost ||= opcode === OPCODE.returnCall && this.#givesHostFloat(instruction.index)
        if (this.#isAlive && opcode === OPCODE.returnCall && instruction.index < this.#imported) {
          this.#pay(this.#plan.priceOf(instruction.index))
        }
        this.#insert(at, INSERTION.tailCall)
        this.#tailCall(instruction)
        this.#leave()
        return
      case OPCODE.tableSet:
        if (this.#isAlive) this.#pay(PRICES.table)
        return
      case OPCODE.memoryGrow:
        if (!this.#isAlive) return
        this.grows = true
        this.#pay(PRICES.grow)
        this.#sized(at, INSERTION.pages, this.#plan.memoryPages)
        return
      case OPCODE.bulk:
        this.#bulkInstruction(instruction)
        return
      case OPCODE.aggregate:
        this.#aggregateInstruction(instruction, reader)
        return
    }
  }

  #raise(operands: number): void {
    this.#height += operands
    if (this.#height > this.operands) this.operands = this.#height
  }

  #insert(at: number, kind: InsertionKind, argument = 0): number {
    this.#isSaved = kind !== INSERTION.block
    return this.#insertions.add(at, kind, argument)
  }

  /** Adds to the charge for the current basic block. */
  #pay(units: number): void {
    this.#insertions.pay(this.#current, units)
  }

  /** Inserts a `save` before an instruction that may leave the function, unless the fuel global is up to date. */
  #save(at: number): void {
    this.#act(at)
    if (this.#isSaved || !this.#isAlive) return
    this.#isSaved = true
    this.#insert(at, INSERTION.save)
  }

  #act(at: number): void {
    if (at < this.effectAt) this.effectAt = at
  }

  /** Begins a reachable basic block with a charge of its own. */
  #begin(at: number): number {
    this.blocks++
    return this.#charge(at)
  }

  #charge(at: number): number {
    this.#current = this.#insert(at, INSERTION.block)
    this.#isAlive = true
    return this.#current
  }

  /** Continues behind a block that always comes to its end: what follows runs as often as the code before the block, which pays for it. */
  #continue(charge: number, isSaved: boolean): void {
    this.#current = charge
    this.#isSaved = isSaved
    this.#isAlive = true
  }

  /** Ends reachable code by an instruction that leaves the function. */
  #leave(): void {
    if (this.#isAlive) this.#blocks.top.leavesTo = 0
    this.#isAlive = false
  }

  #open(opcode: number, blockType: number): void {
    const type = blockType >= 0 ? this.#module.types[blockType] : undefined
    const results = type?.results.length ?? (blockType >= 0 || blockType === NO_RESULT ? 0 : 1)
    const carried = opcode === OPCODE.loop ? (type?.params.length ?? 0) : results
    const frame = this.#blocks.push()
    frame.opcode = opcode
    frame.charge = this.#current
    frame.height = this.#height
    frame.results = results
    frame.carried = carried
    frame.isEntered = this.#isAlive
    frame.branches = 0
    frame.leavesTo = NOWHERE
    frame.startsAgainAt = 0
    frame.isSaved = opcode !== OPCODE.if || this.#isSaved
    frame.arm = NONE
    frame.loop = NONE
    frame.ways = undefined
    frame.forkCharge = NONE
  }

  #loop({ opcode, at, next, blockType }: InstructionReader, reader: Reader): void {
    const loop = this.#isAlive ? countedLoop(this.#module, at, next, reader.end, blockType) : undefined
    const place = loop === undefined ? NONE : this.countedLoops.push(loop) - 1
    if (loop !== undefined) this.#insertions.add(at, INSERTION.counted, place)
    this.#open(opcode, blockType)
    this.#blocks.top.loop = place
    this.#current = this.#insert(next, INSERTION.loop)
  }

  #otherwise(next: number, reader: Reader, at: number): void {
    const frame = this.#blocks.top
    if (frame.opcode !== OPCODE.if) reader.fail('an else without its if', at)
    frame.opcode = OPCODE.else
    this.#height = frame.height
    this.#reach(frame)
    this.#isAlive = false
    if (frame.isEntered) frame.ways = this.#divide(frame.charge, frame.arm, this.#begin(next))
  }

  /** Counts the current code as a way to the end of a block, if it is reachable. */
  #reach(frame: Frame): void {
    if (!this.#isAlive) return
    frame.branches++
    frame.isSaved &&= this.#isSaved
  }

  #caught(opcode: number, next: number, reader: Reader, at: number): void {
    const frame = this.#blocks.top
    if (frame.opcode !== OPCODE.try) reader.fail('a catch without its try', at)
    this.#height = frame.height
    if (frame.isEntered) this.#insertions.pay(frame.charge, PRICES.catchClause)
    if (opcode === OPCODE.catch) {
      const values = maxParameters(this.#module)
      this.#raise(values)
      this.carried += values
    }
    this.#reach(frame)
    this.#begin(next)
  }

  /** Closes a block. Its end is reached from the code before it, by branches, and past an `if` without `else`. */
  #close(at: number, next: number): void {
    const frame = this.#blocks.top
    this.#blocks.pop()
    this.#height = frame.height
    this.#raise(frame.results)
    if (this.#blocks.depth === 0) {
      if (this.#isAlive) this.#insert(at, INSERTION.leave)
      return
    }
    const outer = this.#blocks.top
    if (frame.leavesTo < outer.leavesTo) outer.leavesTo = frame.leavesTo
    const isLeft = frame.leavesTo < this.#blocks.depth
    const { opcode, branches, charge } = frame
    const isPassed = opcode === OPCODE.if && frame.isEntered
    // Branches to a loop go to its start.
    if (opcode === OPCODE.loop) {
      if (frame.loop !== NONE) this.#insertions.add(next, INSERTION.countedEnd, frame.loop)
      if (!this.#isAlive || isLeft) return
      const last = this.#current
      this.#continue(charge, this.#isSaved)
      // What follows the last branch to the start runs once, unless an exception can lead back.
      const { at: offsets, argument } = this.#insertions
      if ((offsets[last] as number) >= frame.startsAgainAt && !this.catches) {
        this.#insertions.pay(charge, argument[last] as number)
        argument[last] = 0
      }
      return
    }
    if (branches > 0 || isPassed) this.blocks++
    this.#reach(frame)
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

  /** Notes that after the code of a charge, exactly one of two others follows. */
  #divide(charge: number, arm: number, other: number): Fork | undefined {
    if (arm === NONE) return undefined
    const fork = { charge, arm, other, endsAt: NOWHERE }
    this.forks.push(fork)
    return fork
  }

  #branch({ labels, at, next }: InstructionReader, reader: Reader): void {
    let leaves = false
    let max = 0
    const open = this.#blocks.depth
    for (const label of labels) {
      if (label >= open) reader.fail(`there is no label ${label}`, at)
      const frame = this.#blocks.at(open - 1 - label)
      this.#reach(frame)
      frame.forkCharge = NONE
      frame.startsAgainAt = next
      if (this.#isAlive) this.#blocks.top.leavesTo = Math.min(this.#blocks.top.leavesTo, open - 1 - label)
      this.carried += frame.carried
      max = Math.max(max, frame.carried)
      leaves ||= label === open - 1
    }
    if (this.#isAlive) this.#move(max, MOVES_PER_UNIT)
    if (leaves) this.#insert(at, INSERTION.leave)
  }

  /** A branch that may not be taken. */
  #conditional(instruction: InstructionReader, reader: Reader): void {
    const charge = this.#current
    this.#branch(instruction, reader)
    const { loop } = this.#blocks.top
    const { at, next } = instruction
    const label = instruction.labels[0] as number
    if (loop !== NONE && this.countedLoops[loop]?.exitAt === at) this.#insertions.add(at, INSERTION.exit, label)
    if (!this.#isAlive) return
    const frame = this.#blocks.at(this.#blocks.depth - 1 - label)
    const arm = this.#begin(next)
    if (frame.branches === 1) {
      frame.forkCharge = charge
      frame.forkArm = arm
    }
  }

  /** Charges for operands that are moved. */
  #move(operands: number, perUnit: number): void {
    if (operands >= perUnit) this.#pay(Math.floor(operands / perUnit))
  }

  #call({ at }: InstructionReader, type: FunctionType | undefined, callee = -1): void {
    const passed = (type?.params.length ?? 0) + (type?.results.length ?? 0)
    this.passed += passed * (type?.results.length ?? 0)
    if (this.#isAlive) this.#move(passed, passed < MANY_PASSED ? PASSED_PER_UNIT : MANY_PASSED_PER_UNIT)
    this.#save(at)
    const call = this.#insertions.add(at, INSERTION.call, callee)
    this.calls.push({ callee, call, charge: this.#isAlive ? this.#current : NONE })
  }

  #tailCall({ opcode, index }: InstructionReader): void {
    const isDirect = opcode === OPCODE.returnCall && index >= this.#imported
    if (!isDirect && opcode === OPCODE.returnCall && !this.#plan.isLinked) return
    this.calls.push({ callee: isDirect ? index : -1, call: NONE, charge: this.#isAlive ? this.#current : NONE })
  }

  #callImport(instruction: InstructionReader): void {
    const { at, next, index } = instruction
    const call = this.#plan.calls.get(index)
    this.takesFloats ||= this.#givesHostFloat(index)
    if (call === undefined) {
      if (this.#isAlive) this.#pay(this.#plan.priceOf(index))
      // The other instance continues to count the depth.
      if (this.#plan.isLinked) this.#call(instruction, this.#module.functions[index])
      else {
        // The host may throw.
        this.#save(at)
        if (this.#plan.mayCharge(index)) this.#insert(next, INSERTION.hostReturned)
      }
      return
    }
    if (this.#isAlive) this.#pay(this.#plan.priceOf(index))
    // The operand may be out of range, which traps. What cannot trap is treated as the call is that it replaces, so that charges are the same.
    this.#save(at)
    this.inlines = true
    if (call.value !== undefined) this.values.add(call.value)
    this.#insertions.add(at, INSERTION.inline, index)
  }

  #givesHostFloat(index: number): boolean {
    return index < this.#imported && hasFloats(this.#module.functions[index]?.results)
  }

  #bulkInstruction({ number, at, index }: InstructionReader): void {
    if (!this.#isAlive) return
    if (number === BULK.tableGrow) {
      this.#pay(PRICES.grow)
      this.#insertions.add(at, INSERTION.tableGrow, index)
      this.#isSaved = false
      this.#act(at)
    } else if (number === BULK.memoryFill) this.#pay(PRICES.fill)
    if (SIZED_ELEMENTS.includes(number)) this.#pay(PRICES.table)
    if (SIZED_BYTES.includes(number)) this.#sized(at, INSERTION.bytes, index)
    else if (SIZED_ELEMENTS.includes(number)) this.#sized(at, INSERTION.elements, index)
  }

  #aggregateInstruction(instruction: InstructionReader, reader: Reader): void {
    const { number } = instruction
    if (number !== AGGREGATE.brOnCast && number !== AGGREGATE.brOnCastFail) return
    this.#conditional(instruction, reader)
  }

  #sized(at: number, kind: InsertionKind, argument: number): void {
    this.bulk = true
    this.#act(at)
    this.#insert(at, kind, argument)
  }
}
