/** What a keeper knows of a room beside its game: enough to create it in another process. */
export interface KeptAbout {
  /** The name by which the server defined the room's class. */
  readonly name: string
  /** The options that the room was created with: JSON. */
  readonly options?: unknown
}

/** A game as it was after a tick. */
export interface KeptSnapshot {
  /** Ticks of the room that were completed. */
  readonly tick: number
  /** The bytes that the room gave to `save`. */
  readonly bytes: Uint8Array
}

/** A tick after the snapshot. */
export interface KeptTick {
  /** The number of the tick: one more than that before it. */
  readonly tick: number
  /** The bytes that the room gave to `append`: the input of this tick. */
  readonly entry: Uint8Array
}

/** A room as it was kept: a snapshot, and all ticks since, without a gap. */
export interface KeptRoom {
  readonly snapshot: KeptSnapshot
  readonly ticks: readonly KeptTick[]
}

/**
 * Whether this process may run a room. `held`: it may. `unsure`: the keeper could not be reached in time, so another process may take the room: run
 * no tick until it is `held` again. `lost`: another process has the room, or the claim was ended.
 */
export type ClaimState = 'held' | 'unsure' | 'lost'

/**
 * The right of this process to run a room, and what is kept of it. Each claim of a room has a greater `epoch` than those before it, and a keeper
 * refuses what comes from an older one.
 *
 * A new room saves first. From then on each tick is appended, by the room's own count, which goes up by one and never back, even if a probation takes the
 * runtime back.
 */
export interface RoomClaim {
  readonly roomId: string
  /** How often the room was claimed, from 1. */
  readonly epoch: number
  /** What was kept when the room was claimed; `undefined` for a new room. */
  readonly kept: KeptRoom | undefined
  /** Whether this process may run the room, now. */
  readonly state: ClaimState
  /** Whether the room should be saved before its next snapshot is due, because ticks or the snapshot before did not arrive. */
  readonly wantsSnapshot: boolean

  /**
   * Appends a tick. Resolves when it is kept.
   *
   * @throws {ScriptError} InvalidOptions for another tick than the next one; Disposed if the claim is lost; EngineUnavailable if the keeper cannot be reached
   */
  append(tick: number, entry: Uint8Array): Promise<void>

  /**
   * Keeps a snapshot of the room after a tick that was appended, in the place of that before it and of the ticks up to it.
   *
   * @throws {ScriptError} the errors of `append`
   */
  save(tick: number, bytes: Uint8Array): Promise<void>

  /** Ends the claim, and lets another process claim the room at once. Save before. Does nothing if the claim is lost. */
  release(): Promise<void>

  /** Ends the claim and deletes what is kept: the room is over. Does nothing if the claim is lost. */
  forget(): Promise<void>

  /** Calls `listener` once when another process has the room: stop it, and send its clients there. Returns a function that removes the listener. */
  onLost(listener: () => void): () => void
}

/** Keeps rooms, so that another process can run them on. */
export interface Keeper {
  /** Seconds between two snapshots of a room. `Infinity` keeps nothing. */
  readonly snapshot: number
  /** Whether a tick is sent to clients only after it was kept. */
  readonly strict: boolean

  /**
   * Claims a room for this process.
   *
   * @throws {ScriptError} LoadFailed if another process runs it, StateRejected if what is kept is damaged, EngineUnavailable if the keeper cannot be reached
   */
  claim(roomId: string, about: KeptAbout): Promise<RoomClaim>
}

/** Keeps nothing: a room ends with its process. */
export const noKeeper: Keeper = {
  snapshot: Number.POSITIVE_INFINITY,
  strict: false,
  async claim(roomId) {
    let state: ClaimState = 'held'
    const end = async (): Promise<void> => {
      state = 'lost'
    }
    return {
      roomId,
      epoch: 1,
      kept: undefined,
      wantsSnapshot: false,
      get state() {
        return state
      },
      append: async () => undefined,
      save: async () => undefined,
      release: end,
      forget: end,
      onLost: () => () => undefined,
    }
  },
}
