import { EXPORT, handledEvent, handlerOf } from '../../abi/exports.ts'
import { ArrayCopy } from '../../array-image.ts'
import { toScriptError } from '../../engine/trap.ts'
import { ScriptError, withContext } from '../../errors.ts'
import { parseJson, writeJson } from '../../json.ts'
import { suggest } from '../../nearest-name.ts'
import { type DecodedModule, formatFunctionType } from '../../wasm/format/module.ts'
import type { GuestInstance, GuestState, Handler, LateAnswer, LateCalls, LateOptions, RoleFunction, Roles } from '../guest.ts'
import { isPluginFunction } from '../script/check-exports.ts'
import { LateMeter } from './late-meter.ts'
import type { Outcome, PluginWorker } from './plugin-worker.ts'
import { Variables } from './variables.ts'

const encoder = new TextEncoder()
const utf8 = new TextDecoder('utf-8', { fatal: true })
const NO_INPUT = new Uint8Array()
/** Calls of one instance that wait for their answer. */
const MAX_WAITING = 1000
/** The name of the call that starts an instance. */
const START = 'the start of the worker'

/** The parts that {@link WorkerInstance} is made of. */
export interface WorkerInstanceParts {
  readonly module: DecodedModule
  readonly worker: PluginWorker
  /** How the worker started, if it was launched. */
  readonly started: Outcome | undefined
  readonly pages: number
  readonly jsonBytes: number
  readonly late: LateOptions
  /** The simulated seconds and the completed ticks. */
  readonly clock: { readonly time: number; readonly tick: number }
}

/** A call that was made and whose answer is not applied yet. */
interface PendingCall {
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

/**
 * One instance of a plugin in a worker. On the game's thread are its variables, which answers change at the start of a tick, and the
 * calls that wait. Its memory is in the worker, and begins anew with each worker.
 */
export class WorkerInstance implements GuestInstance, LateCalls {
  readonly meter: LateMeter = new LateMeter()
  readonly roles: Roles
  readonly state: GuestState
  readonly late: LateCalls = this
  readonly pages: number
  readonly #parts: WorkerInstanceParts
  readonly #functions: ReadonlySet<string>
  readonly #variables: Variables
  #calls: PendingCall[] = []

  constructor(parts: WorkerInstanceParts) {
    const { module, pages, jsonBytes } = parts
    this.#parts = parts
    this.pages = pages
    this.#functions = new Set(module.exports.filter((entry) => isPluginFunction(module, entry)).map(({ name }) => name))
    this.#variables = new Variables(jsonBytes)
    this.roles = this.#roles()
    this.state = this.#state()
  }

  function(name: string): RoleFunction | undefined {
    return this.#functions.has(name) ? (...numbers) => this.#callByRuntime(name, numbers.map(Number)) : undefined
  }

  /** Takes over the variables of the instance of an earlier generation. Returns which. */
  takeVariables(before: WorkerInstance): readonly string[] {
    const { all } = before.#variables
    this.#variables.replace(all)
    this.#parts.worker.replaceVariables(changed(all, this.#parts.started?.variables ?? []))
    return [...all.keys()].map((name) => `variable ${name}`)
  }

  get variables(): Variables['all'] {
    return this.#variables.all
  }

  /** The start functions may change variables, as any call may: the start is a call, too. */
  start(): void {
    this.#call(START, { isOfRuntime: true, read: () => undefined }, () =>
      this.#parts.started === undefined ? this.#parts.worker.start() : this.#parts.started,
    )
  }

  /** The worker calls `init` whenever it starts. */
  init(): void {}

  readState(): undefined {}

  takesState(): boolean {
    return false
  }

  mismatch(): undefined {}

  writeState(): boolean {
    return false
  }

  readMetadata(): unknown {
    return this.#parseJson(EXPORT.getMetadata, this.#parts.worker.metadata ?? null)
  }

  call(name: string, numbers: readonly (number | bigint)[]): unknown {
    this.#check(name)
    if (numbers.length > 0)
      throw new ScriptError('SignatureMismatch', `'${name}' takes no numbers, and was given ${numbers.length}`, { export: name })
    return this.#request(name, NO_INPUT, () => 0)
  }

  callJson(name: string, arg: unknown): unknown {
    this.#check(name)
    return this.#request(name, arg === undefined ? NO_INPUT : this.#json(arg), (output) => this.#parseJson(name, output))
  }

  // A promise of bytes: see `late`.
  callBytes(name: string, bytes: Uint8Array): Uint8Array | undefined {
    this.#check(name)
    this.#checkSize(bytes.length, 'TooLarge')
    const read = (output: Uint8Array | null): unknown => {
      if (output !== null) this.#checkSize(output.length, 'TooLarge')
      return output?.slice()
    }
    return this.#request(name, bytes.slice(), read) as unknown as Uint8Array
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
    this.#variables.replace(changed(this.#variables.all, variables))
    const call = this.#calls.find((each) => each.number === number)
    this.#calls = this.#calls.filter((each) => each !== call)
    call?.end()
    if (error !== null) {
      const [code, detail] = error
      const known =
        call?.outcome?.error ?? new ScriptError(code, detail, call === undefined || call.name === START ? {} : { export: call.name })
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
    this.#parts.worker.replaceVariables(this.#variables.all)
    for (const { name, reject, end } of dropped) {
      end()
      reject(new ScriptError('Disposed', `the call of '${name}' was dropped: ${detail}`, { export: name }))
    }
  }

  #request(name: string, input: Uint8Array, read: PendingCall['read'], isOfRuntime = false): Promise<unknown> {
    return this.#call(name, { isOfRuntime, read }, () => this.#parts.worker.call(name, input))
  }

  /** Makes a call. Unless a recording is played, `begin` lets the worker answer it. */
  #call(name: string, how: Pick<PendingCall, 'isOfRuntime' | 'read'>, begin: () => Promise<Outcome> | Outcome): Promise<unknown> {
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

  #check(name: string): void {
    if (this.#functions.has(name)) return
    const { module } = this.#parts
    const entry = module.exports.find((each) => each.name === name && each.kind === 'func')
    const type = entry === undefined ? undefined : module.functions[entry.index]
    if (type === undefined) {
      throw new ScriptError('ExportNotFound', `it exports no function '${name}'${suggest(name, [...this.#functions])}`, { export: name })
    }
    const detail = `'${name}' is ${formatFunctionType(type)}, and in a worker only functions of the type () → i32 can be called`
    throw new ScriptError('SignatureMismatch', detail, { export: name })
  }

  #json(value: unknown): Uint8Array {
    let bytes: Uint8Array
    try {
      bytes = encoder.encode(writeJson(value))
    } catch (cause) {
      throw new ScriptError('InvalidJson', 'the value that is passed cannot be written as JSON', { cause })
    }
    this.#checkSize(bytes.length, 'InvalidJson')
    return bytes
  }

  #parseJson(name: string, output: Uint8Array | null): unknown {
    if (output === null) return undefined
    this.#checkSize(output.length, 'InvalidJson')
    try {
      return parseJson(utf8.decode(output))
    } catch (cause) {
      const start = JSON.stringify(new TextDecoder().decode(output.subarray(0, 40)))
      throw new ScriptError('InvalidJson', `the output of '${name}' is not JSON: it begins ${start}`, { export: name, cause })
    }
  }

  #checkSize(size: number, code: 'InvalidJson' | 'TooLarge'): void {
    const { jsonBytes } = this.#parts
    const what = code === 'InvalidJson' ? 'the JSON text has' : 'the data has'
    if (size > jsonBytes) throw new ScriptError(code, `${what} ${size} bytes, the limit is ${jsonBytes} (limits.jsonBytes)`)
  }

  /** Calls a function whose output nobody reads, and whose errors are faults. */
  #callByRuntime(name: string, value: unknown): void {
    void this.#request(name, this.#json(value), () => undefined, true)
  }

  #roles(): Roles {
    const { clock, worker } = this.#parts
    const handlers = new Map<string, Handler>()
    for (const name of this.#functions) {
      const event = handledEvent(name)
      if (event === undefined) continue
      handlers.set(event, { params: undefined, call: (...numbers) => this.#callByRuntime(handlerOf(event), numbers.map(Number)) })
    }
    const tick: RoleFunction = (dt) => {
      if (this.#calls.some(({ name, isOfRuntime }) => isOfRuntime && name === EXPORT.tick)) return
      this.#callByRuntime(EXPORT.tick, { tick: clock.tick, time: clock.time, dt })
    }
    return {
      ...{ update: undefined, driver: undefined, onAttach: undefined, onDetach: undefined, handlers },
      tick: this.#functions.has(EXPORT.tick) ? tick : undefined,
      init: this.#functions.has(EXPORT.init),
      getState: false,
      // In a replay there is no worker to ask.
      getMetadata: worker.metadata !== undefined,
    }
  }

  #state(): GuestState {
    const replace = (values: Iterable<readonly [string, Uint8Array<ArrayBuffer>]>): void => {
      this.#variables.replace(values)
      this.#parts.worker.replaceVariables(this.#variables.all)
    }
    return {
      save: () => ({
        of: {},
        ...{ memories: [], globals: new Map(), vectors: new Map(), tables: [] },
        variables: new Map([...this.#variables.all].map(([name, bytes]) => [name, new ArrayCopy(bytes)])),
      }),
      canHold: () => true,
      restore: ({ memories, globals, variables }) => {
        if (memories.length + globals.size > 0)
          throw new ScriptError(
            'StateRejected',
            'the state is of a plugin that ran on the thread of the game, and this one runs in a worker',
          )
        replace([...(variables ?? [])].map(([name, bytes]) => [name, bytes.read().slice() as Uint8Array<ArrayBuffer>]))
        return []
      },
      overwrite: () => undefined,
    }
  }
}

/** Returns variables after a call changed some. */
function changed(before: Variables['all'], changes: LateAnswer['variables']): Variables['all'] {
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
