import type { Frame } from './block-stack.ts'
import type { Insertions } from './insertions.ts'

/** How many rounds a loop is expected to run. */
const ROUNDS = 8
/** More often than this, frequencies are not told apart. */
const MAX_FREQUENCY = 1e9

/** Where the code of a function leads, up to an instruction, and how often it is expected to run: half as often behind each branch. */
export class ControlFlow {
  /** How often the current code is expected to run. */
  frequency = 1
  /** Whether it is noted that the current code may end the function. */
  isFirm = false

  readonly #insertions: Insertions
  /** The junction to which the current code leads. */
  #junction: number

  constructor(insertions: Insertions) {
    this.#insertions = insertions
    this.#junction = insertions.junctions.add()
  }

  /** Begins the basic block of a charge, at the current junction. */
  begin(charge: number): void {
    const { from, to, frequency, junctions } = this.#insertions
    from[charge] = this.#junction
    to[charge] = junctions.add()
    frequency[charge] = this.frequency
    this.#goTo(to[charge] as number)
  }

  /** Notes that the current code may end the function. */
  act(): void {
    this.isFirm = true
    this.#insertions.junctions.makeFirm(this.#junction)
  }

  /** Opens the function. Where it ends its caller goes on, as before it. */
  enter(frame: Frame): void {
    frame.junction = this.#junction
  }

  /** Opens a block. */
  open(frame: Frame): void {
    frame.junction = this.#insertions.junctions.add()
    frame.fork = this.#junction
    frame.frequency = this.frequency
    frame.reached = 0
  }

  /** Goes on behind a branch that may be taken instead. */
  halve(): void {
    this.frequency /= 2
  }

  /** Goes on with the second arm of an `if`. */
  otherwise({ fork, frequency }: Frame): void {
    this.#goTo(fork)
    this.frequency = frequency / 2
  }

  /** Leads the current code to the end of a block, or to the start of a loop. */
  lead(frame: Frame, frequency: number = this.frequency): void {
    this.#insertions.junctions.join(this.#junction, frame.junction)
    frame.reached += frequency
  }

  /** Leads the code before an `if` to its end. */
  pass(frame: Frame): void {
    this.#insertions.junctions.join(frame.fork, frame.junction)
    frame.reached += frame.frequency / 2
  }

  /** Goes on with the round of a loop. */
  repeat({ junction }: Frame): void {
    this.#goTo(junction)
    this.frequency = Math.min(ROUNDS * this.frequency, MAX_FREQUENCY)
  }

  /** Goes on behind a loop. */
  leaveLoop({ frequency }: Frame): void {
    this.frequency = frequency
  }

  /** Goes on behind the end of another block, which is not always reached if it `isLeft`. */
  close({ junction, reached, frequency }: Frame, isLeft: boolean): void {
    this.#goTo(junction)
    this.frequency = isLeft ? reached : frequency
  }

  #goTo(junction: number): void {
    this.#junction = junction
    this.isFirm = false
  }
}
