import type { ReloadReport, ScriptError } from '../../index.ts'
import type { NetworkId } from '../sync/sync.ts'

/** The client's game was not what the server's was, and is again. */
export interface Correction {
  /** The tick of the server's frame. */
  readonly tick: number
  /** The entities that were predicted wrong. */
  readonly entities: readonly NetworkId[]
  /** Whether the entity of this client's seat is among them. */
  readonly isOwn: boolean
  /** The ticks that ran again. */
  readonly replayed: number
}

/** What a connection reports, by the name of the event. */
export interface ConnectionEvents {
  /** Another process went on with the room, or the connection was lost: this client is in the room again. */
  readonly moved: { readonly roomId: string; readonly tick: number }
  /** A frame of the server differed from what was predicted. */
  readonly corrected: Correction
  /** The room runs another version of the game now: load the page anew. `left` follows. */
  readonly version: { readonly own: string; readonly message: string }
  /** A script that was published runs on this client. */
  readonly reload: ReloadReport
  /** The connection has ended, and will not come back. The game of this client goes on by itself, and may be used. */
  readonly left: { readonly code: number; readonly reason: string }
  /** The server sent what cannot be read, or a script that was published could not be loaded. Printed if nobody listens. */
  readonly error: ScriptError
}

/** What a connection counted. */
export interface ConnectionStats {
  /** Frames that were taken. */
  readonly frames: number
  /** Frames that corrected the entity of the own seat. */
  readonly corrected: number
  /** Ticks that ran again. */
  readonly replayed: number
  /** Ticks that this client runs ahead of the newest frame. */
  readonly lead: number
  /** Inputs that came too late at the server. */
  readonly missed: number
}
