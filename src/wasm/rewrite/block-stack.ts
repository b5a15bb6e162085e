import { checkCount, MAX_NESTED } from '../format/bounds.ts'

/** No insertion. */
export const NONE = -1
/** More than any offset or number of blocks, and an integer, which engines compare faster than infinity. */
export const NOWHERE = 0x3fff_ffff

/** After the code of a charge, exactly one of two others follows. */
export interface Fork {
  readonly charge: number
  readonly arm: number
  readonly other: number
  /** The offset at which both ways meet; {@link NOWHERE} if they do not. */
  endsAt: number
}

/** An open block. Frames of closed blocks are used again, since a large module has very many blocks. */
export interface Frame {
  opcode: number
  /** The charge for the code before the block. */
  charge: number
  /** The number of operands below the block. */
  height: number
  results: number
  /** The number of operands that a branch to the block carries: the parameters of a loop, the results of other blocks. */
  carried: number
  /** Whether the start of the block is reachable. */
  isEntered: boolean
  /** How many reachable branches go to the end of the block. */
  branches: number
  /** The outermost open block, by number, that a reachable branch or `return` inside goes to. */
  leavesTo: number
  /** The offset behind the last branch to it, if it is a loop. */
  startsAgainAt: number
  /** Whether the fuel global is up to date at each way to the end of the block so far. */
  isSaved: boolean
  /** The charge for the first arm of an `if`; {@link NONE} before it begins. */
  arm: number
  /** The place of the loop in the counted loops, if it is one; else {@link NONE}. */
  loop: number
  /** The two arms of an `if`. */
  ways: Fork | undefined
  /** The junction at its end, or at its start if it is a loop. */
  junction: number
  /** The junction where the arms of an `if` begin. */
  fork: number
  /** How often the code before it is expected to run, and its end to be reached. */
  frequency: number
  reached: number
  /** The charges where the only branch to its end so far divides the code: before it, and behind it. {@link NONE} if there is none. */
  forkCharge: number
  forkArm: number
}

function createFrame(): Frame {
  return {
    opcode: 0,
    charge: NONE,
    height: 0,
    results: 0,
    carried: 0,
    isEntered: false,
    branches: 0,
    leavesTo: NOWHERE,
    startsAgainAt: 0,
    isSaved: false,
    arm: NONE,
    loop: NONE,
    ways: undefined,
    junction: NONE,
    fork: NONE,
    frequency: 0,
    reached: 0,
    forkCharge: NONE,
    forkArm: NONE,
  }
}

/** The blocks that are open at an instruction of a function. */
export class BlockStack {
  /** The frames of the open blocks, and behind them those of closed ones. */
  readonly #frames: Frame[] = []
  depth = 0

  /** The innermost block. */
  get top(): Frame {
    return this.#frames[this.depth - 1] as Frame
  }

  /** The block of a number, from the outermost, which is 0. */
  at(number: number): Frame {
    return this.#frames[number] as Frame
  }

  /** Opens a block, whose frame still has what the last block of this depth had. */
  push(): Frame {
    if (this.depth === this.#frames.length) this.#frames.push(createFrame())
    const frame = this.#frames[this.depth++] as Frame
    if (this.depth > MAX_NESTED) checkCount('nested blocks', this.depth, MAX_NESTED)
    return frame
  }

  pop(): void {
    this.depth--
  }
}
