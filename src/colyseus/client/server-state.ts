import type { NetworkId } from '../sync/sync.ts'

/** A field that a server sends. */
export interface SyncedField {
  readonly component: string
  readonly field: string
  /** The step to which its values are rounded; 0 if they are exact. */
  readonly step: number
  /** The same, for the entity of this client's seat. */
  readonly ownStep: number
  /** Whether there are values between two of its values: not for whole numbers. */
  readonly isContinuous: boolean
  /** Whether its values are network ids of entities. */
  readonly isEntity: boolean
}

/** The newest frame of a server: the entities that this client sees, and their values. */
export interface ServerState {
  readonly fields: readonly SyncedField[]
  /** The ticks that the server had completed. */
  readonly tick: number
  /** The entity of this client's seat; 0 without one. */
  readonly own: NetworkId
  readonly ids: Iterable<NetworkId>
  /** How many entities there are. */
  readonly size: number
  has(id: NetworkId): boolean
  /** The components of an entity that are sent. The same array for the same components. */
  componentsOf(id: NetworkId): readonly string[]
  /** The values of an entity, one for each of `fields`; 0 for what it lacks. */
  valuesOf(id: NetworkId): ArrayLike<number>
}
