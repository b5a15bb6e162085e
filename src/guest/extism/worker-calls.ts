import { toScriptError } from '../../engine/trap.ts'
import { ScriptError, withContext } from '../../errors.ts'
import type { LateAnswer, LateCalls, LateOptions } from '../guest.ts'
import type { Outcome, PluginWorker } from './plugin-worker.ts'
import type { Variables } from './variables.ts'

/** Calls of one instance that wait for their answer. */
const MAX_WAITING = 1000
/** The name of the call that starts an instance. */
export const START_CALL = 'the start of the worker'

/** A call that was made and whose answer is not applied yet. */
export interface PendingCall {
  readonly number: number
  /** The tick in which it was made. */
  readonly tick: number
  readonly name: string
  /** Whether the runtime made it by itself: then every error is a fault. */
  readonly isOfRuntime: boolean
  /** Returns what the promise resolves with. */
  readonly read: (output: Uint8Array | null) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: ScriptError) => void
  /** Resolves when the call has ended, or is dropped. */
  readonly ended: Promise<void>
  readonly end: () => void
  outcome: Outcome | undefined
  isTaken: boolean
}

/** What {@link WorkerCalls} needs of its instance. */
interface CallParts {
  readonly worker: PluginWorker
  readonly variables: Variables
  readonly late: LateOptions
  /** The completed ticks. */
  readonly clock: { readonly tick: number }
}

/** The calls of an instance in a worker: those that wait for their answer, and those whose answer is not applied yet. */
export class WorkerCalls implements LateCalls {
  readonly #parts: CallParts
  #calls: PendingCall[] = []

  constructor(parts: CallParts) {
    this.#parts = parts
  }

  get isBusy(): boolean {
    return this.#calls.some(({ outcome }) => outcome === undefined)
  }

  readonly settled = async (): Promise<void> => {
    await Promise.all(this.#calls.map(({ ended }) => ended))
  }

  readonly take: LateCalls['take'] = () => {
    const came = this.#calls.filter(({ outcome, isTaken }) => outcome !== undefined && !isTaken)
    return came.map((call) => {
      call.isTaken = true
      const { output, error, variables } = call.outcome as Outcome
      const { number, tick, isOfRuntime } = call
      const isFault = error !== undefined && (isOfRuntime || error.code !== 'GuestError')
      return {
        call: number,
        tick,
        output: output ?? null,
        error: error === undefined ? null : [error.code, error.detail],
        isFault,
        variables,
      }
    })
  }

  readonly apply: LateCalls['apply'] = ({ call: number, output, error, isFault, variables }, report) => {
    this.#parts.variables.replace(changedVariables(this.#parts.variables.all, variables))
    const call = this.#calls.find((each) => each.number === number)
    this.#calls = this.#calls.filter((each) => each !== call)
    call?.end()
    if (error !== null) {
      const [code, detail] = error
      const known =
        call?.outcome?.error ?? new ScriptError(code, detail, call === undefined || call.name === START_CALL ? {} : { export: call.name })
      const reported = report(known, isFault)
      call?.reject(reported)
    } else if (call !== undefined) {
      try {
        call.resolve(call.read(output))
      } catch (mistake) {
        call.reject(report(withContext(toScriptError(mistake), { export: call.name }), false))
      }
    }
  }

  readonly drop = (detail: string): void => {
    const dropped = this.#calls
    this.#calls = []
    this.#parts.worker.stop()
    this.#parts.worker.replaceVariables(this.#parts.variables.all)
    for (const { name, reject, end } of dropped) {
      end()
      reject(new ScriptError('Disposed', `the call of '${name}' was dropped: ${detail}`, { export: name }))
    }
  }

  /** Returns whether a call of that function, which the runtime made by itself, waits. */
  waitsFor(name: string): boolean {
    return this.#calls.some((call) => call.isOfRuntime && call.name === name)
  }

  /** Makes a call. Unless a recording is played, `begin` lets the worker answer it. */
  make(name: string, how: Pick<PendingCall, 'isOfRuntime' | 'read'>, begin: () => Promise<Outcome> | Outcome): Promise<unknown> {
    const { late, clock } = this.#parts
    if (this.#calls.length >= MAX_WAITING) {
      throw new ScriptError('OutOfMemory', `${MAX_WAITING} calls wait for an answer: the plugin is called more often than it answers`, {
        export: name,
      })
    }
    const { promise, resolve, reject } = withResolvers<unknown>()
    const { promise: ended, resolve: end } = withResolvers<void>()
    // A fault is reported by itself, whether or not anyone waits.
    promise.catch(ignore)
    const call: PendingCall = {
      ...{ number: late.nextCall(), tick: clock.tick, name, ...how },
      ...{ resolve, reject, ended, end, outcome: undefined, isTaken: false },
    }
    this.#calls.push(call)
    const answer = (outcome: Outcome): void => {
      call.outcome = outcome
      end()
    }
    if (!late.isReplayed()) {
      const begun = begin()
      if (begun instanceof Promise) void begun.then(answer)
      else answer(begun)
    }
    return promise
  }
}

/** Returns variables after a call changed some. */
export function changedVariables(before: Variables['all'], changes: LateAnswer['variables']): Variables['all'] {
  const after = new Map(before)
  for (const [name, value] of changes) {
    if (value === null) after.delete(name)
    else after.set(name, value as Uint8Array<ArrayBuffer>)
  }
  return after
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<Value>(): {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
  readonly reject: (error: ScriptError) => void
} {
  let resolve: (value: Value) => void = ignore
  let reject: (error: ScriptError) => void = ignore
  const promise = new Promise<Value>((resolved, rejected) => {
    resolve = resolved
    reject = rejected
  })
  return { promise, resolve, reject }
}

function ignore(): void {}
