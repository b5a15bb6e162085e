import type { FieldType, GameInput } from '../../index.ts'
import type { GameDefinition } from '../game/define-game.ts'
import type { RunningGame } from '../game/start-game.ts'

/**
 * The number by which server and clients name an entity of a room: `version * capacity + entity`, with the entity's id and version on the
 * server and the capacity of the game. It is never used again. 0 is no entity.
 */
export type NetworkId = number

/** A place in a room, and who sits there. */
export interface Seat {
  /** The number of the seat, from 0: the lowest that is free when a client joins. */
  readonly index: number
  /** The session of the client. */
  readonly id: string
  /** The entity that the seat plays, on the server: what `onSeat` returned. 0 is none. */
  readonly entity: number
  /** The inputs of the client that wait for their tick. */
  readonly waiting: number
  /** The ticks so far for which no input of the client came in time. */
  readonly missed: number
}

/** The room that a {@link SyncEncoder} reads. */
export interface SyncSource {
  readonly game: GameDefinition
  readonly running: RunningGame
  /** Ticks in a second. */
  readonly hz: number
  /** Ticks between two patches. */
  readonly patchEvery: number
  /** Bytes that a patch may take, about: what finds no room waits for the next one. `Infinity` for no limit. */
  readonly patchBytes: number
}

/**
 * Makes the bytes that the clients of a room get: first a full state, then a patch each `patchEvery` ticks. Copy what it returns before the next call, which
 * writes over it.
 */
export interface SyncEncoder {
  /** What a client must know to read the bytes. It is sent as JSON when the client joins. */
  readonly description: SyncDescription
  /** Reads the world, once for all seats. `tick` is how many the room has completed. Patches are differences to what the last call read. */
  take(tick: number): void
  /** Returns all that a seat may see. Its patches go on from there. */
  full(seat: Seat): Uint8Array
  /** Returns what changed for a seat since its last patch, or since its full state. */
  patch(seat: Seat): Uint8Array
  /** Forgets a seat. */
  leave(seat: Seat): void
  /** Stops reading the room. */
  dispose(): void
}

/** How a room keeps its clients up to date: what `columns()` and `inputs()` return. */
export interface Sync {
  readonly kind: SyncDescription['kind']
  /** Starts to encode a room. Throws `InvalidOptions` if the options do not fit the game. */
  open(source: SyncSource): SyncEncoder
}

/** A column on the wire. */
export interface ColumnDescription {
  /** The name of the field, such as `Position.x`. */
  readonly field: string
  readonly type: FieldType
  /** The step to which values are rounded; 0 sends them exactly. */
  readonly step: number
}

/** A component on the wire, with its columns. */
export interface ComponentDescription {
  readonly name: string
  readonly columns: readonly ColumnDescription[]
}

/** What a client must know to read the frames of `columns()`. */
export interface ColumnsDescription {
  readonly kind: 'columns'
  readonly capacity: number
  readonly components: readonly ComponentDescription[]
  /** The columns of the client's own entity that come exactly. */
  readonly own: readonly ColumnDescription[]
}

/** What a client must know to read the frames of `inputs()`. */
export interface InputsDescription {
  readonly kind: 'inputs'
  /** Ticks between two hashes of the world. */
  readonly hashEvery: number
}

export type SyncDescription = ColumnsDescription | InputsDescription

/** A frame of `columns()` that was read: what changed. The decoder has the values. */
export interface ColumnsFrame {
  /** A full frame replaces all that came before. */
  readonly kind: 'full' | 'patch'
  /** The ticks that the server had completed when it read the world. */
  readonly tick: number
  /** The entity of the client's seat; 0 if it has none. */
  readonly own: NetworkId
  /** The exact values of the own entity at that tick, by name of the field; `undefined` if the frame has none. */
  readonly ownValues: ReadonlyMap<string, number> | undefined
  /** The inputs of the client that wait for their tick on the server. */
  readonly waiting: number
  /** The ticks so far for which no input of the client came in time. */
  readonly missed: number
  /** Entities that the client sees from now on, or all of whose values came anew. */
  readonly entered: readonly NetworkId[]
  /** Entities that it no longer sees. */
  readonly left: readonly NetworkId[]
  /** Entities of which some values changed. */
  readonly changed: readonly NetworkId[]
}

/** A frame of `inputs()` that was read: the whole game as a snapshot, or all that entered the game since. */
export type InputsFrame = {
  /** The ticks that the room has completed: after the inputs, if there are any. */
  readonly tick: number
  /** The entity of the client's seat; 0 if it has none. It has the same id on both sides. */
  readonly own: number
  /** The inputs of the client that wait for their tick on the server. */
  readonly waiting: number
  /** The ticks so far for which no input of the client came in time. */
  readonly missed: number
} & (
  | {
      readonly kind: 'full'
      /** The code of scripts that run another one than the game's, by name: reload these before the snapshot is restored. */
      readonly codes: ReadonlyMap<string, Uint8Array>
      readonly snapshot: Uint8Array
    }
  | {
      readonly kind: 'patch'
      /** What to play, in order. Ticks are among it. */
      readonly inputs: readonly GameInput[]
      /** The hash of the world after them; `undefined` in most frames. */
      readonly hash: string | undefined
    }
)
