/** A direction along an axis. */
export type Direction = -1 | 0 | 1

/** What a player wants. */
export interface Wish {
  readonly x: Direction
  readonly y: Direction
  readonly fire: boolean
  /** @default false */
  readonly dash?: boolean
  /** Where to aim, to the right, from -127 to 127. With 0 in both directions, the nearest enemy. @default 0 */
  readonly aimX?: number
  /** Where to aim, downwards, from -127 to 127. @default 0 */
  readonly aimY?: number
}

/** The input of a player from a tick on. */
export interface InputChange extends Wish {
  readonly tick: number
}

/** A few seconds of recorded input: away from the middle, around the swarm, then nothing. */
export const RECORDED_INPUT: readonly InputChange[] = [
  { tick: 0, x: 0, y: -1, fire: true },
  { tick: 45, x: 1, y: -1, fire: true },
  { tick: 90, x: 1, y: 0, fire: true },
  { tick: 130, x: 0, y: 1, fire: true },
  { tick: 180, x: -1, y: 1, fire: true },
  { tick: 230, x: -1, y: 0, fire: true },
  { tick: 260, x: 0, y: 0, fire: false },
]
