import { ScriptError } from '../../errors.ts'

/** An event that a script or the host emitted. */
export interface GameEvent {
  /** The name; scripts handle the event in their export `on_<name>`. */
  readonly name: string
  /** The numbers that were emitted with it. An i64 is a bigint. */
  readonly args: readonly (number | bigint)[]
  /** The name of the script that emitted it; left out if the host did. */
  readonly script?: string
}

/** Events that one script, or the host, may queue for a tick. Without a limit, handlers that emit two events each fill the memory. */
export const MAX_EVENTS = 10_000

/** The events for the next tick in the order in which they were emitted. */
export class EventQueue {
  #waiting: GameEvent[] = []
  /** How many events each script has queued. */
  readonly #counts = new Map<string | undefined, number>()

  get length(): number {
    return this.#waiting.length
  }

  /** Queues an event. Throws `OutOfMemory` if its emitter has queued too many. */
  push(event: GameEvent): void {
    const count = this.#counts.get(event.script) ?? 0
    if (count >= MAX_EVENTS) {
      throw new ScriptError(
        'OutOfMemory',
        `${event.script ?? 'the host'} has queued ${MAX_EVENTS} events for the next tick already; emit fewer`,
      )
    }
    this.#counts.set(event.script, count + 1)
    this.#waiting.push(event)
  }

  /** Removes and returns all events. */
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

  /** Removes the last events, so that `length` remain. */
  truncate(length: number): void {
    for (const { script } of this.#waiting.splice(length)) this.#counts.set(script, (this.#counts.get(script) ?? 1) - 1)
  }
}

const NONE: readonly GameEvent[] = []
