/** Pauses a game while its past is looked at. Without controls, the game goes on. */
export class GamePause {
  readonly #controls: { paused: boolean } | undefined
  #hasPaused = false

  constructor(controls: { paused: boolean } | undefined) {
    this.#controls = controls
  }

  begin(): void {
    if (this.#controls === undefined || this.#controls.paused) return
    this.#controls.paused = true
    this.#hasPaused = true
  }

  /** Lets the game go on, if this paused it. */
  end(): void {
    if (this.#hasPaused && this.#controls !== undefined) this.#controls.paused = false
    this.#hasPaused = false
  }
}
