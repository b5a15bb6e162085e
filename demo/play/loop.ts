/** Seconds per tick. */
export const TICK_SECONDS: number = 1 / 60
/** Ticks that one frame catches up on. Older ticks are skipped. */
const MAX_TICKS = 5

/** The callbacks of a {@link Loop}. */
export interface LoopParts {
  /** Runs one tick. */
  readonly step: () => void
  /** Draws a frame. `share` is the fraction of the time between two ticks. */
  readonly draw: (share: number) => void
  /** Called when the loop pauses, when another pauses it, and when it continues (`undefined`). */
  readonly onPause: (by: Pauser | undefined) => void
}

/** Who paused a loop: the player, who then sees a card, or a tool, which must not cover what it looks at. */
export type Pauser = 'player' | 'tool'

/**
 * Runs a game at a fixed step, and draws each frame between two ticks. It stops while the page is hidden, and does not catch
 * up on that time.
 */
export class Loop {
  readonly #parts: LoopParts
  #pausedBy: Pauser | undefined
  #speed = 1
  #owed = 0
  #last: number | undefined
  #frame = 0
  readonly #shown = (): void => {
    this.#last = undefined
  }

  constructor(parts: LoopParts) {
    this.#parts = parts
    document.addEventListener('visibilitychange', this.#shown)
  }

  /** Starts the loop. Call it once. */
  start(): void {
    this.#frame = requestAnimationFrame(this.#run)
  }

  get paused(): boolean {
    return this.#pausedBy !== undefined
  }

  /** Pauses the loop for a tool, or continues it. */
  set paused(yes: boolean) {
    this.#setPausedBy(yes ? 'tool' : undefined)
  }

  /** Who paused the loop last; `undefined` while it runs. */
  get pausedBy(): Pauser | undefined {
    return this.#pausedBy
  }

  /** Pauses the loop for the player. */
  pause(): void {
    this.#setPausedBy('player')
  }

  /** The speed, as a multiple of real time. */
  get speed(): number {
    return this.#speed
  }

  set speed(times: number) {
    this.#speed = Math.max(0.05, Math.min(8, times))
  }

  /** Runs one tick while the loop is paused. */
  step(): void {
    this.#parts.step()
    this.#owed = 0
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame)
    document.removeEventListener('visibilitychange', this.#shown)
  }

  #setPausedBy(by: Pauser | undefined): void {
    if (by === this.#pausedBy) return
    this.#pausedBy = by
    this.#last = undefined
    this.#parts.onPause(by)
  }

  readonly #run = (now: number): void => {
    this.#frame = requestAnimationFrame(this.#run)
    if (document.hidden) return
    const passed = this.#last === undefined ? 0 : (now - this.#last) / 1000
    this.#last = now
    if (!this.paused) {
      this.#owed = Math.min(this.#owed + passed * this.#speed, MAX_TICKS * TICK_SECONDS * Math.max(1, this.#speed))
      while (this.#owed >= TICK_SECONDS && !this.paused) {
        this.#owed -= TICK_SECONDS
        this.#parts.step()
      }
    }
    this.#parts.draw(this.paused ? 1 : this.#owed / TICK_SECONDS)
  }
}
