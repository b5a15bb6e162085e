import { InstructionReader } from '../../decode/instructions.ts'
import { signedAt } from '../../decode/signed-number.ts'
import { importedFunctions, importedGlobals } from '../../format/module.ts'
import { isLoad, isNumeric, isStore, isUnary, OPCODE, VECTOR } from '../../format/opcodes.ts'
import { Reader } from '../../format/reader.ts'
import type { Charges } from '../charges.ts'
import { type AccessedMemory, access, testComponent, writtenColumns } from './accesses.ts'
import { binary, truncated, unary } from './arithmetic.ts'
import { type BlockCosts, blockCosts } from './block-costs.ts'
import { type Arm, OpenBlocks } from './blocks.ts'
import type { RoundCode } from './find-rounds.ts'
import { instructionOf, NotVectorizable, type NumberKind } from './graph.ts'
import type { LaneState } from './lane-state.ts'
import { asMask, both, canonical, constantF32, constantF64, constantI32, type Lanes, pick } from './lanes.ts'
import { divide, isDivision, isTruncation, type Partial, truncate } from './partial.ts'
import type { QueryRound } from './query-round.ts'
import type { WalkedModule } from './walked-module.ts'

/** A function that is walked through: `update`, or one that it calls. */
interface Call {
  readonly reader: Reader
  readonly instruction: InstructionReader
  readonly costs: BlockCosts
  readonly blocks: OpenBlocks
  readonly level: number
}

const MAX_CALLS = 4
const MAX_LOCALS = 64
/** Instructions that are walked through. Loops and calls in each other repeat them. */
const MAX_STEPS = 20_000
/** Labels of `br_table` that are walked through: each keeps what its lanes know. */
const MAX_LABELS = 5_000
const NO_RESULT = -64
const NUMBERS: Readonly<Record<number, NumberKind>> = { 127: 'i32', 125: 'f32', 124: 'f64' }
/** The last of the bytes that begin a type and are followed by more. */
const LAST_REFERENCE = 0x6f
const SPLATS: Readonly<Record<'i32' | 'f32' | 'f64', number>> = { i32: VECTOR.splatI32, f32: VECTOR.splatF32, f64: VECTOR.splatF64 }
/** The saturating truncations are the first bulk instructions. */
const SATURATING = 4

/**
 * Runs a function on four entities at once, with symbols in the place of numbers: each operand is a vector of the graph. Where
 * the lanes part, at a branch, both ways are computed, and the values are picked by masks where the ways meet again.
 *
 * Nothing is written before the end. So whatever a vector cannot do, such as a call of the host, leaves the group, and `update`
 * runs on its entities one by one, as if nothing had happened.
 */
export class Walk {
  readonly #state: LaneState
  readonly #walked: WalkedModule
  readonly #imported: number
  readonly #accessed: AccessedMemory
  readonly #arms: Arm[] = []
  #call: Call | undefined
  #steps = 0
  #labels = 0
  /** The fuel that every entity spends. */
  base = 0
  /** The most that an entity spends, if its group does not leave. */
  maxCost = 0

  constructor(state: LaneState, walked: WalkedModule, update: number) {
    this.#state = state
    this.#walked = walked
    this.#imported = importedFunctions(walked.module)
    this.#accessed = { memory: walked.memory, written: writtenColumns(walked, update) }
  }

  /** Runs `update`. Throws {@link NotVectorizable}. */
  run(update: number, parameters: readonly Lanes[]): void {
    this.#enter(update, parameters, 0)
    // Each way through it comes to an instruction that vectors cannot run.
    if (this.#state.active === 'none') throw new NotVectorizable('it never returns')
  }

  /**
   * Runs a round of a loop. `keptOf` returns a local that the loop only reads. Lanes that leave the loop leave the group. Throws
   * {@link NotVectorizable}.
   */
  runRound(
    functionIndex: number,
    { start, end, kept }: RoundCode,
    round: QueryRound,
    keptOf: (local: number, kind: NumberKind) => Lanes,
  ): void {
    const { module, read } = this.#walked
    const { bytes, charges } = read(functionIndex)
    const state = this.#state
    this.#checkFunction(charges)
    const reader = new Reader(bytes, { start, end })
    const blocks = new OpenBlocks(state, reader, this.#arms)
    const call: Call = { reader, instruction: new InstructionReader(reader), costs: blockCosts(charges), blocks, level: 0 }
    this.#call = call
    state.round = round
    const parameters = module.functions[functionIndex]?.params ?? []
    const declared = this.#zeros(new Reader(bytes, { start: charges.localsAt, end: charges.codeAt }))
    const kinds = [...parameters, ...declared.map((zero) => zero?.kind)]
    state.locals = kinds.map((kind, local) =>
      kept.includes(local) && (kind === 'i32' || kind === 'f32' || kind === 'f64') ? keptOf(local, kind) : round.startOf(local),
    )
    blocks.open('round', 0)
    while (blocks.depth > 0) this.#step(call)
    if (state.active === 'none') throw new NotVectorizable('a loop that runs once')
    round.check(state.locals)
  }

  get #now(): Call {
    return this.#call as Call
  }

  /** Walks through a function. Its results are left on the stack. */
  #enter(functionIndex: number, parameters: readonly Lanes[], level: number): void {
    const { module, read } = this.#walked
    const { bytes, end, charges, plan } = read(functionIndex)
    if (level > MAX_CALLS) throw new NotVectorizable('calls that are nested too deeply')
    this.#checkFunction(charges)
    // The calls of a loop begin at an unknown depth.
    if (this.#state.round !== undefined && plan.countsDepth) throw new NotVectorizable('a call that may be nested in itself')
    const reader = new Reader(bytes, { start: charges.codeAt, end })
    const blocks = new OpenBlocks(this.#state, reader, this.#arms)
    const call: Call = { reader, instruction: new InstructionReader(reader), costs: blockCosts(charges), blocks, level }
    const outer = this.#call
    const { locals } = this.#state
    this.#call = call
    this.#state.locals = [...parameters, ...this.#zeros(new Reader(bytes, { start: charges.localsAt, end: charges.codeAt }))]
    blocks.open('function', module.functions[functionIndex]?.results.length ?? 0)
    while (blocks.depth > 0) this.#step(call)
    this.#state.locals = locals
    this.#call = outer
  }

  #checkFunction({ catches, tailCalls, locals }: Charges): void {
    if (catches || tailCalls || locals > MAX_LOCALS) throw new NotVectorizable('a function with handlers, tail calls or many locals')
  }

  #zeros(reader: Reader): readonly (Lanes | undefined)[] {
    const zeros: (Lanes | undefined)[] = []
    while (!reader.done) {
      const count = reader.u32('the number of locals')
      const byte = reader.byte('a type')
      if (byte <= LAST_REFERENCE) throw new NotVectorizable('a local that is no number')
      const type = NUMBERS[byte]
      for (let left = count; left > 0; left--) zeros.push(type && this.#zero(type))
    }
    return zeros
  }

  #zero(type: 'i32' | 'f32' | 'f64'): Lanes {
    const { graph } = this.#state
    const zero = new Uint8Array(8)
    if (type === 'f32') return constantF32(graph, zero)
    return type === 'f64' ? constantF64(graph, zero) : constantI32(graph, 0)
  }

  #step({ reader, instruction, costs, blocks }: Call): void {
    const state = this.#state
    if (++this.#steps > MAX_STEPS) throw new NotVectorizable('loops or calls that repeat too much')
    const at = reader.position
    if (state.active !== 'none') {
      const cost = costs.costAt(at)
      if (cost > 0) this.#charge(cost)
      for (const { shape, local } of costs.canonicalAt(at)) if (shape === 'f32' || shape === 'f64') this.#makeCanonical(local)
    }
    instruction.read()
    state.at = instruction.at
    const { opcode } = instruction
    if (opcode === OPCODE.brTable) this.#countLabels(instruction.labels.length)
    if (state.active === 'none') blocks.skip(opcode)
    else if (isNumeric(opcode)) this.#numeric(opcode)
    else if (!blocks.run(instruction, () => this.#results())) this.#run(opcode)
  }

  #countLabels(count: number): void {
    this.#labels += count
    if (this.#labels > MAX_LABELS) throw new NotVectorizable('too many labels of br_table')
  }

  #charge(cost: number): void {
    const state = this.#state
    this.maxCost += cost
    if (state.active === 'all') this.base += cost
    state.fuel.spend(state.active, cost)
  }

  /** Makes the last operand, or a local, canonical. */
  #makeCanonical(local: number | undefined): void {
    const { graph, locals } = this.#state
    if (local === undefined) this.#state.push(canonical(graph, this.#state.pop()))
    else locals[local] = canonical(graph, locals[local] as Lanes)
  }

  #numeric(opcode: number): void {
    const state = this.#state
    const { graph } = state
    if (isTruncation(opcode)) state.push(truncate(this.#partial(), opcode, state.pop()))
    else if (isUnary(opcode)) state.give(unary(graph, opcode, state.pop()), instructionName(opcode))
    else {
      const other = state.pop()
      const one = state.pop()
      if (isDivision(opcode)) state.give(divide(this.#partial(), opcode, one, other), 'a division by zero')
      else state.give(binary(graph, opcode, one, other), instructionName(opcode))
    }
  }

  /** What instructions that may trap need. */
  #partial(): Partial {
    const state = this.#state
    return { graph: state.graph, seen: state.seen, leave: (where, why) => state.leave(both(state.graph, state.active, where), why) }
  }

  #run(opcode: number): void {
    const state = this.#state
    const { instruction } = this.#now
    const { index } = instruction
    switch (opcode) {
      case OPCODE.nop:
        return
      case OPCODE.unreachable:
        state.cannot('unreachable')
        return
      case OPCODE.call:
        this.#callFunction(index)
        return
      case OPCODE.drop:
        state.pop()
        return
      case OPCODE.select:
      case OPCODE.selectTyped:
        this.#select()
        return
      case OPCODE.localGet:
        state.give(state.locals[index], 'a local that is no i32, f32 or f64')
        return
      case OPCODE.localSet:
        state.locals[index] = state.pop()
        return
      case OPCODE.localTee:
        state.locals[index] = state.operands.at(-1)
        return
      case OPCODE.globalGet:
        state.give(this.#global(index), 'a global that is no i32, f32 or f64')
        return
      case OPCODE.i32Const:
        state.push(constantI32(state.graph, signedAt(this.#now.reader.bytes, this.#now.instruction.at + 1)))
        return
      case OPCODE.f32Const:
        state.push(constantF32(state.graph, this.#immediate(4)))
        return
      case OPCODE.f64Const:
        state.push(constantF64(state.graph, this.#immediate(8)))
        return
      case OPCODE.bulk:
        if (instruction.number < SATURATING) state.push(truncated(state.graph, instruction.number, state.pop()))
        else state.cannot('a bulk instruction')
        return
      default:
        state.cannot(instructionName(opcode))
    }
  }

  #results(): number {
    const { blockType } = this.#now.instruction
    const type = blockType >= 0 ? this.#walked.module.types[blockType] : undefined
    if (type !== undefined && type.params.length > 0) throw new NotVectorizable('a block with parameters')
    return type?.results.length ?? (blockType === NO_RESULT ? 0 : 1)
  }

  #immediate(count: number): Uint8Array {
    const { instruction, reader } = this.#now
    return reader.bytes.subarray(instruction.at + 1, instruction.at + 1 + count)
  }

  #select(): void {
    const state = this.#state
    const condition = state.pop()
    const other = state.pop()
    const one = state.pop()
    if (condition.constant !== undefined) state.push(condition.constant === 0 ? other : one)
    else state.push(pick(state.graph, one, other, asMask(state.graph, condition)))
  }

  /** Globals are read anew after `update` was called, which may have written them. */
  #global(index: number): Lanes | undefined {
    const { graph } = this.#state
    const { module, globalShift } = this.#walked
    const kind = module.globals[index]?.value
    if (kind !== 'i32' && kind !== 'f32' && kind !== 'f64') return undefined
    const place = index < importedGlobals(module) ? index : index + globalShift
    const code = instructionOf((out) => out.byte(OPCODE.globalGet).u32(place))
    const node = graph.vector(SPLATS[kind], [graph.node(code, [], kind)])
    return { kind, nodes: kind === 'f64' ? [node, node] : [node] }
  }

  #callFunction(index: number): void {
    const { module, calls, asked } = this.#walked
    const state = this.#state
    const accessor = calls.get(index)?.accessor
    const address = asked.get(index)
    if (accessor !== undefined) access(state, this.#accessed, accessor)
    else if (address !== undefined) testComponent(state, this.#accessed, address)
    else if (index < this.#imported) state.cannot(`a call of ${module.imports[index]?.module} ${module.imports[index]?.name}`)
    else {
      const count = module.functions[index]?.params.length ?? 0
      this.#enter(index, state.operands.splice(state.operands.length - count), this.#now.level + 1)
    }
  }
}

/** Returns what to call an instruction that vectors cannot run. */
function instructionName(opcode: number): string {
  if (isLoad(opcode)) return 'a load from its own memory'
  if (isStore(opcode)) return 'a store to its own memory'
  if (opcode === OPCODE.globalSet) return 'global.set'
  if (opcode === OPCODE.callIndirect) return 'call_indirect'
  if (opcode === OPCODE.i64Const || (opcode >= 0x50 && opcode <= 0x5a) || (opcode >= 0x79 && opcode <= 0x8a)) return 'an i64'
  return `the instruction 0x${opcode.toString(16)}`
}
