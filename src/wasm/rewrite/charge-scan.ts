import { MANY_LOCALS, MANY_PASSED, MANY_PASSED_PER_UNIT, MOVES_PER_UNIT, PASSED_PER_UNIT, PRICES } from '../../abi/prices.ts'
import type { InstructionReader } from '../decode/instructions.ts'
import { type DecodedModule, type FunctionType, importedFunctions } from '../format/module.ts'
import { AGGREGATE, BULK, OPCODE } from '../format/opcodes.ts'
import type { Reader } from '../format/reader.ts'
import { BasicBlocks } from './basic-blocks.ts'
import { NONE } from './block-stack.ts'
import type { ChargePlan } from './charge-plan.ts'
import { hasFloats } from './host-floats.ts'
import type { ValueKind } from './inline-call.ts'
import { INSERTION, type InsertionKind, type Insertions } from './insertions.ts'
import { riseOfInstruction } from './operand-rise.ts'

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

/** Scans the instructions of a function body for what they cost. {@link BasicBlocks} divides them. */
export class ChargeScan {
  readonly blocks: BasicBlocks
  /** Its calls of functions, those of the host aside. */
  readonly calls: CallSite[] = []
  throws = false
  bulk = false
  /** Whether it may grow a memory. */
  grows = false
  tailCalls = false
  /** Whether it calls imports that give floats. */
  takesFloats = false
  /** Whether it ends with a call of such an import. */
  returnsHost = false
  inlines = false
  /** The results of its calls, each times the operands and results of the call. */
  passed = 0
  readonly values: Set<ValueKind> = new Set()

  readonly #module: DecodedModule
  readonly #insertions: Insertions
  readonly #imported: number
  readonly #plan: ChargePlan

  /** Appends the charges to the insertions. */
  constructor(module: DecodedModule, codeAt: number, locals: number, plan: ChargePlan, insertions: Insertions) {
    this.#module = module
    this.#insertions = insertions
    this.#imported = importedFunctions(module)
    this.#plan = plan
    this.blocks = new BasicBlocks(module, codeAt, insertions)
    // Engines zero the locals, and move them where control flow merges.
    this.blocks.move(locals, locals < MANY_LOCALS ? MOVES_PER_UNIT : 1)
  }

  /** Counts one instruction. */
  step(instruction: InstructionReader, reader: Reader): void {
    const { opcode, at, next } = instruction
    this.blocks.pay(1)
    if (this.blocks.isUnsavedAt(at) && instruction.mayTrap) this.blocks.save(at)
    this.blocks.raise(riseOfInstruction(this.#module, instruction))
    // The most frequent come first.
    switch (opcode) {
      case OPCODE.end:
      case OPCODE.delegate:
        this.blocks.close(at, next)
        return
      case OPCODE.brIf:
      case OPCODE.brOnNull:
      case OPCODE.brOnNonNull:
        this.blocks.conditional(instruction, reader)
        return
      case OPCODE.if:
        this.blocks.openIf(instruction)
        return
      case OPCODE.block:
        this.blocks.open(opcode, instruction.blockType)
        return
      case OPCODE.br:
      case OPCODE.brTable:
        this.blocks.branch(instruction, reader)
        this.blocks.isAlive = false
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
        this.blocks.isAlive = false
        return
      case OPCODE.return:
        this.#insertions.add(at, INSERTION.return, this.blocks.depth - 1)
        this.blocks.leave()
        return
      case OPCODE.throw:
      case OPCODE.rethrow:
      case OPCODE.throwRef:
        this.throws = true
        this.blocks.act(at)
        this.#insertions.add(at, INSERTION.throw, 0)
        this.blocks.insert(at, INSERTION.save)
        this.blocks.pay(PRICES.throw)
        this.blocks.leave()
        return
      case OPCODE.globalGet:
      case OPCODE.globalSet:
        if (instruction.index >= this.#plan.firstShifted) this.#insertions.add(at, INSERTION.global, instruction.index)
        return
      case OPCODE.try:
        this.blocks.catches = true
        this.blocks.open(opcode, instruction.blockType)
        return
      case OPCODE.tryTable:
        this.blocks.catches = true
        this.blocks.pay(PRICES.catchClause * instruction.labels.length)
        this.blocks.openTryTable(instruction, reader)
        return
      case OPCODE.loop:
        this.blocks.loop(instruction, reader)
        return
      case OPCODE.else:
        this.blocks.otherwise(next, reader, at)
        return
      case OPCODE.catch:
      case OPCODE.catchAll:
        this.blocks.caught(opcode, next, reader, at)
        return
      case OPCODE.returnCall:
      case OPCODE.returnCallIndirect:
      case OPCODE.returnCallRef:
        this.tailCalls = true
        this.returnsHost ||= opcode === OPCODE.returnCall && this.#givesHostFloat(instruction.index)
        if (this.blocks.isAlive && opcode === OPCODE.returnCall && instruction.index < this.#imported) {
          this.blocks.pay(this.#plan.priceOf(instruction.index))
        }
        this.blocks.insert(at, INSERTION.tailCall)
        this.#tailCall(instruction)
        this.blocks.leave()
        return
      case OPCODE.tableSet:
        this.blocks.pay(PRICES.table)
        return
      case OPCODE.memoryGrow:
        if (!this.blocks.isAlive) return
        this.grows = true
        this.blocks.pay(PRICES.grow)
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

  #call({ at }: InstructionReader, type: FunctionType | undefined, callee = -1): void {
    const passed = (type?.params.length ?? 0) + (type?.results.length ?? 0)
    this.passed += passed * (type?.results.length ?? 0)
    this.blocks.move(passed, passed < MANY_PASSED ? PASSED_PER_UNIT : MANY_PASSED_PER_UNIT)
    this.blocks.save(at)
    const call = this.#insertions.add(at, INSERTION.call, callee)
    this.calls.push({ callee, call, charge: this.blocks.charge })
  }

  #tailCall({ opcode, index }: InstructionReader): void {
    const isDirect = opcode === OPCODE.returnCall && index >= this.#imported
    if (!isDirect && opcode === OPCODE.returnCall && !this.#plan.isLinked) return
    this.calls.push({ callee: isDirect ? index : -1, call: NONE, charge: this.blocks.charge })
  }

  #callImport(instruction: InstructionReader): void {
    const { at, next, index } = instruction
    const call = this.#plan.calls.get(index)
    this.takesFloats ||= this.#givesHostFloat(index)
    if (call === undefined) {
      this.blocks.pay(this.#plan.priceOf(index))
      // The other instance continues to count the depth.
      if (this.#plan.isLinked) this.#call(instruction, this.#module.functions[index])
      else {
        // The host may throw.
        this.blocks.save(at)
        this.#insertions.add(at, INSERTION.hostCall, 0)
        if (this.#plan.mayCharge(index)) this.blocks.insert(next, INSERTION.hostReturned)
      }
      return
    }
    this.blocks.pay(this.#plan.priceOf(index))
    // The operand may be out of range, which traps. What cannot trap is treated as the call is that it replaces, so that charges are the same.
    this.blocks.save(at)
    this.inlines = true
    if (call.value !== undefined) this.values.add(call.value)
    this.#insertions.add(at, INSERTION.inline, index)
  }

  #givesHostFloat(index: number): boolean {
    return index < this.#imported && hasFloats(this.#module.functions[index]?.results)
  }

  #bulkInstruction({ number, at, index }: InstructionReader): void {
    if (!this.blocks.isAlive) return
    if (number === BULK.tableGrow) {
      this.blocks.pay(PRICES.grow)
      this.#insertions.add(at, INSERTION.tableGrow, index)
      this.blocks.spend(at)
    } else if (number === BULK.memoryFill) this.blocks.pay(PRICES.fill)
    if (SIZED_ELEMENTS.includes(number)) this.blocks.pay(PRICES.table)
    if (SIZED_BYTES.includes(number)) this.#sized(at, INSERTION.bytes, index)
    else if (SIZED_ELEMENTS.includes(number)) this.#sized(at, INSERTION.elements, index)
  }

  #aggregateInstruction(instruction: InstructionReader, reader: Reader): void {
    const { number } = instruction
    if (number !== AGGREGATE.brOnCast && number !== AGGREGATE.brOnCastFail) return
    this.blocks.conditional(instruction, reader)
  }

  #sized(at: number, kind: InsertionKind, argument: number): void {
    this.bulk = true
    this.blocks.act(at)
    this.blocks.insert(at, kind, argument)
  }
}
