import type { Client, Serializer } from '@colyseus/core'
import { SERIALIZER_ID } from '../sync/hello.ts'
import type { SyncEncoder } from '../sync/sync.ts'
import { ClientState, Protocol, ProtocolModifier } from './colyseus-core.ts'
import type { RoomMetrics } from './room-metrics.ts'
import type { RoomSeat } from './seats.ts'

/** What Colyseus knows of a patch, in rooms that define an input. */
interface PatchTiming {
  /** Milliseconds since the room began. */
  readonly sNow: number
}

/** What Colyseus keeps of a client. */
interface ClientInputs {
  readonly _inputBuffer?: { readonly ackSeq: number }
}

/** The room that is serialized. */
export interface SerializedRoom {
  readonly encoder: SyncEncoder
  readonly metrics: RoomMetrics
  readonly hello: Uint8Array
  seatOf(client: Client): RoomSeat | undefined
}

const TIMING_BYTES = 8
/** Bytes that may wait in a socket before its client gets no more: some seconds of patches. */
const MAX_UNSENT = 64 * 1024

/** What a socket of Node says of itself. */
interface Socket {
  readonly bufferedAmount?: number
}

/** Whether a client reads so slowly that what it asks for must wait: one that reads nothing would fill the memory of the server. */
export function isBehind({ ref }: Client, spare = 0): boolean {
  return ((ref as Socket).bufferedAmount ?? 0) > MAX_UNSENT + spare
}

/** Sends the frames of a room as Colyseus sends its own state: the SDK's clock and its acknowledged inputs work as they do. */
export class RoomSerializer implements Serializer<object> {
  readonly id: string = SERIALIZER_ID
  readonly #room: SerializedRoom
  /** The bytes of the last full state of each client. */
  readonly #fullBytes = new WeakMap<Client, number>()

  constructor(room: SerializedRoom) {
    this.#room = room
  }

  reset(): void {}

  handshake(): Uint8Array {
    return this.#room.hello
  }

  getFullState(client?: Client, timing?: PatchTiming): Uint8Array {
    const seat = client && this.#room.seatOf(client)
    // A tool that inspects the room asks for no client.
    if (client === undefined || seat === undefined) return new Uint8Array(0)
    const frame = this.#room.encoder.full(seat)
    this.#fullBytes.set(client, frame.length)
    return this.#wrap(client, Protocol.ROOM_STATE, frame, timing)
  }

  applyPatches(clients: Client[], _state: object, timing?: PatchTiming): boolean {
    const { encoder } = this.#room
    for (const client of clients) {
      const seat = client.state === ClientState.JOINED ? this.#room.seatOf(client) : undefined
      if (seat === undefined) continue
      if (isBehind(client, this.#spare(client))) this.#room.metrics.skipped++
      else client.raw(this.#wrap(client, Protocol.ROOM_STATE_PATCH, encoder.patch(seat), timing))
    }
    return true
  }

  /**
   * Returns the bytes that may wait for a client beside {@link MAX_UNSENT}. Of columns it gets the newest values later, all at once. Who misses inputs needs
   * a full state again: those that follow one wait behind it.
   */
  #spare(client: Client): number {
    return this.#room.encoder.description.kind === 'inputs' ? (this.#fullBytes.get(client) ?? 0) : 0
  }

  #wrap(client: Client, code: number, frame: Uint8Array, timing: PatchTiming | undefined): Uint8Array {
    const prefix = timing === undefined ? 1 : 1 + TIMING_BYTES
    // The transport may keep the bytes until they are sent, so they are used once.
    const bytes = Buffer.allocUnsafe(prefix + frame.length)
    bytes[0] = code
    if (timing !== undefined) {
      bytes[0] |= ProtocolModifier.TIMED
      bytes.writeUInt32LE(timing.sNow >>> 0, 1)
      bytes.writeUInt32LE(((client as ClientInputs)._inputBuffer?.ackSeq ?? 0) >>> 0, 5)
    }
    bytes.set(frame, prefix)
    this.#room.metrics.frames++
    this.#room.metrics.bytes += bytes.length
    return bytes
  }
}
