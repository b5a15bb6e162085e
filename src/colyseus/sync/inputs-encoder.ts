import { sameBytes } from '../../bytes.ts'
import { type GameInput, hashWorld, listComponents } from '../../index.ts'
import { changedCodes } from '../game/read-code.ts'
import { FrameWriter } from './frame-bytes.ts'
import { EventNames, encodeRecord, tickAfter } from './input-records.ts'
import { FRESH, FULL, HAS_HASH, HAS_MISSED, HAS_NAMES, HAS_OWN, PATCH } from './inputs-flags.ts'
import type { InputsDescription, Seat, SyncEncoder, SyncSource } from './sync.ts'

/** What the client of a seat has. */
interface SeatProgress {
  /** How many inputs of the room it has. */
  have: number
  /** Whether it has got no patch since its full state. */
  isFresh: boolean
  /** The ticks of the room, and the tick beside the next input, when it got its full state. */
  readonly tick: number
  readonly at: number
  own: number
  missed: number
  /** The inputs of its last patch. */
  before: readonly Uint8Array[]
}

/** Writes the frames of `inputs()`. */
export class InputsEncoder implements SyncEncoder {
  readonly description: InputsDescription
  readonly #source: SyncSource
  readonly #off: () => void
  readonly #names: EventNames = new EventNames()
  readonly #progress: Map<number, SeatProgress> = new Map()
  readonly #out: FrameWriter = new FrameWriter()
  /** The inputs since the last take. */
  #pending: Uint8Array[] = []
  /** Those between the last two takes. */
  #frame: readonly Uint8Array[] = []
  /** How many inputs there were before the frame, and in all. */
  #base = 0
  #count = 0
  /** How many names there were at the last take, and those that were new then. */
  #namesSent = 0
  #newNames: readonly string[] = []
  #tick = 0
  /** The tick beside the next input. */
  #at: number
  #hash: string | undefined
  #hashedAt = 0
  #snapshot: { readonly count: number; readonly bytes: Uint8Array } | undefined

  constructor(source: SyncSource, description: InputsDescription) {
    this.description = description
    this.#source = source
    const { runtime } = source.running
    this.#at = runtime.snapshot().tick
    this.#off = runtime.on('input', (input) => this.#add(input), { passive: true })
  }

  take(tick: number): void {
    this.#base = this.#count - this.#pending.length
    this.#frame = this.#pending
    this.#pending = []
    this.#newNames = this.#names.all.slice(this.#namesSent)
    this.#namesSent = this.#names.all.length
    this.#tick = tick
    const { hashEvery } = this.description
    const isDue = Math.floor(tick / hashEvery) > Math.floor(this.#hashedAt / hashEvery)
    this.#hash = isDue ? this.#hashWorld() : undefined
    if (isDue) this.#hashedAt = tick
  }

  full(seat: Seat): Uint8Array {
    const { entity, waiting, missed } = seat
    this.#progress.set(seat.index, { have: this.#count, isFresh: true, tick: this.#tick, at: this.#at, own: entity, missed, before: [] })
    const out = this.#out
    out.length = 0
    out.byte(FULL)
    out.unsigned(this.#tick)
    out.unsigned(entity)
    out.unsigned(waiting)
    out.unsigned(missed)
    out.copy(this.#takeSnapshot())
    return out.view()
  }

  patch(seat: Seat): Uint8Array {
    const progress = this.#progress.get(seat.index)
    // Who missed a patch begins again.
    if (progress === undefined || progress.have < this.#base) return this.full(seat)
    const { isFresh } = progress
    // Who joined between two takes has a part of the inputs from its full state.
    const inputs = progress.have === this.#base ? this.#frame : this.#frame.slice(progress.have - this.#base)
    const out = this.#out
    out.length = 0
    const flags =
      PATCH |
      (isFresh ? FRESH : 0) |
      (this.#hash === undefined ? 0 : HAS_HASH) |
      (progress.own === seat.entity ? 0 : HAS_OWN) |
      (progress.missed === seat.missed ? 0 : HAS_MISSED) |
      (isFresh || this.#newNames.length === 0 ? 0 : HAS_NAMES)
    out.byte(flags)
    if (isFresh) {
      out.unsigned(progress.tick)
      out.unsigned(progress.at)
      writeNames(out, this.#names.all.slice(0, this.#namesSent))
    }
    if ((flags & HAS_NAMES) !== 0) writeNames(out, this.#newNames)
    if ((flags & HAS_OWN) !== 0) out.unsigned(seat.entity)
    out.unsigned(seat.waiting)
    if ((flags & HAS_MISSED) !== 0) out.unsigned(seat.missed)
    if (this.#hash !== undefined) writeHash(out, this.#hash)
    writeInputs(out, inputs, progress.before)
    progress.have = this.#base + this.#frame.length
    progress.before = inputs
    progress.isFresh = false
    progress.own = seat.entity
    progress.missed = seat.missed
    return out.view()
  }

  leave(seat: Seat): void {
    this.#progress.delete(seat.index)
  }

  dispose(): void {
    this.#off()
  }

  #add(input: GameInput): void {
    if (input.tick < this.#at) this.#restart(input.tick)
    this.#pending.push(encodeRecord(input, this.#at, this.#names))
    this.#at = tickAfter(input)
    this.#count++
    if (input.kind === 'tick') this.#tick++
  }

  /**
   * Has clients begin again whose full state is of a tick that the game went back over, to `tick`: a snapshot does not hold what a probation goes back to, so
   * they cannot go back by themselves.
   */
  #restart(tick: number): void {
    for (const [index, { at }] of this.#progress) if (at >= tick) this.#progress.delete(index)
  }

  #hashWorld(): string {
    const { world, runtime, relations } = this.#source.running
    return hashWorld(world, listComponents(runtime as never), relations)
  }

  /** Returns the game as bytes: the code that is not the game's own, then a snapshot. Clients that join between the same two inputs share them. */
  #takeSnapshot(): Uint8Array {
    if (this.#snapshot?.count !== this.#count) this.#snapshot = { count: this.#count, bytes: this.#encodeGame() }
    return this.#snapshot.bytes
  }

  #encodeGame(): Uint8Array {
    const { running, game } = this.#source
    const codes = changedCodes(running.runtime as never, game)
    const out = new FrameWriter(1024)
    out.unsigned(codes.size)
    for (const [name, code] of codes) {
      writeBytes(out, new TextEncoder().encode(name))
      writeBytes(out, code)
    }
    out.copy(running.runtime.snapshot().toBytes())
    return out.finish()
  }
}

function writeNames(out: FrameWriter, names: readonly string[]): void {
  out.unsigned(names.length)
  for (const name of names) writeBytes(out, new TextEncoder().encode(name))
}

function writeBytes(out: FrameWriter, bytes: Uint8Array): void {
  out.unsigned(bytes.length)
  out.copy(bytes)
}

function writeHash(out: FrameWriter, hash: string): void {
  for (let digit = 0; digit < 16; digit += 2) out.byte(Number.parseInt(hash.slice(digit, digit + 2), 16))
}

/** Writes inputs: which of them are the same as those before, as bits, then the others. */
function writeInputs(out: FrameWriter, inputs: readonly Uint8Array[], before: readonly Uint8Array[]): void {
  out.unsigned(inputs.length)
  const isSame = inputs.map((input, index) => sameBytes(input, before[index] ?? EMPTY))
  for (let first = 0; first < inputs.length; first += 8) {
    out.byte(isSame.slice(first, first + 8).reduce((bits, same, bit) => bits | (same ? 1 << bit : 0), 0))
  }
  for (const [index, input] of inputs.entries()) {
    if (!isSame[index]) writeBytes(out, input)
  }
}

const EMPTY = new Uint8Array(0)
