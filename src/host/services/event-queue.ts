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

/** Events that one script, or the host, may queue for a tick. Without a limit, handlers that each emit two events would fill the memory. */
export const MAX_EVENTS = 10_000
/** Bytes of these events: 8 for each number, and one for each character of a name. */
export const MAX_EVENT_BYTES = 1_048_576

const NUMBER_BYTES = 8

/** The events for the next tick in the order in which they were emitted. */
export class EventQueue {
  #waiting: GameEvent[] = []
  /** What each script has queued. */
  readonly #totals = new Map<string | undefined, { events: number; bytes: number }>()

  get length(): number {
    return this.#waiting.length
  }

  /** Queues an event. Throws `OutOfMemory` if its emitter has queued too many, or too large ones. */
  push(event: GameEvent): void {
    const total = this.#totalOf(event.script)
    const bytes = bytesOf(event)
    if (total.events >= MAX_EVENTS || total.bytes + bytes > MAX_EVENT_BYTES) {
      const limit = total.events >= MAX_EVENTS ? `${MAX_EVENTS} events` : `${MAX_EVENT_BYTES} bytes of events`
      const who = event.script ?? 'the host'
      throw new ScriptError('OutOfMemory', `${who} may queue ${limit} for the next tick, which no option raises; emit fewer`)
    }
    total.events++
    total.bytes += bytes
    this.#waiting.push(event)
  }

  /** Removes and returns all events. */
  take(): readonly GameEvent[] {
    if (this.#waiting.length === 0) return NONE
    const taken = this.#waiting
    this.#waiting = []
    this.#totals.clear()
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
    for (const event of this.#waiting.splice(length)) {
      const total = this.#totalOf(event.script)
      total.events--
      total.bytes -= bytesOf(event)
    }
  }

  #totalOf(script: string | undefined): { events: number; bytes: number } {
    const known = this.#totals.get(script)
    if (known !== undefined) return known
    const total = { events: 0, bytes: 0 }
    this.#totals.set(script, total)
    return total
  }
}

function bytesOf({ name, args }: GameEvent): number {
  return name.length + NUMBER_BYTES * args.length
}

const NONE: readonly GameEvent[] = []
