import { describeThrown } from '../../errors.ts'
import type { HostInput } from '../../runtime/api/input-log.ts'
import type { Store } from '../../runtime/script/store.ts'

/** A call of a host function by a script, and what came of it. */
export interface LoggedCall {
  readonly script: string
  readonly name: string
  result: unknown
  /** What it threw. */
  error?: { readonly thrown: unknown }
  /** What it did through the runtime. */
  did?: HostInput[]
}

/** Bytes of a call in memory, roughly. */
const CALL_BYTES = 100

/** The logs of each game: an editor and the inspector may keep its past at once. */
const logsOf = new WeakMap<Store, Set<HostLog>>()

/** Keeps what host functions return, in the order in which they were called. */
export class HostLog {
  readonly #store: Store
  #calls: LoggedCall[] = []
  /** The number of the first call that is kept. */
  #first = 0
  /** The calls in progress. */
  readonly #open: LoggedCall[] = []

  constructor(store: Store) {
    this.#store = store
    const logs = logsOf.get(store) ?? new Set()
    logsOf.set(store, logs.add(this))
    store.hostCalls = (script, name, call) => {
      let logged = call
      for (const log of logs) {
        const inner = logged
        logged = () => log.#call(script, name, inner)
      }
      return logged()
    }
    store.nested = (input) => {
      for (const log of logs) log.#nested(input)
    }
  }

  /** The number of calls so far, those that were dropped among them. */
  get end(): number {
    return this.#first + this.#calls.length
  }

  get bytes(): number {
    return this.#calls.length * CALL_BYTES
  }

  /** Returns the call with a number. */
  at(number: number): LoggedCall | undefined {
    return this.#calls[number - this.#first]
  }

  /** Drops the calls before a number. */
  dropBefore(number: number): void {
    this.#calls = this.#calls.slice(number - this.#first)
    this.#first = number
  }

  dispose(): void {
    this.#calls = []
    const logs = logsOf.get(this.#store)
    logs?.delete(this)
    if (logs?.size !== 0) return
    this.#store.hostCalls = undefined
    this.#store.nested = undefined
  }

  #call(script: string, name: string, call: () => unknown): unknown {
    const logged: LoggedCall = { script, name, result: undefined }
    this.#calls.push(logged)
    this.#open.push(logged)
    try {
      const result = call()
      // A script cannot wait for a promise.
      logged.result = typeof result === 'object' && result !== null ? copyOf(result) : result
      return result
    } catch (thrown) {
      logged.error = { thrown }
      throw thrown
    } finally {
      this.#open.pop()
    }
  }

  #nested(input: () => HostInput): void {
    const logged = this.#open.at(-1)
    if (logged === undefined) return
    logged.did ??= []
    logged.did.push(structuredClone(input()))
  }
}

function copyOf(result: object): unknown {
  if ('then' in result) return undefined
  try {
    return structuredClone(result)
  } catch (error) {
    return `cannot be kept: ${describeThrown(error)}`
  }
}
