import * as INSERTION from './insertion-kinds.ts'
import { Junctions } from './junctions.ts'

export { INSERTION }

export type InsertionKind = (typeof INSERTION)[keyof typeof INSERTION]

/**
 * The code that metering adds to the functions of a module, by number: one range of numbers for each function, in order of offsets. A large
 * module has hundreds of thousands, so they are columns of numbers and not objects.
 */
export class Insertions {
  length = 0
  /** The offset of the instruction before which the code is inserted. */
  at: Int32Array
  kind: Uint8Array
  argument: Float64Array
  /** The arguments before charges were spread over the blocks of their functions. */
  unspread: Float64Array | undefined
  /** For an `entry`, a `loop` and a `call`: 1 if the fuel is checked. */
  isChecked: Uint8Array
  /** For a charge: the junctions where its basic block begins and ends, and how often the block is expected to run. */
  from: Int32Array
  to: Int32Array
  frequency: Float32Array
  readonly junctions: Junctions = new Junctions()

  /** `room` is the number of insertions that are expected. */
  constructor(room: number = FEW) {
    this.at = new Int32Array(room)
    this.kind = new Uint8Array(room)
    this.argument = new Float64Array(room)
    this.isChecked = new Uint8Array(room)
    this.from = new Int32Array(room)
    this.to = new Int32Array(room)
    this.frequency = new Float32Array(room)
  }

  /** Appends an insertion and returns its number. */
  add(at: number, kind: InsertionKind, argument: number): number {
    const number = this.length
    if (number === this.at.length) this.#grow()
    this.at[number] = at
    this.kind[number] = kind
    this.argument[number] = argument
    this.isChecked[number] = kind === INSERTION.entry || kind === INSERTION.loop ? 1 : 0
    this.length = number + 1
    return number
  }

  /** Adds units of fuel to a charge. */
  pay(charge: number, units: number): void {
    this.argument[charge] = (this.argument[charge] as number) + units
  }

  #grow(): void {
    const { at, kind, argument, isChecked, from, to, frequency } = this
    const grown = new Insertions(2 * at.length)
    this.at = grown.at
    this.kind = grown.kind
    this.argument = grown.argument
    this.isChecked = grown.isChecked
    this.from = grown.from
    this.to = grown.to
    this.frequency = grown.frequency
    this.at.set(at)
    this.kind.set(kind)
    this.argument.set(argument)
    this.isChecked.set(isChecked)
    this.from.set(from)
    this.to.set(to)
    this.frequency.set(frequency)
  }
}

/** Returns whether an insertion of a kind pays for a basic block. */
export function isCharge(kind: number | undefined): boolean {
  return kind === INSERTION.entry || kind === INSERTION.loop || kind === INSERTION.block
}

/** Room for the insertions of a few functions. */
const FEW = 64
