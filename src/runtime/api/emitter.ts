import * as v from 'valibot'
import { describeThrown, reportRejection, ScriptError } from '../../errors.ts'
import type { GameEvent } from '../../host/services/event-queue.ts'
import type { LogLine } from '../../host/services/script-log.ts'
import { boolean, checkOptions } from '../../options.ts'
import { ConsoleReporter } from './console-reporter.ts'
import type { GameInput } from './input-log.ts'
import type { ReloadReport, RestoreReport, TickReport } from './reports.ts'
import type { ScriptInfo } from './script-info.ts'

/** The events of a runtime, each with the value that listeners receive. */
export interface RuntimeEvents {
  /** A script was loaded. */
  readonly load: ScriptInfo
  /** A script was reloaded. */
  readonly reload: ReloadReport
  /** A script was unloaded. */
  readonly unload: ScriptInfo
  /** A script faulted, or a listener or an observer of the world threw (`HostError`). */
  readonly error: ScriptError
  /** A script logged a line. */
  readonly log: LogLine
  /** A tick was completed. */
  readonly tick: TickReport
  /** A script emitted an event. */
  readonly event: GameEvent
  /**
   * The game is at another moment: by `restore` or `revert`, or because a script on probation faulted. A host that counts ticks goes on from
   * its `tick`.
   */
  readonly restore: RestoreReport
  /**
   * The host did something that changes the game, or an answer came. Called before it takes effect, so a snapshot that the listener takes is
   * the game before the input. The listener must not change the game.
   */
  readonly input: GameInput
}

/** The name of an event of {@link RuntimeEvents}. */
export type RuntimeEventName = keyof RuntimeEvents

/** Options of a listener. */
export interface ListenerOptions {
  /**
   * Whether the listener only watches, as a statistic or an inspector does. Faults and log lines that no other listener
   * receives still go to the console.
   * @default false
   */
  readonly passive?: boolean
}

const listenerOptions = v.strictObject({ passive: v.optional(boolean) }, 'an object of options')

interface Listener {
  readonly call: (payload: never) => unknown
  readonly isPassive: boolean
}

/**
 * Calls listeners once the scripts have run: a listener may change the world, which must not happen while a script runs.
 * Prints faults and log lines that only passive listeners receive.
 */
export class Emitter {
  readonly #listeners = new Map<RuntimeEventName, Set<Listener>>()
  readonly #console = new ConsoleReporter()
  /** Faults that the game learns of without a listener. */
  readonly #thrown = new WeakSet<ScriptError>()
  #queue: (readonly [RuntimeEventName, unknown])[] = []
  #flushing = false

  on<Name extends RuntimeEventName>(
    name: Name,
    listener: (payload: RuntimeEvents[Name]) => void,
    options: ListenerOptions = {},
  ): () => void {
    checkOptions(listenerOptions, options, 'on')
    const { passive = false } = options
    if (!EVENT_NAMES.includes(name)) {
      throw new ScriptError('InvalidOptions', `there is no event '${String(name)}'; there are ${EVENT_NAMES.join(', ')}`)
    }
    if (typeof listener !== 'function') throw new ScriptError('InvalidOptions', 'a listener must be a function')
    let listeners = this.#listeners.get(name)
    if (listeners === undefined) {
      listeners = new Set()
      this.#listeners.set(name, listeners)
    }
    // A function added twice is called twice, and each `off` removes one registration.
    const own: Listener = { call: (payload) => listener(payload), isPassive: passive }
    listeners.add(own)
    return () => {
      listeners.delete(own)
    }
  }

  /** Queues a report, or drops it if nobody receives it. */
  queue<Name extends RuntimeEventName>(name: Name, payload: RuntimeEvents[Name]): void {
    // A fault that the new code still has is printed again.
    if (name === 'reload') this.#console.forget((payload as ReloadReport).script)
    if (PRINTED.includes(name) || this.hears(name)) this.#queue.push([name, payload])
  }

  /** Notes that a queued fault is also thrown to the game, so it is not printed. */
  markThrown(fault: ScriptError): void {
    this.#thrown.add(fault)
  }

  /** Returns whether there is a listener. */
  hears(name: RuntimeEventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0
  }

  /** The number of queued reports. */
  get queued(): number {
    return this.#queue.length
  }

  /** Removes the script events queued after the first `from` reports, because they were rolled back; or reports of these names. */
  retractEvents(from: number, names: readonly RuntimeEventName[] = ['event']): void {
    this.#queue = this.#queue.filter(([name], index) => index < from || !names.includes(name))
  }

  /** Delivers all queued reports, and then those that the listeners caused. */
  flush(): void {
    if (this.#flushing) return
    this.#flushing = true
    try {
      while (this.#queue.length > 0) {
        const queue = this.#queue
        this.#queue = []
        for (const [name, payload] of queue) this.deliver(name, payload)
      }
    } finally {
      this.#flushing = false
    }
  }

  /** Removes all listeners. Faults and log lines that are queued are printed by the next {@link flush}. */
  clear(): void {
    this.#listeners.clear()
    this.#queue = this.#queue.filter(([name]) => PRINTED.includes(name))
  }

  /** Delivers a report at once. */
  deliver(name: RuntimeEventName, payload: unknown): void {
    const listeners = [...(this.#listeners.get(name) ?? [])]
    if (listeners.every(({ isPassive }) => isPassive)) this.#print(name, payload)
    for (const listener of listeners) {
      // A listener that was called before it may have removed it.
      if (this.#listeners.get(name)?.has(listener) !== true) continue
      try {
        reportRejection(listener.call(payload as never), (cause) => {
          this.#reportListener(name, cause)
          this.flush()
        })
      } catch (cause) {
        this.#reportListener(name, cause)
      }
    }
  }

  #reportListener(name: RuntimeEventName, cause: unknown): void {
    const error = new ScriptError('HostError', `a listener for '${name}' threw ${describeThrown(cause)}`, { cause })
    if (name === 'error') this.#console.fault(error)
    else this.queue('error', error)
  }

  #print(name: RuntimeEventName, payload: unknown): void {
    if (name === 'error') {
      if (!this.#thrown.has(payload as ScriptError)) this.#console.fault(payload as ScriptError)
    } else if (name === 'log') this.#console.line(payload as LogLine)
  }
}

/** The events that are printed if nobody receives them. */
const PRINTED: readonly RuntimeEventName[] = ['error', 'log']

const EVENT_NAMES: readonly RuntimeEventName[] = ['load', 'reload', 'unload', 'error', 'log', 'tick', 'event', 'restore', 'input']
