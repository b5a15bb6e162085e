import type { ErrorCode } from '../../index.ts'

/**
 * What became of a publication in a room. `passed`: the new code ran through its probation. `reverted`: it was taken back because of another room.
 * `trapped`: it trapped on probation. `refused`: it could not be loaded. `gone`: the room or its process ended.
 */
export type PublishedState = 'passed' | 'reverted' | 'trapped' | 'refused' | 'gone'

/** A room in which a script was published. */
export interface PublishedRoom {
  readonly roomId: string
  /** The process that ran it. */
  readonly process: string
  /** The tick of the room after which the new code ran, or would have. */
  readonly tick: number
  readonly state: PublishedState
}

/** Why a publication was taken back. */
export interface PublishVeto {
  /** The room; `undefined` if it was not about one. */
  readonly roomId: string | undefined
  readonly process: string
  /** The code of the error. */
  readonly code: ErrorCode
  readonly message: string
}

/** The result of `ScriptCluster.publish`. */
export interface PublishReport {
  /** The name of the script. */
  readonly script: string
  /** Hexadecimal, of the new code. */
  readonly sha256: string
  /** `accepted`: all rooms run the new code, and rooms that begin later will. `vetoed`: none does, and their worlds are as they were before. */
  readonly state: 'accepted' | 'vetoed'
  readonly rooms: readonly PublishedRoom[]
  /** The first veto, if there was one. */
  readonly veto: PublishVeto | undefined
  /** Milliseconds until every room had answered. */
  readonly ms: number
}
