import type { Client } from '@colyseus/core'
import { MOVED } from '../sync/room-messages.ts'
import type { SyncEncoder } from '../sync/sync.ts'
import { CloseCode, ServerError } from './colyseus-core.ts'
import type { RoomSeat, Seats } from './seats.ts'

/** What a {@link Seating} needs of its room. */
export interface SeatingOptions {
  readonly seats: Seats
  readonly encoder: Pick<SyncEncoder, 'leave'>
  /** Returns the tick after which a seat is given up that is held from now on. */
  readonly holdUntil: () => number
  /** Gives a seat an entity, and returns it. */
  readonly onSeat: (seat: RoomSeat, options: unknown) => number | Promise<number>
  /** Called when a seat is given up. */
  readonly onUnseat: (seat: RoomSeat) => void
  /** Called after each change, with whether a seat is held for a client that is away. */
  readonly onChange: (isHeld: boolean) => void
}

/** Gives clients their seats, holds those of clients that are away, and gives them up. */
export class Seating {
  readonly #options: SeatingOptions

  constructor(options: SeatingOptions) {
    this.#options = options
  }

  /** Holds all seats for their clients, which have not come yet. */
  holdAll(): void {
    for (const seat of this.#options.seats) this.#hold(seat)
    this.#tell()
  }

  /** Gives a client a seat, or the one that its ticket names. `options` are what it joined with. */
  async join(client: Client, ticket: string | undefined, options: unknown): Promise<void> {
    const { seats } = this.#options
    const kept = ticket === undefined ? undefined : seats.withTicket(ticket)
    if (kept !== undefined) this.#reseat(kept, client)
    else await this.#seat(seats.add(client, ticket), options)
    this.#tell()
  }

  /** Holds the seat of a client that lost its connection, if it can come back. */
  drop(client: Client): void {
    const seat = this.#options.seats.of(client)
    if (seat?.ticket === undefined) return
    seat.client = undefined
    this.#hold(seat)
    this.#tell()
  }

  /** Gives the seat of a client up, if it has one. */
  leave(client: Client): void {
    const seat = this.#options.seats.of(client)
    if (seat !== undefined) this.#unseat(seat)
  }

  /** Gives a seat up that was held for too long. */
  giveUp(seat: RoomSeat): void {
    const { client } = seat
    try {
      this.#unseat(seat)
    } finally {
      client?.leave(CloseCode.WITH_ERROR)
    }
  }

  async #seat(seat: RoomSeat, options: unknown): Promise<void> {
    const { seats, onSeat, onUnseat } = this.#options
    this.#hold(seat)
    try {
      seat.entity = await onSeat(seat, options)
    } catch (error) {
      seats.remove(seat)
      throw error
    }
    if (seats.has(seat)) return
    // It was given up meanwhile, without its entity.
    onUnseat(seat)
    throw new ServerError(undefined, 'the seat was given up before the room had made its entity')
  }

  #reseat(seat: RoomSeat, client: Client): void {
    const previous = seat.client
    seat.client = client
    this.#hold(seat)
    seat.lastInput = undefined
    seat.waiting = 0
    if (previous !== undefined) previous.leave(MOVED)
  }

  #unseat(seat: RoomSeat): void {
    const { seats, encoder, onUnseat } = this.#options
    try {
      onUnseat(seat)
    } finally {
      encoder.leave(seat)
      seats.remove(seat)
      this.#tell()
    }
  }

  /** Keeps a seat for a while for its client, which is not in the room yet, or not any more. */
  #hold(seat: RoomSeat): void {
    seat.heldUntil = this.#options.holdUntil()
  }

  #tell(): void {
    const { seats, onChange } = this.#options
    onChange([...seats].some(({ client }) => client === undefined))
  }
}
