import type { InputAPI } from '@colyseus/core'
import { isRecord } from '../../options.ts'
import type { RunningGame } from '../game/start-game.ts'
import { TICK_FIELD } from '../sync/room-messages.ts'
import type { SyncEncoder } from '../sync/sync.ts'
import { ClientState, debugAndPrintError } from './colyseus-core.ts'
import type { RoomKeeping } from './room-keeping.ts'
import type { RoomMetrics } from './room-metrics.ts'
import type { RoomSeat, Seats } from './seats.ts'

/** What a loop runs. */
export interface RoomLoopOptions {
  readonly running: RunningGame
  readonly seats: Seats
  readonly encoder: SyncEncoder
  readonly keeping: RoomKeeping
  readonly metrics: RoomMetrics
  readonly hz: number
  readonly patchEvery: number
  /** The inputs of the room by session; `undefined` if it takes none. */
  readonly inputs: InputAPI | undefined
  readonly onInput: (seat: RoomSeat, input: object) => void
  /** Called for a seat whose client has been away, or has not said that it joined, for too long. */
  readonly onAway: (seat: RoomSeat) => void
  /** Sends clients their patches. */
  readonly broadcast: () => void
  /** Milliseconds of a clock that does not go back. */
  readonly now: () => number
}

/** Ticks that are run at once after a pause. Further ones are left out. */
const MAX_OWED = 5

/** Runs the ticks of a room: inputs, the game, what is kept of it, what is sent. */
export class RoomLoop {
  readonly #options: RoomLoopOptions
  /** What is to be done after a tick, in order. */
  readonly #works: { readonly tick: number; readonly work: () => Promise<void> }[] = []
  #tick: number
  #owed = 0
  #holds = 0
  #isStopped = false
  #expected = Number.NaN

  constructor(options: RoomLoopOptions, tick: number) {
    this.#options = options
    this.#tick = tick
  }

  /** Ticks completed. */
  get tick(): number {
    return this.#tick
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Runs the next tick, and those that could not run when they were due. */
  step(): void {
    const { keeping } = this.#options
    if (this.#isStopped) return
    this.#owed = Math.min(this.#owed + 1, MAX_OWED)
    this.#measureLateness()
    keeping.heed(this.#tick)
    while (this.#owed > 0 && this.#holds === 0 && !this.#isStopped && keeping.claim.state === 'held') {
      this.#owed--
      this.#run()
    }
  }

  /** Calls `work` after a tick; at once if it was already. No tick begins until its promise is settled. */
  afterTick(tick: number, work: () => Promise<void>): void {
    this.#works.push({ tick, work })
    if (this.#holds === 0) this.#doWorks()
  }

  /** Runs no more ticks. */
  stop(): void {
    this.#isStopped = true
    this.#works.length = 0
  }

  #run(): void {
    const { running, metrics, keeping, hz, now } = this.#options
    const begin = now()
    this.#tick++
    for (const seat of this.#options.seats) this.#attempt(() => this.#runSeat(seat))
    const { fuel } = running.runtime.tick(1 / hz)
    metrics.ticks++
    metrics.fuel += fuel
    const kept = keeping.append(this.#tick)
    if (kept === undefined) this.#finish()
    else this.#hold(kept.then(() => this.#finish()))
    const seconds = (now() - begin) / 1000
    metrics.tickSeconds += seconds
    metrics.maxTickSeconds = Math.max(metrics.maxTickSeconds, seconds)
  }

  /** Sends what the tick did, then does what was to be done after it. */
  #finish(): void {
    if (this.#isStopped) return
    if (this.#tick % this.#options.patchEvery === 0) {
      this.#options.encoder.take(this.#tick)
      this.#options.broadcast()
    }
    this.#doWorks()
  }

  #doWorks(): void {
    for (let index = 0; index < this.#works.length; ) {
      const { tick, work } = this.#works[index] as { readonly tick: number; readonly work: () => Promise<void> }
      if (tick > this.#tick) index++
      else {
        this.#works.splice(index, 1)
        this.#hold(work())
      }
    }
  }

  #hold(promise: Promise<void>): void {
    this.#holds++
    promise
      // A lost claim stops the room by itself.
      .catch((error: unknown) => this.#isStopped || debugAndPrintError(error as Error))
      .finally(() => {
        this.#holds--
        if (this.#holds === 0) this.#doWorks()
      })
  }

  #runSeat(seat: RoomSeat): void {
    const isAway = seat.client === undefined || seat.client.state === ClientState.JOINING
    if (isAway && this.#tick > seat.heldUntil) this.#options.onAway(seat)
    else this.#takeInput(seat)
  }

  /** Does what the room of a game says. If that throws, the room runs on. */
  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      debugAndPrintError(error as Error)
    }
  }

  #takeInput(seat: RoomSeat): void {
    const { inputs, metrics } = this.#options
    if (inputs === undefined || seat.client === undefined) return
    const waiting = inputs.get(seat.client.sessionId)
    const latest: unknown = waiting.latest
    const isTicked = isRecord(latest) && TICK_FIELD in latest
    const input = isTicked ? this.#inputOfTick(waiting) : waiting.next()
    seat.waiting = waiting.size
    if (input !== undefined) {
      metrics.inputs++
      seat.lastInput = input
    } else if (isTicked ? this.#isLate(latest[TICK_FIELD] as number) : seat.lastInput !== undefined) {
      seat.missed++
      metrics.missed++
    }
    if (seat.lastInput !== undefined) this.#options.onInput(seat, seat.lastInput)
  }

  /** Returns the input for this tick. Those for ticks before are too late; nobody predicts as far ahead as two seconds. */
  #inputOfTick(waiting: ReturnType<InputAPI['get']>): object | undefined {
    while (waiting.size > 0) {
      const tick = waiting.peek()[0][TICK_FIELD] as number
      if (tick > this.#tick && tick <= this.#tick + 2 * this.#options.hz) return undefined
      const input = waiting.next() as object
      if (tick === this.#tick) return input
    }
    return undefined
  }

  /** Whether the newest input is for a tick before this one. If it is for a later one, the client is not late: it left this tick out, or is too far ahead. */
  #isLate(tick: number): boolean {
    return tick > 0 && tick < this.#tick
  }

  #measureLateness(): void {
    const { metrics, now, hz } = this.#options
    const at = now()
    if (at > this.#expected) metrics.lateSeconds += (at - this.#expected) / 1000
    this.#expected = at + 1000 / hz
  }
}
