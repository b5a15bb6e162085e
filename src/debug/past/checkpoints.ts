import type { ArrayKeeper } from '../../array-image.ts'
import type { GameImage } from '../../runtime/image/game-image.ts'
import { PageStore } from '../../runtime/image/page-store.ts'
import type { Moment } from './moments.ts'

/** Where a shadow game is: before an input and a call of a host function, having started from a moment. */
export interface Position {
  readonly moment: Moment
  readonly at: number
  readonly calls: number
}

/** A shadow game as it was at a position. */
export interface Checkpoint extends Position {
  readonly image: GameImage
}

/** Checkpoints that are kept. */
const MAX_CHECKPOINTS = 8

/** The last checkpoints of a shadow game, from which it goes on faster than from a moment of the past. */
export class Checkpoints {
  readonly #pages = new PageStore()
  /** The one that was used last is the last. */
  readonly #kept: Checkpoint[] = []

  /** Keeps a position, unless it is kept. `capture` takes the image. Drops the checkpoint that was not used for longest if there are too many. */
  add(position: Position, capture: (keeper: ArrayKeeper) => GameImage): void {
    if (this.#kept.some(({ at, moment }) => at === position.at && moment === position.moment)) return
    this.#kept.push({ ...position, image: this.#pages.take(capture) })
    if (this.#kept.length <= MAX_CHECKPOINTS) return
    for (const { image } of this.#kept.splice(0, 1)) this.#pages.release(image)
  }

  /** Returns the last checkpoint from a moment, at or before an input, that fits. */
  find(moment: Moment, to: number, fits: (checkpoint: Checkpoint) => boolean): Checkpoint | undefined {
    return this.#kept
      .filter((each) => each.moment === moment && each.at <= to && fits(each))
      .reduce<Checkpoint | undefined>((last, each) => (last !== undefined && last.at > each.at ? last : each), undefined)
  }

  /** Notes that a checkpoint was used. */
  use(checkpoint: Checkpoint): void {
    this.#kept.splice(this.#kept.indexOf(checkpoint), 1)
    this.#kept.push(checkpoint)
  }
}
