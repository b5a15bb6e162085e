import { ScriptError } from '../errors.ts'

/** An event of the game: what a script or the host emitted. */
export interface GameEvent {
  readonly name: string
  readonly args: readonly (number | bigint)[]
  /** The name of the script that emitted it; `undefined` for the host. */
  readonly script?: string
}

/** Events that may wait for one tick. Handlers that each emit two events would otherwise fill the memory. */
export const MOST_EVENTS = 100_000

/** Events that wait for the next tick, in the order they were queued. */
export class EventQueue {
  #waiting: GameEvent[] = []

  get length(): number {
    return this.#waiting.length
  }

  push(event: GameEvent): void {
    if (this.#waiting.length >= MOST_EVENTS) {
      throw new ScriptError('OutOfMemory', `${MOST_EVENTS} events wait for the next tick already`)
    }
    this.#waiting.push(event)
  }

  /** Takes all that wait. */
  take(): readonly GameEvent[] {
    if (this.#waiting.length === 0) return NONE
    const taken = this.#waiting
    this.#waiting = []
    return taken
  }

  /** Forgets what was queued last, down to `length`. */
  truncate(length: number): void {
    this.#waiting.length = Math.min(length, this.#waiting.length)
  }
}

const NONE: readonly GameEvent[] = []
