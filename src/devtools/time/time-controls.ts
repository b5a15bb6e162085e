/**
 * Lets the inspector control the time of a game. The game's loop implements it; the fields may be accessors.
 *
 * @example
 * const controls: TimeControls = { paused: false, speed: 1, step: () => runtime.tick(1 / 60) }
 * setInterval(() => controls.paused || runtime.tick(controls.speed / 60), 1000 / 60)
 */
export interface TimeControls {
  /** Whether the game is paused. While it is `true`, the loop must not run ticks. */
  paused: boolean
  /** The speed of the game, as a multiple of real time. */
  speed: number
  /** Runs one tick. Called while the game is paused. */
  step(): void
}
