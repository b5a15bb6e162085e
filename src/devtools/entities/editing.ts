import { messageOf } from '../elements/format-number.ts'
import type { Rewind } from '../time/rewind.ts'

/** Changes the game for a person. */
export interface Editing {
  /** Makes a change. Returns why it was not made, as a sentence; `''` if it was. */
  attempt(change: () => void): string
}

/** Creates what changes the game, except while it shows a moment of the past: the change would be lost with the next move of the slider. */
export function createEditing(rewind: Pick<Rewind, 'past'>): Editing {
  return {
    attempt(change) {
      try {
        const { past } = rewind
        if (past !== undefined)
          return `The game shows tick ${past} of the past, where a change would be lost. Go on from here, or move the slider of Time to now.`
        change()
        return ''
      } catch (error) {
        return messageOf(error)
      }
    },
  }
}
