import { MANY_LOCALS, MANY_PASSED, MANY_PASSED_PER_UNIT, MOVES_PER_UNIT, PASSED_PER_UNIT, PRICES } from '../../abi/prices.ts'
import type { InstructionReader } from '../decode/instructions.ts'
import { checkMost, MOST_NESTED } from '../format/bounds.ts'
import { type DecodedModule, type FunctionType, importedFunctions } from '../format/module.ts'
import { AGGREGATE, BULK, OPCODE, PREFIX_SIMD, riseOf, riseOfBulk, riseOfVector } from '../format/opcodes.ts'
import type { Reader } from '../format/reader.ts'
import type { InlineCalls, ValueKind } from './inline-call.ts'
import type { Insertion } from './insertions.ts'

/** The type of a block that takes and leaves nothing. */
const NO_RESULT = -64
/** The most parameters of a type, in units of stack: what a tag may carry. */
const parametersOf = new WeakMap<DecodedModule, number>()

function mostParameters(module: DecodedModule): number {
  let most = parametersOf.get(module)
  if (most === undefined) {
    most = module.types.reduce((greatest, type) => Math.max(greatest, 2 * (type?.params.length ?? 0)), 0)
    parametersOf.set(module, most)
  }
  return most
}

function riseOfCall(type: FunctionType | undefined): number {
  return type === undefined ? 0 : type.results.length - type.params.length
}

/** Instructions that do something to as many bytes, or elements, as the number on the stack says. */
const SIZED_BYTES: readonly number[] = [BULK.memoryInit, BULK.memoryCopy, BULK.memoryFill]
const SIZED_ELEMENTS: readonly number[] = [BULK.tableInit, BULK.tableCopy, BULK.tableFill]
const SIZED_AGGREGATE: readonly number[] = [AGGREGATE.arrayFill, AGGREGATE.arrayCopy, AGGREGATE.arrayInitData, AGGREGATE.arrayInitElem]

/** What finding the charges needs to know beside the module. */
export interface ChargePlan {
  /** Calls that are inlined. */
  readonly calls: InlineCalls
  /** Returns the units of fuel of a call of an import. */
  readonly priceOf: (functionIndex: number) => number
  /** Whether the host may charge for a call of an import. */
  readonly mayCharge: (functionIndex: number) => boolean
  /** Whether imports may be functions of other instances that spend the same budget. */
  readonly isLinked: boolean
  /** The first global whose index shifts; infinite if none does. */
  readonly firstShifted: number
}

/** A block that is open: whether control enters it, and whether something branches to its end. */
interface Frame {
  opcode: number
  /** Operands at its beginning, and those that it leaves beside them. */
  readonly height: number
  readonly results: number
  /** Operands that a branch to it carries: of a loop its parameters, of others its results. */
  readonly carried: number
  readonly entered: boolean
  target: boolean
  /** The insertion that pays for a `try`. */
  readonly charge: Insertion | undefined
}

/** Goes through the instructions of a function body one by one, and finds where its basic blocks begin and what each costs. */
export class ChargeScan {
  readonly insertions: Insertion[] = []
  calls = false
  bulk = false
  catches = false
  tailCalls = false
  inlines = false
  blocks = 1
  carried = 0
  readonly values: Set<ValueKind> = new Set()
  readonly #frames: Frame[] = []
  /** The insertion that pays for the basic block at hand. */
  #current: Insertion
  /** Whether control can reach the instruction at hand. */
  #alive = true
  /** Whether all that was charged in the basic block at hand is known outside of the function. */
  #isSaved = true

  readonly #module: DecodedModule
  readonly #imported: number
  readonly #plan: ChargePlan
  /** Operands on the stack, and the most that there were. */
  #height = 0
  operands = 0

  constructor(module: DecodedModule, codeAt: number, locals: number, plan: ChargePlan) {
    this.#module = module
    this.#imported = importedFunctions(module)
    this.#plan = plan
    this.#current = this.#insert(codeAt, 'entry')
    // Locals are zeroed, and moved where control meets.
    this.#move(locals, locals < MANY_LOCALS ? MOVES_PER_UNIT : 1)
    this.#open(OPCODE.block, NO_RESULT)
  }

  get depth(): number {
    return this.#frames.length
  }

  /** Instructions that were passed over, which neither branch nor call. */
  pass(count: number, { trapAt, rise, highest }: InstructionReader): void {
    this.operands = Math.max(this.operands, this.#height + highest)
    this.#height += rise
    if (!this.#alive) return
    this.#current.cost += count
    if (trapAt >= 0) this.#save(trapAt)
  }

  step(instruction: InstructionReader, reader: Reader): void {
    const { opcode, at, next } = instruction
    if (this.#alive) this.#current.cost++
    if (instruction.mayTrap) this.#save(at)
    this.#raise(this.#riseOf(instruction))
    switch (opcode) {
      case OPCODE.unreachable:
        this.#alive = false
        return
      case OPCODE.return:
        this.insertions.push({ at, kind: 'return', cost: 0, end: next, depth: this.#frames.length - 1 })
        this.#alive = false
        return
      case OPCODE.throw:
      case OPCODE.rethrow:
      case OPCODE.throwRef:
        this.insertions.push({ at, kind: 'throw', cost: 0 })
        this.#insert(at, 'save')
        if (this.#alive) this.#current.cost += PRICES.throw
        this.#alive = false
        return
      case OPCODE.globalGet:
      case OPCODE.globalSet:
        if (instruction.index >= this.#plan.firstShifted) {
          this.insertions.push({ at, kind: 'global', cost: 0, global: { opcode, index: instruction.index }, end: next })
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
        if (this.#alive) this.#current.cost += PRICES.catchClause * instruction.labels.length
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
        if (this.#alive) this.#begin(next)
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
        this.#alive = false
        return
      case OPCODE.brIf:
      case OPCODE.brOnNull:
      case OPCODE.brOnNonNull:
        this.#branch(instruction, reader)
        if (this.#alive) this.#begin(next)
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
        this.#insert(at, 'tailCall')
        this.#alive = false
        return
      case OPCODE.tableSet:
        if (this.#alive) this.#current.cost += PRICES.table
        return
      case OPCODE.memoryGrow:
        if (this.#alive) this.#current.cost += PRICES.grow
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

  /** How many more operands there are after an instruction; no fewer. */
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
    const insertion = { at, kind, cost: 0 }
    this.insertions.push(insertion)
    return insertion
  }

  /** What follows may leave the function: here the fuel must be known, if the block at hand has not made it known already. */
  #save(at: number): void {
    if (this.#isSaved || !this.#alive) return
    this.#isSaved = true
    this.#insert(at, 'save')
  }

  /** A basic block begins at a place that control reaches. */
  #begin(at: number): void {
    this.blocks++
    this.#current = this.#insert(at, 'block')
    this.#alive = true
  }

  #open(opcode: number, blockType: number): void {
    const type = blockType >= 0 ? this.#module.types[blockType] : undefined
    const results = type?.results.length ?? (blockType >= 0 || blockType === NO_RESULT ? 0 : 1)
    const carried = opcode === OPCODE.loop ? (type?.params.length ?? 0) : results
    const charge = this.#frames.length === 0 ? undefined : this.#current
    this.#frames.push({ opcode, height: this.#height, results, carried, entered: this.#alive, target: false, charge })
    if (this.#frames.length > MOST_NESTED) checkMost('blocks inside each other', this.#frames.length, MOST_NESTED)
  }

  #top(): Frame {
    return this.#frames.at(-1) as Frame
  }

  #otherwise(next: number, reader: Reader, at: number): void {
    const frame = this.#top()
    if (frame.opcode !== OPCODE.if) reader.fail('an else without its if', at)
    frame.opcode = OPCODE.else
    this.#height = frame.height
    if (this.#alive) frame.target = true
    this.#alive = false
    if (frame.entered) this.#begin(next)
  }

  #caught(opcode: number, next: number, reader: Reader, at: number): void {
    const frame = this.#top()
    if (frame.opcode !== OPCODE.try) reader.fail('a catch without its try', at)
    this.#height = frame.height
    if (frame.charge !== undefined && frame.entered) frame.charge.cost += PRICES.catchClause
    if (opcode === OPCODE.catch) this.#raise(mostParameters(this.#module))
    if (this.#alive) frame.target = true
    this.#begin(next)
  }

  /** The end of a block is reached from before it, by branches, and past an `if` without `else`. A loop's label is its start. */
  #close(at: number, next: number): void {
    const frame = this.#frames.pop() as Frame
    this.#height = frame.height
    this.#raise(frame.results)
    if (this.#frames.length === 0) {
      if (this.#alive) this.#insert(at, 'leave')
      return
    }
    if (frame.opcode === OPCODE.loop) return
    if (frame.target || (frame.opcode === OPCODE.if && frame.entered)) this.#begin(next)
    else if (frame.opcode === OPCODE.try && this.#alive) this.#begin(next)
  }

  #branch({ labels, at }: InstructionReader, reader: Reader): void {
    let leaves = false
    let most = 0
    for (const label of labels) {
      const frame = this.#frames.at(-1 - label)
      if (frame === undefined || label >= this.#frames.length) reader.fail(`there is no label ${label}`, at)
      if (this.#alive) frame.target = true
      this.carried += frame.carried
      most = Math.max(most, frame.carried)
      leaves ||= label === this.#frames.length - 1
    }
    if (this.#alive) this.#move(most, MOVES_PER_UNIT)
    if (leaves) this.#insert(at, 'leave')
  }

  /** Pays for operands that are moved. */
  #move(operands: number, perUnit: number): void {
    this.#current.cost += Math.floor(operands / perUnit)
  }

  #call({ at, next }: InstructionReader, type: FunctionType | undefined): void {
    this.calls = true
    const passed = (type?.params.length ?? 0) + (type?.results.length ?? 0)
    if (this.#alive) this.#move(passed, passed < MANY_PASSED ? PASSED_PER_UNIT : MANY_PASSED_PER_UNIT)
    this.#insert(at, 'call')
    this.#insert(next, 'returned')
  }

  #callImport(instruction: InstructionReader): void {
    const { at, next, index } = instruction
    const call = this.#plan.calls.get(index)
    if (call === undefined) {
      if (this.#alive) this.#current.cost += this.#plan.priceOf(index)
      // Another instance counts its depth from where this one is.
      if (this.#plan.isLinked) this.#call(instruction, this.#module.functions[index])
      else {
        // The host may throw.
        this.#save(at)
        if (this.#plan.mayCharge(index)) this.#insert(next, 'hostReturned')
      }
      return
    }
    // An operand may be out of range.
    this.#save(at)
    this.inlines = true
    if (call.value !== undefined) this.values.add(call.value)
    this.insertions.push({ at, kind: 'inline', cost: 0, inlined: { call, index }, end: next })
  }

  #bulkInstruction({ number, at, index }: InstructionReader): void {
    if (!this.#alive) return
    if (number === BULK.tableGrow) {
      this.#current.cost += PRICES.grow
      this.insertions.push({ at, kind: 'tableGrow', cost: index })
    } else if (number === BULK.memoryFill) this.#current.cost += PRICES.fill
    if (SIZED_ELEMENTS.includes(number)) this.#current.cost += PRICES.table
    if (SIZED_BYTES.includes(number)) this.#sized(at, 'bytes')
    else if (SIZED_ELEMENTS.includes(number)) this.#sized(at, 'elements')
  }

  #aggregateInstruction(instruction: InstructionReader, reader: Reader): void {
    const { number, at, next } = instruction
    if (SIZED_AGGREGATE.includes(number)) this.#sized(at, 'elements')
    if (number !== AGGREGATE.brOnCast && number !== AGGREGATE.brOnCastFail) return
    this.#branch(instruction, reader)
    if (this.#alive) this.#begin(next)
  }

  #sized(at: number, kind: 'bytes' | 'elements'): void {
    this.bulk = true
    this.#insert(at, kind)
  }
}
