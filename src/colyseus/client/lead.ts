/** What a frame says of this client's inputs. */
export interface InputReport {
  /** Inputs that arrived before their tick, and wait for it. */
  readonly waiting: number
  /** Inputs that had not arrived at their tick, since the client joined. */
  readonly missed: number
}

/** Without a missed input for so many frames, it goes down. */
const CALM_FRAMES = 60
/** Inputs that may always be waiting: fewer than these are no surplus. */
const SPARE = 2
/** Frames over which the distance to the server is watched. */
const WATCHED_FRAMES = 15
/** Ticks by which that distance may differ from the lead. */
const TOLERANCE = 2

/**
 * How many ticks a client predicts ahead of the frame it has. An input must arrive before its tick: each one that did not makes the
 * lead longer by a tick, at once; a surplus that lasts makes it shorter by half of it.
 */
export class Lead {
  readonly #most: number
  #ticks: number
  #missed: number | undefined
  #calm = 0
  #least = Number.POSITIVE_INFINITY
  #watched = 0
  #nearest = Number.POSITIVE_INFINITY

  /** At most `most` ticks: a server drops inputs that are too far ahead. */
  constructor(ticks: number, most: number) {
    this.#ticks = Math.min(ticks, most)
    this.#most = most
  }

  get ticks(): number {
    return this.#ticks
  }

  /** Takes a report. Returns by how many ticks the lead changed. */
  heed({ waiting, missed }: InputReport): number {
    const late = missed - (this.#missed ?? missed)
    this.#missed = missed
    if (late > 0) return this.#change(late)
    this.#least = Math.min(this.#least, waiting)
    if (++this.#calm < CALM_FRAMES) return 0
    return this.#change(-Math.ceil(Math.max(0, this.#least - SPARE) / 2))
  }

  /**
   * Takes how many ticks the client is ahead of a frame that came. Returns how many ticks it should run beside those of the clock to be ahead by its lead
   * again: a server that is too busy leaves ticks out, so that its clients drift away from it until it drops all their inputs.
   */
  watch(ahead: number): number {
    // Frames come late, never early, so the least distance is the true one.
    this.#nearest = Math.min(this.#nearest, ahead)
    if (++this.#watched < WATCHED_FRAMES) return 0
    const drift = this.#nearest - this.#ticks
    this.#watchAnew()
    return Math.abs(drift) > TOLERANCE ? -drift : 0
  }

  /** Begins to count anew: another process counts from 0. */
  restart(): void {
    this.#missed = undefined
    this.#change(0)
  }

  #change(ticks: number): number {
    this.#calm = 0
    this.#least = Number.POSITIVE_INFINITY
    const before = this.#ticks
    this.#ticks = Math.max(1, Math.min(this.#most, before + ticks))
    if (this.#ticks !== before) this.#watchAnew()
    return this.#ticks - before
  }

  #watchAnew(): void {
    this.#watched = 0
    this.#nearest = Number.POSITIVE_INFINITY
  }
}
