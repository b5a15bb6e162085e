import { decodeInputs, encodeInputs, type GameInput } from '../../index.ts'
import { bitsDouble, doubleBits, FrameReader, FrameWriter, refuseFrame } from './frame-bytes.ts'

// An input as few bytes, which are the same each time that the input is. Most inputs are ticks and events; any other is as `encodeInputs` has it.

const TICK = 0
const EVENT = 1
const OTHER = 2
/** Numbers of an event that are written one by one, with a bit for each that says whether it is whole. */
const MAX_ARGS = 16
const MAX_NAMES = 4096

/** The names of events, by the number that stands for each. Both sides add the same ones, in the same order. */
export class EventNames {
  readonly all: string[] = []
  readonly #numbers: Map<string, number> = new Map()

  constructor(names: readonly string[] = []) {
    for (const name of names) this.add(name)
  }

  add(name: string): void {
    this.#numbers.set(name, this.all.length)
    this.all.push(name)
  }

  /** Returns the number of a name, a new one if need be; `undefined` if there are too many. */
  numberOf(name: string): number | undefined {
    if (!this.#numbers.has(name) && this.all.length < MAX_NAMES) this.add(name)
    return this.#numbers.get(name)
  }
}

/** Counts the ticks that stand beside inputs: those of most follow from the inputs before. */
export function tickAfter({ kind, tick }: GameInput): number {
  return kind === 'tick' ? tick + 1 : tick
}

/** Returns an input as bytes. `tick` is that which it has if nothing is said. */
export function encodeRecord(input: GameInput, tick: number, names: EventNames): Uint8Array {
  const out = new FrameWriter(16)
  if (input.tick === tick && input.kind === 'tick') {
    out.byte(TICK)
    writeDouble(out, input.dt)
    return out.finish()
  }
  if (input.tick === tick && input.kind === 'emit' && input.args.length <= MAX_ARGS && input.args.every((arg) => typeof arg === 'number')) {
    const number = names.numberOf(input.name)
    if (number !== undefined) {
      writeEvent(out, number, input.args as readonly number[])
      return out.finish()
    }
  }
  out.byte(OTHER)
  out.copy(encodeInputs([input]))
  return out.finish()
}

/** Returns the input that {@link encodeRecord} encoded. Throws `StateRejected` for other bytes. */
export function decodeRecord(bytes: Uint8Array, tick: number, names: readonly string[]): GameInput {
  const reader = new FrameReader(bytes)
  const kind = reader.byte()
  if (kind === OTHER) return decodeOther(reader.view(reader.left))
  if (kind !== TICK && kind !== EVENT) refuseFrame('an input is of no known kind')
  const input: GameInput = kind === TICK ? { kind: 'tick', dt: readDouble(reader), tick } : readEvent(reader, tick, names)
  reader.end()
  return input
}

function decodeOther(bytes: Uint8Array): GameInput {
  let inputs: readonly GameInput[]
  try {
    inputs = decodeInputs(bytes)
  } catch {
    return refuseFrame('it has an input that no game can have')
  }
  const [input] = inputs
  return input === undefined || inputs.length > 1 ? refuseFrame('an input is not alone') : input
}

function writeEvent(out: FrameWriter, name: number, args: readonly number[]): void {
  out.byte(EVENT)
  out.unsigned(name)
  out.byte(args.length)
  out.unsigned(args.reduce((bits, arg, index) => bits | (isWhole(arg) ? 1 << index : 0), 0))
  for (const arg of args) {
    if (isWhole(arg)) out.signed(arg)
    else writeDouble(out, arg)
  }
}

function readEvent(reader: FrameReader, tick: number, names: readonly string[]): GameInput {
  const name = names[reader.unsigned()]
  const length = reader.byte()
  const whole = reader.unsigned()
  if (name === undefined) return refuseFrame('an event has no name')
  if (length > MAX_ARGS || whole >>> length !== 0) refuseFrame('an event has too many numbers')
  const args = Array.from({ length }, (_, index) => ((whole >>> index) & 1 ? reader.signed() : readDouble(reader)))
  return { kind: 'emit', name, args, tick }
}

/** Returns whether a number is a signed integer of 32 bits. -0 is not: it would be read as 0. */
function isWhole(value: number): boolean {
  return Object.is(value | 0, value)
}

function writeDouble(out: FrameWriter, value: number): void {
  for (const half of doubleBits(value)) out.bits(half)
}

function readDouble(reader: FrameReader): number {
  return bitsDouble(reader.bits(), reader.bits())
}
