import { EXPORT } from '../../abi/exports.ts'
import { toScriptError } from '../../engine/trap.ts'
import { type ErrorContext, ScriptError, withContext } from '../../errors.ts'
import { boundedFetch } from '../../host/services/bounded-fetch.ts'
import { TOO_DEEP } from '../../wasm/rewrite/additions.ts'
import { wrapping } from '../script/wrapping.ts'
import { openSandbox, type Sandbox, type SdkFunction, type SdkOptions } from './sdk.ts'
import { Variables } from './variables.ts'
import { readStatus, START, STATUS } from './worker-entry.ts'

/** What all workers of one program share. */
export interface WorkerParts {
  readonly modules: SdkOptions['modules']
  readonly config: SdkOptions['config']
  readonly useWasi: boolean
  readonly hosts: readonly string[]
  readonly jsonBytes: number
  readonly loadMs: number
  readonly timeoutMs: number
  readonly log: SdkOptions['log']
  /** The input of `init`; `undefined` if the plugin has no such function. */
  readonly init: Uint8Array | undefined
  /** Whether it has a function `get_metadata`. */
  readonly hasMetadata: boolean
  /** Returns the places of an error in the plugin. */
  readonly trace: (error: unknown) => ErrorContext
}

/** How a call of a plugin ended, and what it did to its variables. */
export interface Outcome {
  readonly output: Uint8Array<ArrayBuffer> | undefined
  readonly error: ScriptError | undefined
  /** The variables that the call set, or removed (`null`). */
  readonly variables: readonly (readonly [name: string, value: Uint8Array<ArrayBuffer> | null])[]
}

const NO_INPUT = new Uint8Array()
/** A worker keeps the blocks of all calls until it is reset. */
const CALLS_PER_RESET = 50
const PLUGIN_ERROR = 'Plugin-originated error: '
const MAX_TRACE = 4000

/**
 * Runs the calls of one instance of a plugin in a worker, one after another. A worker that trapped, hung or was stopped is replaced by a
 * new one before the next call. Each begins with the start functions of its modules and with `init`.
 */
export class PluginWorker {
  readonly #parts: WorkerParts
  /** The variables as the worker sees them. */
  readonly #variables: Variables
  #changed = new Map<string, Uint8Array<ArrayBuffer> | null>()
  #sandbox: Sandbox | undefined
  #calls = 0
  /** Ends the requests of the current call. */
  #requests = new AbortController()
  #turn: Promise<unknown> = Promise.resolve()
  /** Increases with each stop. Work that began before the last one is discarded. */
  #stops = 0
  /** The output of `get_metadata`. */
  metadata: Uint8Array<ArrayBuffer> | undefined

  constructor(parts: WorkerParts, variables: Variables['all']) {
    this.#parts = parts
    this.#variables = new Variables(parts.jsonBytes)
    this.#variables.replace(variables)
  }

  /** Replaces the variables that the next call sees. */
  replaceVariables(variables: Variables['all']): void {
    this.#variables.replace(variables)
  }

  /** Starts the worker, if none runs. Resolves when it may be called. */
  start(): Promise<Outcome> {
    return this.#inTurn(async () => {
      await this.#open()
      return undefined
    })
  }

  /** Calls a function when earlier calls have ended. The promise never rejects. */
  call(name: string, input: Uint8Array): Promise<Outcome> {
    return this.#inTurn(async () => {
      const sandbox = await this.#open()
      const output = await this.#run(sandbox, name, input)
      if (++this.#calls % CALLS_PER_RESET === 0) await this.#within(sandbox, 'reset', sandbox.reset()).catch(() => this.#close())
      return output
    })
  }

  /** Ends the worker, and drops the calls that wait. Their promises do not settle. */
  stop(): void {
    this.#stops++
    this.#turn = Promise.resolve()
    this.#changed = new Map()
    this.#close()
  }

  #inTurn(work: () => Promise<Uint8Array<ArrayBuffer> | undefined>): Promise<Outcome> {
    const stops = this.#stops
    const outcome = this.#turn.then(async (): Promise<Outcome> => {
      if (stops !== this.#stops) return new Promise(() => undefined)
      let output: Uint8Array<ArrayBuffer> | undefined
      let error: ScriptError | undefined
      try {
        output = await work()
      } catch (thrown) {
        error = toScriptError(thrown)
      }
      if (stops !== this.#stops) return new Promise(() => undefined)
      const variables = [...this.#changed]
      this.#changed = new Map()
      return { output, error, variables }
    })
    this.#turn = outcome
    return outcome
  }

  /** Returns the running worker, or starts one. */
  async #open(): Promise<Sandbox> {
    if (this.#sandbox !== undefined) return this.#sandbox
    const stops = this.#stops
    const { modules, config, useWasi, jsonBytes, hosts, loadMs, log, init, hasMetadata } = this.#parts
    const live = (level: number, message: string): void => {
      if (stops === this.#stops) log(level, message)
    }
    const sandbox = await openSandbox({
      ...{ modules, config, useWasi, loadMs, log: live },
      functions: this.#functions(),
      fetch: boundedFetch({ hosts, maxBytes: jsonBytes, signal: () => this.#requests.signal, warn: (message) => live(2, message) }),
    })
    if (stops !== this.#stops) {
      sandbox.stop()
      return sandbox
    }
    this.#sandbox = sandbox
    this.#calls = 0
    // A worker may end while no call waits for it.
    sandbox.death.catch(() => {
      if (this.#sandbox === sandbox) this.#close()
    })
    try {
      await this.#run(sandbox, START, NO_INPUT)
      if (hasMetadata) this.metadata = await this.#run(sandbox, EXPORT.getMetadata, NO_INPUT)
      if (init !== undefined) await this.#run(sandbox, EXPORT.init, init)
    } catch (error) {
      if (this.#sandbox === sandbox) this.#close()
      const failed = toScriptError(error)
      if (failed.export !== EXPORT.init) throw failed
      wrapping('InitFailed', 'init failed', EXPORT.init, () => {
        throw failed
      })
    }
    return sandbox
  }

  #functions(): Readonly<Record<string, SdkFunction>> {
    return {
      var_get: (context, key = 0n) => {
        const value = this.#variables.all.get(context.read(key)?.text() ?? '')
        return value === undefined ? 0n : context.store(value)
      },
      var_set: (context, key = 0n, at = 0n) => {
        const name = context.read(key)?.text() ?? ''
        const value = at === 0n ? undefined : context.read(at)?.bytes().slice()
        this.#variables.set(name, value as Uint8Array<ArrayBuffer> | undefined)
        this.#changed.set(name, (value as Uint8Array<ArrayBuffer> | undefined) ?? null)
        return undefined
      },
    }
  }

  /** Calls a function. Ends the worker if it cannot be called again. */
  async #run(sandbox: Sandbox, name: string, input: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const shown = name === START ? {} : { export: name }
    try {
      return await this.#within(sandbox, name, sandbox.call(name, input))
    } catch (thrown) {
      const error = await this.#explain(sandbox, name, thrown).catch(toScriptError)
      if (error === undefined) return undefined
      if (error.code !== 'GuestError' && this.#sandbox === sandbox) this.#close()
      throw withContext(error, shown)
    }
  }

  /** Resolves as `call` does. Rejects with `Timeout` if it takes too long, and with `Trap` if the worker ends. */
  async #within<Result>(sandbox: Sandbox, name: string, call: Promise<Result>): Promise<Result> {
    const { timeoutMs } = this.#parts
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      const what = name === START ? 'the start of the plugin' : `'${name}'`
      timer = setTimeout(
        () => reject(new ScriptError('Timeout', `${what} took more than ${timeoutMs} milliseconds (timeoutMs)`)),
        timeoutMs,
      )
    })
    try {
      return await Promise.race([call, late, sandbox.death])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Returns what ended a call; `undefined` if a start function exited. */
  async #explain(sandbox: Sandbox, name: string, thrown: unknown): Promise<ScriptError | undefined> {
    if (thrown instanceof ScriptError) return thrown
    const { message, originalStack } = thrown as { readonly message?: string; readonly originalStack?: string }
    if (thrown instanceof Error) {
      if (message?.startsWith(PLUGIN_ERROR) === true) return new ScriptError('GuestError', message.slice(PLUGIN_ERROR.length))
      return new ScriptError('Trap', `a function of the host could not do what '${name}' asked: ${message}`, { cause: thrown })
    }
    const output = await this.#within(sandbox, name, sandbox.call(STATUS, NO_INPUT))
    const { fuel, fault, code } = readStatus(output ?? new Uint8Array(24))
    const cause = new WebAssembly.RuntimeError(message ?? 'the plugin exited')
    // The frames of the worker hold its whole code as a URL.
    const frames = originalStack?.split('\n').filter((line) => line.includes('wasm')) ?? []
    cause.stack = frames.filter((line) => line.length < MAX_TRACE).join('\n')
    if (fault === TOO_DEEP) return new ScriptError('StackOverflow', 'the calls are nested too deeply', this.#trace(cause))
    if (fuel < 0) return new ScriptError('OutOfFuel', 'the plugin spent all its fuel (limits.fuel)', this.#trace(cause))
    if (code !== 0) return new ScriptError('GuestError', `'${name}' returned ${code}`)
    if (message === undefined || message.startsWith('exit with exit code')) return this.#exit(sandbox, name)
    return withContext(toScriptError(cause), this.#trace(cause))
  }

  /** Handles an exit, which leaves the plugin in the middle of a call. The SDK does not pass on the exit code. */
  #exit(sandbox: Sandbox, name: string): ScriptError | undefined {
    if (name === START) return undefined
    if (this.#sandbox === sandbox) this.#close()
    return new ScriptError('GuestError', `'${name}' exited`)
  }

  #trace(cause: Error): ErrorContext {
    return { ...this.#parts.trace(cause), cause }
  }

  #close(): void {
    this.#requests.abort()
    this.#requests = new AbortController()
    this.#sandbox?.stop()
    this.#sandbox = undefined
  }
}
