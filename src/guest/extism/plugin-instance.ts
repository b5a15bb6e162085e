import { EXPORT, handledEvent, handlerOf } from '../../abi/exports.ts'
import { PRICES } from '../../abi/prices.ts'
import { encodeText } from '../../bytes.ts'
import { toScriptError } from '../../engine/trap.ts'
import { ScriptError, withContext } from '../../errors.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import { RESERVED } from '../../wasm/format/reserved.ts'
import type { GuestInstance, GuestState, Handler, RoleFunction, Roles, StateVersions } from '../guest.ts'
import type { InstanceMeter } from '../instance-meter.ts'
import { isPluginFunction } from '../script/check-exports.ts'
import type { ScriptInstance } from '../script/script-instance.ts'
import { wrapping } from '../script/wrapping.ts'
import { ExitError } from './exit.ts'
import type { Answer } from './kernel.ts'
import type { PluginCaller } from './plugin-caller.ts'
import { checkBytes, type OutputText, parseOutput, readOutput, writeInput } from './plugin-json.ts'
import { PluginState } from './plugin-state.ts'

/** An instance of a module that a plugin imports. */
export interface LinkedInstance {
  readonly name: string
  readonly module: DecodedModule
  readonly exports: WebAssembly.Exports
  readonly state: GuestState & { readonly pages: number }
}

/** The parts that {@link PluginInstance} is made of. */
export interface PluginParts {
  /** The instance of the plugin's module, which serves the exports that have the types of a script's. */
  readonly script: ScriptInstance
  readonly module: DecodedModule
  readonly exports: WebAssembly.Exports
  readonly caller: PluginCaller
  /** The instances of the modules that it imports, in the order in which they were made. */
  readonly linked: readonly LinkedInstance[]
  readonly jsonBytes: number
  /** The simulated seconds and the completed ticks. */
  readonly clock: { readonly time: number; readonly tick: number }
  readonly charge: (units: number) => void
}

/**
 * One instance of an Extism plugin. The functions of a plugin take their input and give their output through the kernel; an
 * export with a type of the script ABI is called as that of a script.
 */
export class PluginInstance implements GuestInstance {
  readonly meter: InstanceMeter
  readonly roles: Roles
  readonly state: GuestState
  readonly #parts: PluginParts
  /** The functions of the plugin, each of which returns its result, or the code with which it exited. */
  readonly #functions: ReadonlyMap<string, () => number>
  readonly #readOutput = (output: Uint8Array): OutputText => readOutput(output, this.#parts.jsonBytes)

  constructor(parts: PluginParts) {
    const { script, module, exports, caller, linked } = parts
    this.#parts = parts
    this.meter = script.meter
    this.#functions = new Map(
      module.exports
        .filter((entry) => isPluginFunction(module, entry))
        .map(({ name }) => {
          const exported = exports[name] as RoleFunction
          return [name, () => exitCode(exported)]
        }),
    )
    this.roles = this.#roles(script.roles)
    this.state = new PluginState(script.state, linked, caller.variables, caller.kernel)
  }

  get pages(): number {
    const { script, caller, linked } = this.#parts
    return script.pages + caller.kernel.pages + caller.variables.size() + linked.reduce((sum, { state }) => sum + state.pages, 0)
  }

  get variables(): ReadonlyMap<string, Uint8Array> {
    return this.#parts.caller.variables.all
  }

  function(name: string): RoleFunction | undefined {
    if (!this.#functions.has(name)) return this.#parts.script.function(name)
    return (...numbers) => this.#callText(name, numbers.map(Number))
  }

  /** Takes over the variables of the instance of an earlier generation. Returns which. */
  takeVariables(before: PluginInstance): readonly string[] {
    const { all } = before.#parts.caller.variables
    this.#parts.caller.variables.replace(all)
    return [...all.keys()].map((name) => `variable ${name}`)
  }

  /** Runs the start function, then the one that the plugin's compiler exports to start it: `hs_init`, `_initialize` or `_start`. */
  start(): void {
    const { script, exports, linked } = this.#parts
    for (const each of linked) {
      const { [RESERVED.start]: start, _initialize: initialize } = each.exports
      this.#run(() => {
        if (typeof start === 'function') start()
        if (typeof initialize === 'function') initialize()
      })
    }
    script.start()
    const [haskell, initialize, main] = ['hs_init', '_initialize', '_start'].map((name) => exports[name])
    this.#run(() => {
      if (typeof initialize === 'function') initialize()
      if (typeof haskell === 'function') haskell(0, 0)
      else if (typeof initialize !== 'function' && typeof main === 'function') this.#runMain(main as RoleFunction)
    })
  }

  init(config: unknown): void {
    if (!this.#functions.has(EXPORT.init)) this.#parts.script.init(config)
    else wrapping('InitFailed', 'init failed', EXPORT.init, () => this.#callText(EXPORT.init, config))
  }

  readState(): unknown {
    return this.#functions.has(EXPORT.getState) ? this.#read(EXPORT.getState) : this.#parts.script.readState()
  }

  takesState(state: unknown): boolean {
    return (this.#functions.has(EXPORT.setState) && !(state instanceof Uint8Array)) || this.#parts.script.takesState(state)
  }

  mismatch(state: unknown, versions: StateVersions): string | undefined {
    return this.#parts.script.mismatch(state, versions)
  }

  writeState(state: unknown, versions: StateVersions): boolean {
    if (!this.#functions.has(EXPORT.setState) || state instanceof Uint8Array) return this.#parts.script.writeState(state, versions)
    wrapping('StateRejected', 'set_state rejected the state', EXPORT.setState, () => this.#callText(EXPORT.setState, state))
    return false
  }

  readMetadata(): unknown {
    return this.#functions.has(EXPORT.getMetadata) ? this.#read(EXPORT.getMetadata) : this.#parts.script.readMetadata()
  }

  call(name: string, numbers: readonly (number | bigint)[]): unknown {
    const call = this.#functions.get(name)
    if (call === undefined || numbers.length > 0) return this.#parts.script.call(name, numbers)
    this.#call(name, call, '', ignore)
    return 0
  }

  callJson(name: string, arg: unknown): unknown {
    const call = this.#functions.get(name)
    return call === undefined ? this.#parts.script.callJson(name, arg) : this.#callText(name, arg, call)
  }

  callBytes(name: string, bytes: Uint8Array): Uint8Array | undefined {
    const call = this.#functions.get(name)
    if (call === undefined) return this.#parts.script.callBytes(name, bytes)
    this.#checkSize(bytes.length, 'TooLarge')
    const output = this.#call(name, call, bytes, copy)
    if (output !== undefined) this.#checkSize(output.length, 'TooLarge')
    return output
  }

  #read(name: string): unknown {
    try {
      return this.#callText(name, undefined)
    } catch (error) {
      throw withContext(toScriptError(error), { export: name })
    }
  }

  /** Calls a function of the plugin with JSON, or with no input if there is no value. Returns the value of its output. */
  #callText(name: string, value: unknown, call = this.#functions.get(name) as () => number): unknown {
    const output = this.#call(name, call, value === undefined ? '' : this.#json(value), this.#readOutput)
    if (output === undefined) return undefined
    this.#checkSize(output.length, 'InvalidJson')
    this.#parts.charge(PRICES.jsonByte * output.length)
    return parseOutput(name, output)
  }

  #json(value: unknown): Uint8Array | string {
    const bytes = encodeText(writeInput(value))
    this.#checkSize(bytes.length, 'InvalidJson')
    this.#parts.charge(PRICES.jsonByte * bytes.length)
    return bytes
  }

  /**
   * Calls a function of the plugin. Throws `GuestError` if it returns another number than 0 or sets an error, which is an answer
   * of the plugin and no fault.
   */
  #call<Output>(name: string, call: () => number, input: Uint8Array | string, read: (output: Uint8Array) => Output): Output | undefined {
    const { kernel } = this.#parts.caller
    kernel.checkInput(input.length)
    const { code, message, output } = this.#answer(call, input, read)
    if (message === undefined && code === 0) return output
    throw new ScriptError('GuestError', message || `'${name}' ${code === 0 ? 'set an error without a text' : `returned ${code}`}`, {
      export: name,
    })
  }

  /** Does the same as {@link PluginInstance.#run}, and makes no function for each call. */
  #answer<Output>(call: () => number, input: Uint8Array | string, read: (output: Uint8Array) => Output): Answer<Output> {
    this.meter.enter()
    try {
      const answer = this.#parts.caller.kernel.answer(input, call, read)
      this.meter.leave()
      return answer
    } catch (error) {
      throw this.meter.explain(error)
    }
  }

  /** Runs `_start`, which may exit with code 0. */
  #runMain(main: RoleFunction): void {
    const code = exitCode(main)
    if (code !== 0) throw new ExitError(code)
  }

  #roles(script: Roles): Roles {
    const { clock } = this.#parts
    const functions = this.#functions
    const handlers = new Map<string, Handler>(script.handlers)
    for (const name of functions.keys()) {
      const event = handledEvent(name)
      if (event === undefined) continue
      handlers.set(event, { params: undefined, call: (...numbers) => this.#callText(handlerOf(event), numbers.map(Number)) })
    }
    const tick: RoleFunction = (dt) => this.#callText(EXPORT.tick, { tick: clock.tick, time: clock.time, dt })
    const onResponse: Roles['onResponse'] = ({ id, status, body }) =>
      this.#callText(EXPORT.onResponse, { id, status, body: new TextDecoder().decode(body) })
    return {
      ...script,
      handlers,
      tick: functions.has(EXPORT.tick) ? tick : script.tick,
      onResponse: functions.has(EXPORT.onResponse) ? onResponse : script.onResponse,
    }
  }

  #run<Result>(work: () => Result): Result {
    this.meter.enter()
    try {
      return work()
    } catch (error) {
      throw this.meter.explain(error)
    }
  }

  #checkSize(size: number, code: 'InvalidJson' | 'TooLarge'): void {
    checkBytes(size, this.#parts.jsonBytes, code)
  }
}

/** Calls a function and returns its result, or the code with which it exited. */
function exitCode(call: RoleFunction): number {
  try {
    return (call() as number | undefined) ?? 0
  } catch (error) {
    if (error instanceof ExitError) return error.exitCode
    throw error
  }
}

function copy(output: Uint8Array): Uint8Array {
  return output.slice()
}

function ignore(): void {}
