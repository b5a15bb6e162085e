import { ScriptError } from '../../errors.ts'

/** An event of the game: what a script or the host emitted. */
export interface GameEvent {
  readonly name: string
  readonly args: readonly (number | bigint)[]
  /** The name of the script that emitted it; `undefined` for the host. */
  readonly script?: string
}

/** Events of one script, or of the host, that may wait for one tick. Handlers that emit two events each would fill the memory. */
export const MOST_EVENTS = 10_000

/** Events that wait for the next tick, in the order they were queued. */
export class EventQueue {
  #waiting: GameEvent[] = []
  /** How many of them each script emitted. */
  readonly #counts = new Map<string | undefined, number>()

  get length(): number {
    return this.#waiting.length
  }

  push(event: GameEvent): void {
    const count = this.#counts.get(event.script) ?? 0
    if (count >= MOST_EVENTS) {
      throw new ScriptError(
        'OutOfMemory',
        `${MOST_EVENTS} events of ${event.script ?? 'the host'} wait for the next tick already; emit fewer`,
      )
    }
    this.#counts.set(event.script, count + 1)
    this.#waiting.push(event)
  }

  /** Takes all that wait. */
  take(): readonly GameEvent[] {
    if (this.#waiting.length === 0) return NONE
    const taken = this.#waiting
    this.#waiting = []
    this.#counts.clear()
    return taken
  }

  save(): readonly GameEvent[] {
    return [...this.#waiting]
  }

  restore(events: readonly GameEvent[]): void {
    this.truncate(0)
    for (const event of events) this.push(event)
  }

  /** Forgets what was queued last, down to `length`. */
  truncate(length: number): void {
    for (const { script } of this.#waiting.splice(length)) this.#counts.set(script, (this.#counts.get(script) ?? 1) - 1)
  }
}

const NONE: readonly GameEvent[] = []
