/** Seconds of a tick. */
export const TICK_SECONDS: number = 1 / 60
/** Ticks made up for in one frame; what is older is let go. */
const MOST_TICKS = 5

export interface LoopParts {
  /** One tick. */
  readonly step: () => void
  /** Draws, at a share of the way from the last tick to the next. */
  readonly draw: (share: number) => void
  /** Told when it pauses and when it goes on. */
  readonly onPause: (paused: boolean) => void
}

/**
 * Runs a game at a fixed step and draws each frame between two of them. It stands still while the page is hidden, and
 * makes up for nothing that was missed.
 */
export class Loop {
  readonly #parts: LoopParts
  #paused = false
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

  /** To be called once. */
  start(): void {
    this.#frame = requestAnimationFrame(this.#run)
  }

  get paused(): boolean {
    return this.#paused
  }

  set paused(yes: boolean) {
    if (yes === this.#paused) return
    this.#paused = yes
    this.#last = undefined
    this.#parts.onPause(yes)
  }

  /** Times real time. */
  get speed(): number {
    return this.#speed
  }

  set speed(times: number) {
    this.#speed = Math.max(0.05, Math.min(8, times))
  }

  /** One tick, while it is paused. */
  step(): void {
    this.#parts.step()
    this.#owed = 0
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame)
    document.removeEventListener('visibilitychange', this.#shown)
  }

  readonly #run = (now: number): void => {
    this.#frame = requestAnimationFrame(this.#run)
    if (document.hidden) return
    const passed = this.#last === undefined ? 0 : (now - this.#last) / 1000
    this.#last = now
    if (!this.#paused) {
      this.#owed = Math.min(this.#owed + passed * this.#speed, MOST_TICKS * TICK_SECONDS * Math.max(1, this.#speed))
      while (this.#owed >= TICK_SECONDS && !this.#paused) {
        this.#owed -= TICK_SECONDS
        this.#parts.step()
      }
    }
    this.#parts.draw(this.#paused ? 1 : this.#owed / TICK_SECONDS)
  }
}
