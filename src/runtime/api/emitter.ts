import { describeThrown, ScriptError } from '../../errors.ts'
import type { GameEvent } from '../../host/services/event-queue.ts'
import type { LogLine } from '../../host/services/script-log.ts'
import type { ReloadReport, TickReport } from './reports.ts'
import type { ScriptInfo } from './script-info.ts'

/** What a runtime tells its listeners, by event. */
export interface RuntimeEvents {
  readonly load: ScriptInfo
  readonly reload: ReloadReport
  readonly unload: ScriptInfo
  /** A script's fault, or a listener's own error as `HostError`. */
  readonly error: ScriptError
  readonly log: LogLine
  readonly tick: TickReport
  /** An event that a script emitted. */
  readonly event: GameEvent
}

export type RuntimeEventName = keyof RuntimeEvents
type Listener = (payload: never) => void

/**
 * Tells listeners what happened, once the scripts have run: a listener may do anything to the world, and a script must
 * not have it change under its feet.
 */
export class Emitter {
  readonly #listeners = new Map<RuntimeEventName, Set<Listener>>()
  #queue: (readonly [RuntimeEventName, unknown])[] = []
  #flushing = false

  on<Name extends RuntimeEventName>(name: Name, listener: (payload: RuntimeEvents[Name]) => void): () => void {
    if (!EVENT_NAMES.includes(name)) {
      throw new ScriptError('InvalidOptions', `there is no event '${String(name)}'; there are ${EVENT_NAMES.join(', ')}`)
    }
    if (typeof listener !== 'function') throw new ScriptError('InvalidOptions', 'a listener must be a function')
    let listeners = this.#listeners.get(name)
    if (listeners === undefined) {
      listeners = new Set()
      this.#listeners.set(name, listeners)
    }
    // A function that is given twice is told twice, and each `off` takes one away.
    const own: Listener = (payload) => listener(payload)
    listeners.add(own)
    return () => {
      listeners.delete(own)
    }
  }

  /** Queues a report; one that nobody listens for is dropped. */
  queue<Name extends RuntimeEventName>(name: Name, payload: RuntimeEvents[Name]): void {
    if ((this.#listeners.get(name)?.size ?? 0) > 0) this.#queue.push([name, payload])
  }

  /** How many reports are queued. */
  get queued(): number {
    return this.#queue.length
  }

  /** Takes back the events among the reports queued since there were `from`: they did not happen. */
  retractEvents(from: number): void {
    this.#queue = this.#queue.filter(([name], index) => index < from || name !== 'event')
  }

  /** Tells all that is queued. What listeners cause meanwhile is told after. */
  flush(): void {
    if (this.#flushing) return
    this.#flushing = true
    try {
      while (this.#queue.length > 0) {
        const queue = this.#queue
        this.#queue = []
        for (const [name, payload] of queue) this.#tell(name, payload)
      }
    } finally {
      this.#flushing = false
    }
  }

  clear(): void {
    this.#listeners.clear()
    this.#queue = []
  }

  #tell(name: RuntimeEventName, payload: unknown): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      // One that was called before may have ended it.
      if (this.#listeners.get(name)?.has(listener) !== true) continue
      try {
        listener(payload as never)
      } catch (cause) {
        const error = new ScriptError('HostError', `a listener for '${name}' threw ${describeThrown(cause)}`, { cause })
        if (name === 'error') console.error(error)
        else this.queue('error', error)
      }
    }
  }
}

const EVENT_NAMES: readonly RuntimeEventName[] = ['load', 'reload', 'unload', 'error', 'log', 'tick', 'event']
