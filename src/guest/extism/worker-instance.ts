import { EXPORT, handledEvent, handlerOf } from '../../abi/exports.ts'
import { ArrayCopy } from '../../array-image.ts'
import { ScriptError } from '../../errors.ts'
import { suggest } from '../../nearest-name.ts'
import { type DecodedModule, formatFunctionType } from '../../wasm/format/module.ts'
import type { GuestInstance, GuestState, Handler, LateOptions, RoleFunction, Roles } from '../guest.ts'
import { isPluginFunction } from '../script/check-exports.ts'
import { LateMeter } from './late-meter.ts'
import { checkBytes, parseOutput, readOutput, writeInput } from './plugin-json.ts'
import type { Outcome, PluginWorker } from './plugin-worker.ts'
import { Variables } from './variables.ts'
import { changedVariables, type PendingCall, START_CALL, WorkerCalls } from './worker-calls.ts'

const encoder = new TextEncoder()
const NO_INPUT = new Uint8Array()

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

/**
 * One instance of a plugin in a worker. On the game's thread are its variables, which answers change at the start of a tick, and the
 * calls that wait. Its memory is in the worker, and begins anew with each worker.
 */
export class WorkerInstance implements GuestInstance {
  readonly meter: LateMeter = new LateMeter()
  readonly roles: Roles
  readonly state: GuestState
  readonly late: WorkerCalls
  readonly pages: number
  readonly #parts: WorkerInstanceParts
  readonly #functions: ReadonlySet<string>
  readonly #variables: Variables

  constructor(parts: WorkerInstanceParts) {
    const { module, pages, jsonBytes } = parts
    this.#parts = parts
    this.pages = pages
    this.#functions = new Set(module.exports.filter((entry) => isPluginFunction(module, entry)).map(({ name }) => name))
    this.#variables = new Variables(jsonBytes)
    this.late = new WorkerCalls({ ...parts, variables: this.#variables })
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
    this.#parts.worker.replaceVariables(changedVariables(all, this.#parts.started?.variables ?? []))
    return [...all.keys()].map((name) => `variable ${name}`)
  }

  get variables(): Variables['all'] {
    return this.#variables.all
  }

  /** The start functions may change variables, as any call may: the start is a call, too. */
  start(): void {
    this.late.make(START_CALL, { isOfRuntime: true, read: () => undefined }, () =>
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

  #request(name: string, input: Uint8Array, read: PendingCall['read'], isOfRuntime = false): Promise<unknown> {
    return this.late.make(name, { isOfRuntime, read }, () => this.#parts.worker.call(name, input))
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
    const bytes = encoder.encode(writeInput(value))
    this.#checkSize(bytes.length, 'InvalidJson')
    return bytes
  }

  #parseJson(name: string, output: Uint8Array | null): unknown {
    if (output === null) return undefined
    this.#checkSize(output.length, 'InvalidJson')
    return parseOutput(name, readOutput(output, output.length))
  }

  #checkSize(size: number, code: 'InvalidJson' | 'TooLarge'): void {
    checkBytes(size, this.#parts.jsonBytes, code)
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
      if (this.late.waitsFor(EXPORT.tick)) return
      this.#callByRuntime(EXPORT.tick, { tick: clock.tick, time: clock.time, dt })
    }
    return {
      ...{ update: undefined, driver: undefined, groups: undefined, onAttach: undefined, onDetach: undefined, handlers },
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
