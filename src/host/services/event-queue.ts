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

/** Events in the order in which they were emitted, without an object for each. */
export class EventList {
  #length = 0
  // What lies past the length is left over. Lists that are emptied and filled anew each tick grow only once.
  readonly #names: string[] = []
  readonly #scripts: (string | undefined)[] = []
  /** Where the numbers of each event end. */
  readonly #ends: number[] = []
  readonly #numbers: (number | bigint)[] = []

  get length(): number {
    return this.#length
  }

  push(name: string, args: readonly (number | bigint)[], script: string | undefined): void {
    const index = this.#length++
    let end = this.#startOf(index)
    for (let place = 0; place < args.length; place++) this.#numbers[end++] = args[place] as number | bigint
    this.#names[index] = name
    this.#scripts[index] = script
    this.#ends[index] = end
  }

  nameOf(index: number): string {
    return this.#names[index] as string
  }

  scriptOf(index: number): string | undefined {
    return this.#scripts[index]
  }

  /** How many numbers an event has. */
  countOf(index: number): number {
    return (this.#ends[index] as number) - this.#startOf(index)
  }

  /** Returns a number of an event; 0 past the last. */
  number(index: number, place: number): number | bigint {
    return place < this.countOf(index) ? (this.#numbers[this.#startOf(index) + place] as number | bigint) : 0
  }

  /** Returns an event as an object. */
  at(index: number): GameEvent {
    const script = this.scriptOf(index)
    const args = this.#numbers.slice(this.#startOf(index), this.#ends[index])
    return { name: this.nameOf(index), args, ...(script !== undefined && { script }) }
  }

  /** Removes the last events, so that `length` remain. */
  truncate(length: number): void {
    this.#length = length
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : (this.#ends[index - 1] as number)
  }
}

/** The events for the next tick in the order in which they were emitted. */
export class EventQueue {
  #waiting = new EventList()
  #taken = new EventList()
  /** What each script has queued. */
  readonly #totals = new Map<string | undefined, { events: number; bytes: number }>()

  get length(): number {
    return this.#waiting.length
  }

  /** Queues an event; without a script, it is one of the host. Throws `OutOfMemory` if its emitter has queued too many, or too large ones. */
  push(name: string, args: readonly (number | bigint)[], script?: string): void {
    const total = this.#totalOf(script)
    const bytes = bytesOf(name, args.length)
    if (total.events >= MAX_EVENTS || total.bytes + bytes > MAX_EVENT_BYTES) {
      const limit = total.events >= MAX_EVENTS ? `${MAX_EVENTS} events` : `${MAX_EVENT_BYTES} bytes of events`
      const who = script ?? 'the host'
      throw new ScriptError('OutOfMemory', `${who} may queue ${limit} for the next tick, which no option raises; emit fewer`)
    }
    total.events++
    total.bytes += bytes
    this.#waiting.push(name, args, script)
  }

  /** Removes and returns all events. The list is valid until the next call. */
  take(): EventList {
    const taken = this.#waiting
    this.#taken.truncate(0)
    this.#waiting = this.#taken
    this.#taken = taken
    this.#totals.clear()
    return taken
  }

  save(): readonly GameEvent[] {
    return Array.from({ length: this.length }, (_, index) => this.#waiting.at(index))
  }

  restore(events: readonly GameEvent[]): void {
    this.truncate(0)
    for (const { name, args, script } of events) this.push(name, args, script)
  }

  /** Removes the last events, so that `length` remain. */
  truncate(length: number): void {
    const waiting = this.#waiting
    for (let index = length; index < waiting.length; index++) {
      const total = this.#totalOf(waiting.scriptOf(index))
      total.events--
      total.bytes -= bytesOf(waiting.nameOf(index), waiting.countOf(index))
    }
    if (length < waiting.length) waiting.truncate(length)
  }

  #totalOf(script: string | undefined): { events: number; bytes: number } {
    const known = this.#totals.get(script)
    if (known !== undefined) return known
    const total = { events: 0, bytes: 0 }
    this.#totals.set(script, total)
    return total
  }
}

function bytesOf(name: string, numbers: number): number {
  return name.length + NUMBER_BYTES * numbers
}
