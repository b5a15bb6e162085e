/** The message by which a room tells its clients of a script that was published: a {@link ScriptNotice}. */
export const SCRIPT_MESSAGE = 'bitscript:script'
/** The message by which a client asks which scripts were published, and the answer: {@link PublishedCode}. */
export const SCRIPTS_MESSAGE = 'bitscript:scripts'
/** The message by which a client asks for a full state: its world is not that of the server. */
export const FULL_STATE_MESSAGE = 'bitscript:full'
/** The message by which a client says how many frames it took since its last report, and how many of them corrected what it had predicted: a {@link ClientReport}. */
export const REPORT_MESSAGE = 'bitscript:report'
/** The code with which a room closes a connection when another process goes on with it: join it again, with the same ticket. */
export const MOVED = 4291
/** The field of an input that has the tick for which it is. */
export const TICK_FIELD = 'tick'

/** What a client says when it joins, beside what the game adds. */
export interface JoinRequest {
  /** The version of its game. */
  readonly version: string
  /** Names the seat: who comes back with it gets the seat again. */
  readonly ticket: string
}

/** A message to the clients of a room: which code a script runs after a tick. */
export interface ScriptNotice {
  /** `reload`: a code that was published. `revert`: the code from before, because that one was taken back. Announcements of the script that wait are void. */
  readonly kind: 'reload' | 'revert'
  /** The name of the script. */
  readonly script: string
  /** Hexadecimal, of the code. */
  readonly sha256: string
  /** The tick of the room after which the script runs the code. */
  readonly tick: number
  readonly bytes: Uint8Array
}

/** What a room answers a client that asks which scripts were published. */
export interface PublishedCode {
  /** The scripts that run another code than that of the game. */
  readonly present: readonly ScriptNotice[]
  /** Code that was announced, and may not run yet. */
  readonly announced: readonly ScriptNotice[]
}

/** What a client counted since its last report. */
export interface ClientReport {
  readonly frames: number
  readonly corrected: number
}
