import { InstructionReader } from '../decode/instructions.ts'
import type { DecodedModule } from '../format/module.ts'
import { isLoad, isNumeric, isStore, isUnary, OPCODE, PREFIX_SIMD, riseOfVector } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'

/** A sum of at most two locals and a constant, as they are at the start of a round. */
export interface Sum {
  readonly locals: readonly number[]
  readonly constant: number
}

/** How an i32 is compared with a bound. */
export type Comparison = 'ne' | 'lt_s' | 'lt_u' | 'gt_s' | 'gt_u' | 'le_s' | 'le_u' | 'ge_s' | 'ge_u'

/**
 * A loop without branches inside, whose rounds can be counted before it begins: it goes on as long as `counter`, which grows by `step`
 * with each round, compares with `bound`, which stays as it is.
 */
export interface CountedLoop {
  /** The offset of the loop, and the one behind its end. */
  readonly at: number
  readonly end: number
  /** The offset of the code that only rounds run which go on; that of the end if it is all tested at the end. */
  readonly bodyAt: number
  /** The offset of the branch out of the loop, if its label must change where the loop is nested in one block more. */
  readonly exitAt: number | undefined
  /** What the first test compares. */
  readonly counter: Sum
  readonly step: Sum
  readonly bound: Sum
  readonly comparison: Comparison
}

/** Larger loops gain little, and are written twice. */
const MAX_BYTES = 512
const EMPTY = -64

/**
 * Returns the loop at an offset, if its rounds can be counted. `start` is the offset of its first instruction. Its shape is one of:
 *
 * - `loop … br_if 0 end`
 * - `loop … br_if (out of it) … br 0 end`
 * - `loop … if … br 1 end end`
 * - `loop block … br_if 0 … br 1 end end`
 */
export function countedLoop(module: DecodedModule, at: number, start: number, end: number, blockType: number): CountedLoop | undefined {
  if (blockType !== EMPTY) return undefined
  const reader = new Reader(module.bytes, { start, end })
  const round = new Round(module, reader, start + MAX_BYTES)
  const { instruction } = round
  const hasBlock = module.bytes[start] === OPCODE.block && module.bytes[start + 1] === 0x40
  if (hasBlock) reader.position += 2
  if (!round.run()) return undefined
  const { opcode } = instruction
  let condition: Value
  let goesOn = true
  let exitAt: number | undefined
  let bodyAt = instruction.next
  if (opcode === OPCODE.brIf) {
    const label = instruction.labels[0] as number
    condition = round.pop()
    if (label === 0 && !hasBlock) {
      if (!round.reads(OPCODE.end)) return undefined
      bodyAt = instruction.next
    } else {
      if (hasBlock && label !== 0) return undefined
      goesOn = false
      if (!hasBlock) exitAt = instruction.at
      if (!round.run() || !round.branches(hasBlock ? 1 : 0) || !round.reads(OPCODE.end)) return undefined
      if (hasBlock && !round.reads(OPCODE.end)) return undefined
    }
  } else if (opcode === OPCODE.if && instruction.blockType === EMPTY && !hasBlock) {
    condition = round.pop()
    if (!round.run() || !round.branches(1) || !round.reads(OPCODE.end) || !round.reads(OPCODE.end)) return undefined
  } else return undefined
  const counted = count(condition, goesOn, round)
  return counted === undefined ? undefined : { at, end: instruction.next, bodyAt, exitAt, ...counted }
}

type Counted = Pick<CountedLoop, 'counter' | 'step' | 'bound' | 'comparison'>

const NEGATED: Readonly<Record<string, string>> = { eq: 'ne', ne: 'eq', lt: 'ge', ge: 'lt', gt: 'le', le: 'gt' }
const SWAPPED: Readonly<Record<string, string>> = { eq: 'eq', ne: 'ne', lt: 'gt', gt: 'lt', le: 'ge', ge: 'le' }

function replaced(comparison: string, names: Readonly<Record<string, string>>): string {
  const [name = '', sign] = comparison.split('_')
  return sign === undefined ? (names[name] as string) : `${names[name]}_${sign}`
}

function count(condition: Value, goesOn: boolean, round: Round): Counted | undefined {
  if (condition === undefined) return undefined
  const test = isSum(condition) ? { comparison: 'ne', left: condition, right: ZERO } : condition
  let comparison = goesOn ? test.comparison : replaced(test.comparison, NEGATED)
  let { left: counter, right: bound } = test
  if (round.isFixed(counter)) {
    ;[counter, bound] = [bound, counter]
    comparison = replaced(comparison, SWAPPED)
  }
  const [local, ...others] = counter.locals.filter((each) => !round.isFixed({ locals: [each], constant: 0 }))
  if (comparison === 'eq' || !round.isFixed(bound) || local === undefined || others.length > 0) return undefined
  const step = round.stepOf(local)
  if (step === undefined || step.locals.length > 1) return undefined
  const isUp = comparison.startsWith('l')
  if (step.locals.length === 1 ? !isUp || step.constant !== 0 : step.constant === 0) return undefined
  if (step.locals.length === 0 && comparison !== 'ne' && step.constant > 0 !== isUp) return undefined
  if (step.constant === MIN) return undefined
  return { counter, bound, step, comparison: comparison as Comparison }
}

const MIN = -(2 ** 31)
const ZERO: Sum = { locals: [], constant: 0 }

/** An operand whose value is known in terms of the locals. */
type Value = Sum | Test | undefined
interface Test {
  readonly comparison: string
  readonly left: Sum
  readonly right: Sum
}

function isSum(value: Value): value is Sum {
  return value !== undefined && 'locals' in value
}

const BITSELECT = 82
const LAST_SATURATING = 7
const COMPARISONS = ['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'] as const

/** Runs the code of one round, as far as it calculates with locals and constants. */
class Round {
  readonly instruction: InstructionReader
  readonly #bytes: Uint8Array
  readonly #reader: Reader
  readonly #limit: number
  readonly #stack: Value[] = []
  /** The locals that are written, with their values. */
  readonly #locals = new Map<number, Value>()

  constructor(module: DecodedModule, reader: Reader, limit: number) {
    this.#limit = limit
    this.#bytes = module.bytes
    this.#reader = reader
    this.instruction = new InstructionReader(reader)
  }

  /** Runs up to the next branch or block, which is the instruction then. Returns `false` if other code comes before. */
  run(): boolean {
    while (!this.#reader.done && this.#reader.position < this.#limit) {
      this.instruction.read()
      const { opcode } = this.instruction
      if (opcode === OPCODE.brIf || opcode === OPCODE.br || opcode === OPCODE.if) return true
      if (!this.#follow()) return false
    }
    return false
  }

  /** Reads one instruction, and returns whether it is that one. */
  reads(opcode: number): boolean {
    if (this.#reader.done) return false
    this.instruction.read()
    return this.instruction.opcode === opcode
  }

  /** Returns whether the current instruction is a branch to a label. */
  branches(label: number): boolean {
    return this.instruction.opcode === OPCODE.br && this.instruction.labels[0] === label
  }

  pop(): Value {
    return this.#stack.pop()
  }

  /** Returns whether a value is the same in each round. */
  isFixed({ locals }: Sum): boolean {
    return locals.every((local) => !this.#locals.has(local))
  }

  /** Returns by how much a local grows in a round, if by the same in each. */
  stepOf(local: number): Sum | undefined {
    const value = this.#locals.get(local)
    if (!isSum(value) || !value.locals.includes(local)) return undefined
    const rest = [...value.locals]
    rest.splice(rest.indexOf(local), 1)
    const step = { locals: rest, constant: value.constant }
    return this.isFixed(step) ? step : undefined
  }

  #follow(): boolean {
    const { opcode, index, number } = this.instruction
    const stack = this.#stack
    switch (opcode) {
      case OPCODE.nop:
        return true
      case OPCODE.drop:
      case OPCODE.globalSet:
        return this.#take(1, 0)
      case OPCODE.select:
      case OPCODE.selectTyped:
        return this.#take(3, 1)
      case OPCODE.localGet:
        stack.push(this.#locals.has(index) ? this.#locals.get(index) : { locals: [index], constant: 0 })
        return true
      case OPCODE.localSet:
      case OPCODE.localTee:
        this.#locals.set(index, stack.at(-1))
        return opcode === OPCODE.localTee ? stack.length > 0 : this.#take(1, 0)
      case OPCODE.i32Const:
        stack.push({ locals: [], constant: constantAt(this.#bytes, this.instruction.at + 1) })
        return true
      case OPCODE.i64Const:
      case OPCODE.f32Const:
      case OPCODE.f64Const:
      case OPCODE.globalGet:
      case OPCODE.memorySize:
        return this.#take(0, 1)
      case OPCODE.bulk:
        return number <= LAST_SATURATING && this.#take(1, 1)
      case PREFIX_SIMD:
        return this.#vector(number)
    }
    if (opcode === OPCODE.i32Eqz || (opcode >= OPCODE.i32Eq && opcode <= OPCODE.i32GeU)) return this.#test(opcode)
    if (opcode === OPCODE.i32Add || opcode === OPCODE.i32Sub) return this.#add(opcode === OPCODE.i32Sub)
    if (isLoad(opcode)) return this.#take(1, 1)
    if (isStore(opcode)) return this.#take(2, 0)
    return isNumeric(opcode) && this.#take(isUnary(opcode) ? 1 : 2, 1)
  }

  #take(operands: number, results: number): boolean {
    const left = this.#stack.length - operands
    if (left < 0) return false
    this.#stack.length = left
    for (let count = 0; count < results; count++) this.#stack.push(undefined)
    return true
  }

  #vector(number: number): boolean {
    const rise = riseOfVector(number)
    if (rise === 1) return this.#take(0, 1)
    if (number === BITSELECT) return this.#take(3, 1)
    return rise === -2 ? this.#take(2, 0) : this.#take(1 - rise, 1)
  }

  #test(opcode: number): boolean {
    const stack = this.#stack
    if (stack.length < (opcode === OPCODE.i32Eqz ? 1 : 2)) return false
    const right = opcode === OPCODE.i32Eqz ? ZERO : stack.pop()
    const left = stack.pop()
    if (opcode === OPCODE.i32Eqz && left !== undefined && !isSum(left))
      stack.push({ ...left, comparison: replaced(left.comparison, NEGATED) })
    else if (!isSum(left) || !isSum(right)) stack.push(undefined)
    else stack.push({ comparison: opcode === OPCODE.i32Eqz ? 'eq' : (COMPARISONS[opcode - OPCODE.i32Eq] as string), left, right })
    return true
  }

  #add(isNegative: boolean): boolean {
    if (this.#stack.length < 2) return false
    const right = this.#stack.pop()
    const left = this.#stack.pop()
    const isKnown = isSum(left) && isSum(right) && left.locals.length + right.locals.length <= 2 && !(isNegative && right.locals.length > 0)
    this.#stack.push(
      isKnown
        ? { locals: [...left.locals, ...right.locals], constant: (left.constant + (isNegative ? -right.constant : right.constant)) | 0 }
        : undefined,
    )
    return true
  }
}

/** Reads a signed LEB128 number of 32 bits. */
function constantAt(bytes: Uint8Array, at: number): number {
  let value = 0
  let shift = 0
  for (let place = at; ; place++) {
    const byte = bytes[place] as number
    value |= (byte & 127) << shift
    shift += 7
    if (byte < 128) return shift < 32 && (byte & 64) !== 0 ? value | (-1 << shift) : value
  }
}
