import type { NetworkId } from '../sync/sync.ts'
import type { JoinedRoom } from './joined-room.ts'
import type { Input } from './prediction.ts'

/** Plays a room: takes its frames into the client's game, and sends inputs. */
export interface RoomPlayer {
  /** The ticks that the client's game has completed. */
  readonly tick: number
  /** The tick of the newest frame that was taken; -1 before the first. */
  readonly confirmed: number
  /** The entity of this client's seat; 0 without one. */
  readonly own: NetworkId
  readonly ids: Iterable<NetworkId>
  /** Ticks that the client runs ahead. */
  readonly lead: number
  entity(id: NetworkId): number | undefined
  /** The value of a field to draw; `undefined` for what the client does not see. */
  value(id: NetworkId, field: string): number | undefined
  /** Takes the first frame, which has come. */
  start(): void
  /** Has this input sent with each tick from now on. */
  send(input: Input): void
  /** Takes the frames that came, and runs the ticks that are due, but none after `last`. Returns how many ran. */
  update(now: number, last: number): number
  /** Goes on in another room: the same game in another process. */
  move(joined: JoinedRoom): void
  /** Lets the game go on by itself: the connection has ended. */
  stop(): void
  leave(): void
}
