import { MANY_LOCALS, MANY_PASSED, MANY_PASSED_PER_UNIT, MOVES_PER_UNIT, PASSED_PER_UNIT, PRICES } from '../../abi/prices.ts'
import type { InstructionReader } from '../decode/instructions.ts'
import { checkCount, MAX_NESTED } from '../format/bounds.ts'
import { type DecodedModule, type FunctionType, importedFunctions } from '../format/module.ts'
import { AGGREGATE, BULK, OPCODE, PREFIX_SIMD, riseOf, riseOfBulk, riseOfVector } from '../format/opcodes.ts'
import type { Reader } from '../format/reader.ts'
import { type HostFloats, hasFloats } from './float-scan.ts'
import type { InlineCalls, ValueKind } from './inline-call.ts'
import { createInsertion, type Insertion } from './insertions.ts'

/** The type of a block without parameters and results. */
const NO_RESULT = -64
/** The results of {@link maxParameters}. */
const parametersOf = new WeakMap<DecodedModule, number>()

/** Returns an upper bound of the values that an exception carries, in units of stack. */
function maxParameters(module: DecodedModule): number {
  let max = parametersOf.get(module)
  if (max === undefined) {
    max = module.types.reduce((greatest, type) => Math.max(greatest, 2 * (type?.params.length ?? 0)), 0)
    parametersOf.set(module, max)
  }
  return max
}

function riseOfCall(type: FunctionType | undefined): number {
  return type === undefined ? 0 : type.results.length - type.params.length
}

/** Bulk instructions whose size in bytes or elements is on the stack. */
const SIZED_BYTES: readonly number[] = [BULK.memoryInit, BULK.memoryCopy, BULK.memoryFill]
const SIZED_ELEMENTS: readonly number[] = [BULK.tableInit, BULK.tableCopy, BULK.tableFill]

/** The options of {@link ChargeScan}. */
export interface ChargePlan {
  /** The calls that are inlined. */
  readonly calls: InlineCalls
  /** Returns the units of fuel of a call of an import. */
  readonly priceOf: (functionIndex: number) => number
  /** Returns whether the host may charge during a call of an import. */
  readonly mayCharge: (functionIndex: number) => boolean
  /** Whether imports may be functions of other instances that spend the same budget. */
  readonly isLinked: boolean
  /** Where floats of the host may come from. */
  readonly floats: HostFloats
  /** The first global whose index shifts; infinity if none does. */
  readonly firstShifted: number
  /** Pages that a memory may have. */
  readonly memoryPages: number
}

/** An open block. */
interface Frame {
  opcode: number
  /** The number of operands below the block. */
  readonly height: number
  readonly results: number
  /** The number of operands that a branch to the block carries: the parameters of a loop, the results of other blocks. */
  readonly carried: number
  /** Whether the start of the block is reachable. */
  readonly isEntered: boolean
  /** Whether a reachable branch goes to the end of the block. */
  isTarget: boolean
  /** The insertion that pays for the block that contains a `try`. */
  readonly charge: Insertion | undefined
}

/** Scans the instructions of a function body for its basic blocks and their costs. */
export class ChargeScan {
  readonly insertions: Insertion[] = []
  calls = false
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
  blocks = 1
  carried = 0
  /** The results of its calls, each times the operands and results of the call. */
  passed = 0
  readonly values: Set<ValueKind> = new Set()
  readonly #frames: Frame[] = []
  /** The insertion that pays for the current basic block. */
  #current: Insertion
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

  constructor(module: DecodedModule, codeAt: number, locals: number, plan: ChargePlan) {
    this.#module = module
    this.#imported = importedFunctions(module)
    this.#plan = plan
    this.#current = this.#insert(codeAt, 'entry')
    // Engines zero the locals, and move them where control flow merges.
    this.#move(locals, locals < MANY_LOCALS ? MOVES_PER_UNIT : 1)
    this.#open(OPCODE.block, NO_RESULT)
  }

  /** The number of open blocks. */
  get depth(): number {
    return this.#frames.length
  }

  /** Counts instructions that `skipPlain` skipped. */
  pass(count: number, { trapAt, rise, highest }: InstructionReader): void {
    this.operands = Math.max(this.operands, this.#height + highest)
    this.#height += rise
    if (!this.#isAlive) return
    this.#current.cost += count
    if (trapAt >= 0) this.#save(trapAt)
  }

  /** Counts one instruction. */
  step(instruction: InstructionReader, reader: Reader): void {
    const { opcode, at, next } = instruction
    if (this.#isAlive) this.#current.cost++
    if (instruction.mayTrap) this.#save(at)
    this.#raise(this.#riseOf(instruction))
    switch (opcode) {
      case OPCODE.unreachable:
        this.#isAlive = false
        return
      case OPCODE.return:
        this.insertions.push(createInsertion(at, 'return', this.#frames.length - 1, next))
        this.#isAlive = false
        return
      case OPCODE.throw:
      case OPCODE.rethrow:
      case OPCODE.throwRef:
        this.insertions.push(createInsertion(at, 'throw', 0))
        this.#insert(at, 'save')
        if (this.#isAlive) this.#current.cost += PRICES.throw
        this.#isAlive = false
        return
      case OPCODE.globalGet:
      case OPCODE.globalSet:
        if (instruction.index >= this.#plan.firstShifted) {
          this.insertions.push(createInsertion(at, 'global', instruction.index, next))
        }
        return
      case OPCODE.block:
        this.#open(opcode, instruction.blockType)
        return
      case OPCODE.try:
        this.catches = true
        this.#open(opcode, instruction.blockType)
        return
      case OPCODE.tryTable:
        this.catches = true
        if (this.#isAlive) this.#current.cost += PRICES.catchClause * instruction.labels.length
        this.#branch(instruction, reader)
        this.#open(OPCODE.block, instruction.blockType)
        return
      case OPCODE.loop:
        this.#open(opcode, instruction.blockType)
        this.#current = this.#insert(next, 'loop')
        this.blocks++
        return
      case OPCODE.if:
        this.#open(opcode, instruction.blockType)
        if (this.#isAlive) this.#begin(next)
        return
      case OPCODE.else:
        this.#otherwise(next, reader, at)
        return
      case OPCODE.catch:
      case OPCODE.catchAll:
        this.#caught(opcode, next, reader, at)
        return
      case OPCODE.end:
      case OPCODE.delegate:
        this.#close(at, next)
        return
      case OPCODE.br:
      case OPCODE.brTable:
        this.#branch(instruction, reader)
        this.#isAlive = false
        return
      case OPCODE.brIf:
      case OPCODE.brOnNull:
      case OPCODE.brOnNonNull:
        this.#branch(instruction, reader)
        if (this.#isAlive) this.#begin(next)
        return
      case OPCODE.call:
        if (instruction.index >= this.#imported) this.#call(instruction, this.#module.functions[instruction.index])
        else this.#callImport(instruction)
        return
      case OPCODE.callIndirect:
      case OPCODE.callRef:
        this.#call(instruction, this.#module.types[instruction.index])
        return
      case OPCODE.returnCall:
      case OPCODE.returnCallIndirect:
      case OPCODE.returnCallRef:
        this.tailCalls = true
        this.returnsHost ||= opcode === OPCODE.returnCall && this.#givesHostFloat(instruction.index)
        if (this.#isAlive && opcode === OPCODE.returnCall && instruction.index < this.#imported) {
          this.#current.cost += this.#plan.priceOf(instruction.index)
        }
        this.#insert(at, 'tailCall')
        this.#isAlive = false
        return
      case OPCODE.tableSet:
        if (this.#isAlive) this.#current.cost += PRICES.table
        return
      case OPCODE.memoryGrow:
        if (!this.#isAlive) return
        this.grows = true
        this.#current.cost += PRICES.grow
        this.#sized(at, 'pages', this.#plan.memoryPages)
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
    this.operands = Math.max(this.operands, this.#height)
  }

  /** Returns an upper bound of the change in the number of operands. */
  #riseOf({ opcode, index, number }: InstructionReader): number {
    switch (opcode) {
      case OPCODE.call:
        return riseOfCall(this.#module.functions[index])
      case OPCODE.callIndirect:
      case OPCODE.callRef:
        return riseOfCall(this.#module.types[index]) - 1
      case OPCODE.bulk:
        return riseOfBulk(number)
      case PREFIX_SIMD:
        return riseOfVector(number)
      default:
        return riseOf(opcode)
    }
  }

  #insert(at: number, kind: Insertion['kind']): Insertion {
    this.#isSaved = kind !== 'block'
    const insertion = createInsertion(at, kind, 0)
    this.insertions.push(insertion)
    return insertion
  }

  /** Inserts a `save` before an instruction that may leave the function, unless the fuel global is up to date. */
  #save(at: number): void {
    if (this.#isSaved || !this.#isAlive) return
    this.#isSaved = true
    this.#insert(at, 'save')
  }

  /** Begins a reachable basic block. */
  #begin(at: number): void {
    this.blocks++
    this.#current = this.#insert(at, 'block')
    this.#isAlive = true
  }

  #open(opcode: number, blockType: number): void {
    const type = blockType >= 0 ? this.#module.types[blockType] : undefined
    const results = type?.results.length ?? (blockType >= 0 || blockType === NO_RESULT ? 0 : 1)
    const carried = opcode === OPCODE.loop ? (type?.params.length ?? 0) : results
    const charge = this.#frames.length === 0 ? undefined : this.#current
    this.#frames.push({ opcode, height: this.#height, results, carried, isEntered: this.#isAlive, isTarget: false, charge })
    if (this.#frames.length > MAX_NESTED) checkCount('nested blocks', this.#frames.length, MAX_NESTED)
  }

  #top(): Frame {
    return this.#frames.at(-1) as Frame
  }

  #otherwise(next: number, reader: Reader, at: number): void {
    const frame = this.#top()
    if (frame.opcode !== OPCODE.if) reader.fail('an else without its if', at)
    frame.opcode = OPCODE.else
    this.#height = frame.height
    if (this.#isAlive) frame.isTarget = true
    this.#isAlive = false
    if (frame.isEntered) this.#begin(next)
  }

  #caught(opcode: number, next: number, reader: Reader, at: number): void {
    const frame = this.#top()
    if (frame.opcode !== OPCODE.try) reader.fail('a catch without its try', at)
    this.#height = frame.height
    if (frame.charge !== undefined && frame.isEntered) frame.charge.cost += PRICES.catchClause
    if (opcode === OPCODE.catch) {
      const values = maxParameters(this.#module)
      this.#raise(values)
      this.carried += values
    }
    if (this.#isAlive) frame.isTarget = true
    this.#begin(next)
  }

  /** Closes a block. Its end is reached from the code before it, by branches, and past an `if` without `else`. */
  #close(at: number, next: number): void {
    const frame = this.#frames.pop() as Frame
    this.#height = frame.height
    this.#raise(frame.results)
    if (this.#frames.length === 0) {
      if (this.#isAlive) this.#insert(at, 'leave')
      return
    }
    // Branches to a loop go to its start.
    if (frame.opcode === OPCODE.loop) return
    if (frame.isTarget || (frame.opcode === OPCODE.if && frame.isEntered)) this.#begin(next)
    else if (frame.opcode === OPCODE.try && this.#isAlive) this.#begin(next)
  }

  #branch({ labels, at }: InstructionReader, reader: Reader): void {
    let leaves = false
    let max = 0
    for (const label of labels) {
      const frame = this.#frames.at(-1 - label)
      if (frame === undefined || label >= this.#frames.length) reader.fail(`there is no label ${label}`, at)
      if (this.#isAlive) frame.isTarget = true
      this.carried += frame.carried
      max = Math.max(max, frame.carried)
      leaves ||= label === this.#frames.length - 1
    }
    if (this.#isAlive) this.#move(max, MOVES_PER_UNIT)
    if (leaves) this.#insert(at, 'leave')
  }

  /** Charges for operands that are moved. */
  #move(operands: number, perUnit: number): void {
    this.#current.cost += Math.floor(operands / perUnit)
  }

  #call({ at, next }: InstructionReader, type: FunctionType | undefined): void {
    this.calls = true
    const passed = (type?.params.length ?? 0) + (type?.results.length ?? 0)
    this.passed += passed * (type?.results.length ?? 0)
    if (this.#isAlive) this.#move(passed, passed < MANY_PASSED ? PASSED_PER_UNIT : MANY_PASSED_PER_UNIT)
    this.#insert(at, 'call')
    this.#insert(next, 'returned')
  }

  #callImport(instruction: InstructionReader): void {
    const { at, next, index } = instruction
    const call = this.#plan.calls.get(index)
    this.takesFloats ||= this.#givesHostFloat(index)
    if (call === undefined) {
      if (this.#isAlive) this.#current.cost += this.#plan.priceOf(index)
      // The other instance continues to count the depth.
      if (this.#plan.isLinked) this.#call(instruction, this.#module.functions[index])
      else {
        // The host may throw.
        this.#save(at)
        if (this.#plan.mayCharge(index)) this.#insert(next, 'hostReturned')
      }
      return
    }
    // The operand may be out of range, which traps.
    this.#save(at)
    this.inlines = true
    if (call.value !== undefined) this.values.add(call.value)
    this.insertions.push(createInsertion(at, 'inline', index, next, call))
  }

  #givesHostFloat(index: number): boolean {
    return index < this.#imported && hasFloats(this.#module.functions[index]?.results)
  }

  #bulkInstruction({ number, at, index }: InstructionReader): void {
    if (!this.#isAlive) return
    if (number === BULK.tableGrow) {
      this.#current.cost += PRICES.grow
      this.insertions.push(createInsertion(at, 'tableGrow', index))
    } else if (number === BULK.memoryFill) this.#current.cost += PRICES.fill
    if (SIZED_ELEMENTS.includes(number)) this.#current.cost += PRICES.table
    if (SIZED_BYTES.includes(number)) this.#sized(at, 'bytes', index)
    else if (SIZED_ELEMENTS.includes(number)) this.#sized(at, 'elements', index)
  }

  #aggregateInstruction(instruction: InstructionReader, reader: Reader): void {
    const { number, next } = instruction
    if (number !== AGGREGATE.brOnCast && number !== AGGREGATE.brOnCastFail) return
    this.#branch(instruction, reader)
    if (this.#isAlive) this.#begin(next)
  }

  #sized(at: number, kind: 'bytes' | 'elements' | 'pages', cost: number): void {
    this.bulk = true
    this.#insert(at, kind).cost = cost
  }
}
