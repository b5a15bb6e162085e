/** The input of a player from a tick on. */
export interface InputChange {
  readonly tick: number
  readonly x: -1 | 0 | 1
  readonly y: -1 | 0 | 1
  readonly fire: boolean
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
