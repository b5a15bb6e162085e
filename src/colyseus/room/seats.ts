import type { Client } from '@colyseus/core'
import type { RunningGame } from '../game/start-game.ts'
import type { Seat } from '../sync/sync.ts'

/** A place in a room, and its client. */
export class RoomSeat implements Seat {
  readonly index: number
  /** The secret with which the client may come back, if it has one. */
  readonly ticket: string | undefined
  /** The client; `undefined` while it is away. */
  client: Client | undefined
  /** The inputs of the client that wait for their tick. */
  waiting = 0
  /** The ticks so far for which no input of the client came in time. */
  missed = 0
  /** The newest input. It is used again where none came in time. */
  lastInput: object | undefined
  /** The tick of the room after which the seat is given up, unless the client is in the room. */
  heldUntil: number = Number.POSITIVE_INFINITY
  readonly #running: RunningGame
  #entity = 0
  #version = 0

  constructor(running: RunningGame, index: number, ticket: string | undefined, client: Client | undefined) {
    this.#running = running
    this.index = index
    this.ticket = ticket
    this.client = client
  }

  get id(): string {
    return this.client?.sessionId ?? ''
  }

  /** The entity that the seat plays; 0 if it has none, or that was removed. */
  get entity(): number {
    return this.#entity !== 0 && this.#running.runtime.version(this.#entity) === this.#version ? this.#entity : 0
  }

  set entity(entity: number) {
    this.#entity = entity
    this.#version = entity === 0 ? 0 : this.#running.runtime.version(entity)
  }
}

/** A seat as it is kept. */
export interface KeptSeat {
  readonly index: number
  readonly ticket: string
  readonly entity: number
}

/** The seats of a room. */
export class Seats {
  readonly #running: RunningGame
  readonly #seats: (RoomSeat | undefined)[] = []

  constructor(running: RunningGame) {
    this.#running = running
  }

  *[Symbol.iterator](): Generator<RoomSeat> {
    for (const seat of this.#seats) if (seat !== undefined) yield seat
  }

  of(client: Client): RoomSeat | undefined {
    return this.#seats.find((seat) => seat?.client?.sessionId === client.sessionId)
  }

  withTicket(ticket: string): RoomSeat | undefined {
    return this.#seats.find((seat) => seat?.ticket === ticket)
  }

  /** Gives a client the lowest seat that is free. */
  add(client: Client, ticket: string | undefined): RoomSeat {
    const free = this.#seats.indexOf(undefined)
    const index = free < 0 ? this.#seats.length : free
    const seat = new RoomSeat(this.#running, index, ticket, client)
    this.#seats[index] = seat
    return seat
  }

  has(seat: RoomSeat): boolean {
    return this.#seats[seat.index] === seat
  }

  remove(seat: RoomSeat): void {
    if (this.has(seat)) this.#seats[seat.index] = undefined
  }

  /** Returns the seats whose clients can come back in another process. */
  keep(): KeptSeat[] {
    return [...this].flatMap(({ index, ticket, entity }) => (ticket === undefined ? [] : [{ index, ticket, entity }]))
  }

  /** Takes seats that were kept, in place of all. Their clients are away. */
  restore(kept: readonly KeptSeat[]): void {
    this.#seats.length = 0
    for (const { index, ticket, entity } of kept) {
      while (this.#seats.length <= index) this.#seats.push(undefined)
      const seat = new RoomSeat(this.#running, index, ticket, undefined)
      seat.entity = entity
      this.#seats[index] = seat
    }
  }
}
