import { InstructionReader } from '../../decode/instructions.ts'
import { OPCODE, VECTOR } from '../../format/opcodes.ts'
import { Reader } from '../../format/reader.ts'
import type { Node } from './graph.ts'
import type { Exit, LaneState } from './lane-state.ts'
import { type Active, asI32, asMask, constantI32 } from './lanes.ts'

/** An open block. */
interface Frame {
  readonly kind: 'function' | 'round' | 'block' | 'loop' | 'if' | 'dead'
  readonly results: number
  /** The number of operands below the block. */
  readonly height: number
  /** The number of arms that are open around it. */
  readonly arms: number
  /** The lanes that came to its start. */
  entry: Active
  readonly exits: Exit[]
  /** Whether some lanes branch out of it to a block around it. */
  isEscaped: boolean
  /** For a loop, the offset of its first instruction, and the rounds so far. */
  readonly start: number
  rounds: number
  /** For an `if` before its `else`, what the lanes know that do not meet the condition. */
  otherwise?: Exit | undefined
  /** For an `if`, whether the code of the present branch is an arm. */
  isArm?: boolean
}

/** A branch of an `if` that is passed over if no lane takes it. */
export interface Arm {
  readonly entry: Active
  /** The exits to blocks around it, each with the number of arms around the block. */
  readonly exits: { readonly exit: Exit; readonly arms: number }[]
}

/** Branches with at least so many instructions are passed over if no lane takes them. Shorter ones are computed at any rate. */
const ARM_INSTRUCTIONS = 6
const MAX_ROUNDS = 64
const PARTED = 'a loop whose rounds differ between entities'
const ENDED = 'the end of the loop'

/**
 * The open blocks of a function. Lanes part at branches: each way is walked in turn with the lanes that take it, and they meet
 * where the block ends that they branched to.
 */
export class OpenBlocks {
  readonly #state: LaneState
  readonly #reader: Reader
  /** The open arms of all functions. */
  readonly #arms: Arm[]
  readonly #frames: Frame[] = []

  constructor(state: LaneState, reader: Reader, arms: Arm[]) {
    this.#state = state
    this.#reader = reader
    this.#arms = arms
  }

  /** The number of open blocks. */
  get depth(): number {
    return this.#frames.length
  }

  get #top(): Frame {
    return this.#frames.at(-1) as Frame
  }

  /** Runs an instruction that opens or ends a block or branches. `results` returns how many results its block has. Returns whether it is one. */
  run({ opcode, labels }: InstructionReader, results: () => number): boolean {
    switch (opcode) {
      case OPCODE.block:
        this.open('block', results())
        return true
      case OPCODE.loop:
        this.open('loop', results())
        return true
      case OPCODE.if:
        this.#openIf(results())
        return true
      case OPCODE.else:
        this.#otherwise()
        return true
      case OPCODE.end:
        this.#close()
        return true
      case OPCODE.br:
        this.#branch(labels[0] as number)
        return true
      case OPCODE.brIf:
        this.#branchIf(labels[0] as number)
        return true
      case OPCODE.brTable:
        this.#branchTable(labels)
        return true
      case OPCODE.return:
        this.#branch(this.#frames[0]?.kind === 'round' ? this.#frames.length : this.#frames.length - 1)
        return true
      default:
        return false
    }
  }

  /** Passes over an instruction that no lane runs. */
  skip(opcode: number): void {
    // No lane enters the block.
    if (opcode === OPCODE.block || opcode === OPCODE.loop || opcode === OPCODE.if) this.open('dead', 0)
    else if (opcode === OPCODE.else) this.#otherwise()
    else if (opcode === OPCODE.end) this.#close()
  }

  open(kind: Frame['kind'], results: number): Frame {
    const frame: Frame = {
      kind,
      results,
      height: this.#state.operands.length,
      arms: this.#arms.length,
      entry: this.#state.active,
      exits: [],
      isEscaped: false,
      start: this.#reader.position,
      rounds: 0,
    }
    this.#frames.push(frame)
    return frame
  }

  #openIf(results: number): void {
    const state = this.#state
    const condition = this.#condition()
    const frame = this.open('if', results)
    const [active, rest] = state.part(condition)
    frame.otherwise = state.exit(0, rest)
    state.active = active
    this.#openArm(frame)
  }

  /** Goes on with the `else` of the innermost block, if it is entered. */
  #otherwise(): void {
    const frame = this.#top
    if (frame.kind === 'dead') return
    this.#closeBranch(frame)
    const other = frame.otherwise as Exit
    frame.otherwise = undefined
    this.#state.operands.length = frame.height
    this.#state.resume(other)
    this.#openArm(frame)
  }

  #close(): void {
    const state = this.#state
    const frame = this.#top
    if (frame.kind === 'if') {
      this.#closeBranch(frame)
      if (frame.otherwise !== undefined) frame.exits.push(frame.otherwise)
    } else if (frame.kind === 'round') state.leave(state.active, ENDED)
    else if (state.active !== 'none' && frame.kind !== 'loop') frame.exits.push(state.exit(frame.results))
    this.#frames.pop()
    // The end of a loop is reached from the code before it alone.
    if (frame.kind === 'loop' || frame.kind === 'dead') return
    state.operands.length = frame.height
    const met = state.meet(frame.exits)
    if (met === undefined) state.active = 'none'
    else state.resume(frame.isEscaped ? met : { ...met, active: frame.entry })
  }

  /** Branches with all lanes. Those that branch out of the loop whose rounds they are leave the group. */
  #branch(label: number): void {
    const frame = this.#frames.at(-1 - label)
    if (frame?.kind === 'loop') this.#again(frame, label)
    else {
      this.#leaveBlock(label, this.#state.active)
      this.#state.active = 'none'
    }
  }

  #branchIf(label: number): void {
    const state = this.#state
    const condition = this.#condition()
    if (condition === 'none') return
    if (condition === 'all') {
      this.#branch(label)
      return
    }
    const [taken, rest] = state.part(condition)
    this.#leaveBlock(label, taken)
    state.active = rest
  }

  #branchTable(labels: readonly number[]): void {
    const state = this.#state
    const { graph } = state
    const operand = asI32(graph, state.pop())
    if (operand.constant !== undefined) {
      this.#branch(labels[Math.min(operand.constant >>> 0, labels.length - 1)] as number)
      return
    }
    state.tables++
    for (const [place, label] of labels.slice(0, -1).entries()) {
      const lanes = graph.vector(VECTOR.equalI32, [operand.nodes[0], constantI32(graph, place).nodes[0]])
      const [taken, rest] = state.part(lanes)
      this.#leaveBlock(label, taken)
      state.active = rest
    }
    this.#leaveBlock(labels.at(-1) as number, state.active)
    state.active = 'none'
  }

  /** Returns the lanes in which the last operand is not 0. */
  #condition(): Active {
    const operand = this.#state.pop()
    if (operand.constant !== undefined) return operand.constant === 0 ? 'none' : 'all'
    return asMask(this.#state.graph, operand)
  }

  /** Branches to the end of a block with some of the lanes. */
  #leaveBlock(label: number, lanes: Active): void {
    if (lanes === 'none') return
    const frame = this.#frames.at(-1 - label)
    if (frame === undefined || frame.kind === 'loop') {
      this.#state.leave(lanes, frame === undefined ? ENDED : PARTED)
      return
    }
    const exit = this.#state.exit(frame.results, lanes)
    frame.exits.push(exit)
    this.#exportLater(exit, frame.arms)
    for (let inner = 0; inner < label; inner++) (this.#frames.at(-1 - inner) as Frame).isEscaped = true
  }

  /** Begins another round of a loop, whose code is repeated. */
  #again(frame: Frame, label: number): void {
    const state = this.#state
    const waits = ({ active }: Exit): boolean => active !== 'none'
    const inner = this.#frames.slice(this.#frames.length - label)
    const isParted = inner.some(({ exits, otherwise }) => exits.some(waits) || (otherwise !== undefined && waits(otherwise)))
    if (isParted || frame.arms !== this.#arms.length) state.cannot(PARTED)
    else if (++frame.rounds > MAX_ROUNDS) state.cannot(`a loop of more than ${MAX_ROUNDS} rounds`)
    else {
      this.#frames.length -= label
      frame.entry = state.active
      state.operands.length = frame.height
      this.#reader.position = frame.start
    }
  }

  #openArm(frame: Frame): void {
    const { active } = this.#state
    frame.isArm = active !== 'all' && active !== 'none' && this.#isLong()
    if (!frame.isArm) return
    this.#state.openArm()
    this.#arms.push({ entry: active, exits: [] })
  }

  /** Returns whether the branch of an `if` that follows has many instructions. */
  #isLong(): boolean {
    const ahead = new Reader(this.#reader.bytes, { start: this.#reader.position, end: this.#reader.end })
    const instruction = new InstructionReader(ahead)
    let nested = 0
    for (let count = 0; count < ARM_INSTRUCTIONS; count++) {
      instruction.read()
      const { opcode } = instruction
      if (nested === 0 && (opcode === OPCODE.end || opcode === OPCODE.else)) return false
      if (opcode === OPCODE.block || opcode === OPCODE.loop || opcode === OPCODE.if) nested++
      else if (opcode === OPCODE.end) nested--
    }
    return true
  }

  /** Ends a branch of an `if`. Masks of lanes that go on are known outside, where none are if the branch was passed over. */
  #closeBranch(frame: Frame): void {
    const state = this.#state
    const { graph } = state
    const exit = state.active === 'none' ? undefined : state.exit(frame.results)
    if (exit !== undefined) frame.exits.push(exit)
    if (!frame.isArm) return
    const { entry, exits } = this.#arms.pop() as Arm
    if (exit !== undefined && exit.active !== entry) exit.active = graph.exportZeroed(exit.active as Node)
    for (const { exit: other, arms } of exits) {
      other.active = graph.exportZeroed(other.active as Node)
      this.#exportLater(other, arms)
    }
    state.closeArm()
  }

  /** Notes that an exit of the innermost arm is seen outside of it. `arms` is the number of arms around the block. */
  #exportLater(exit: Exit, arms: number): void {
    if (this.#arms.length > arms) this.#arms.at(-1)?.exits.push({ exit, arms })
  }
}
