import type { Store } from '../../runtime/script/store.ts'
import type { Moment, Moments } from './moments.ts'
import type { ShadowGame } from './shadow-game.ts'

/** What looks for events in a past uses. */
export interface PastParts {
  /** The game whose past it is. */
  readonly store: Store
  readonly moments: Moments
  /** The numbers of the first and the last tick that can be traced. */
  readonly first: number
  readonly last: number
  readonly hasField: (field: string) => boolean
  /** Returns the value of a field of an entity now. */
  readonly valueOf: (field: string, entity: number) => number
  /** Returns the last moment at or before an input. Throws `InvalidOptions` if it is not kept any more. */
  readonly momentOf: (number: number) => Moment
  /** Resolves with the shadow before an input, as it comes to be from a moment. */
  readonly goTo: (moment: Moment, number: number) => Promise<ShadowGame>
  /** The same on the way through one tick after the other, to none of which it will come back soon. */
  readonly pass: (moment: Moment, number: number) => Promise<ShadowGame>
  /** Disposes of the shadow. */
  readonly dropShadow: () => void
}
