import { EXPORT, handledEvent } from '../../abi/exports.ts'
import type { Limits } from '../../abi/limits.ts'
import { PAGE_BYTES } from '../../abi/types.ts'
import { toScriptError } from '../../engine/trap.ts'
import { ScriptError, withContext } from '../../errors.ts'
import type { Caller, MemoryUse } from '../../host/modules/import-module.ts'
import type { HttpAnswer } from '../../host/services/http-requests.ts'
import { suggest } from '../../nearest-name.ts'
import { stackPointers } from '../../wasm/decode/stack-pointers.ts'
import type { DecodedModule, FunctionType } from '../../wasm/format/module.ts'
import { RESERVED } from '../../wasm/format/reserved.ts'
import type { InstanceMemory } from '../../wasm/instance/instance-memory.ts'
import { InstanceState } from '../../wasm/instance/instance-state.ts'
import { TextBoundary, type TextExports } from '../../wasm/instance/text-boundary.ts'
import { type Budget, budgetOf } from '../budget.ts'
import { exportedMemoryOf, type InstantiatedModule } from '../core-module.ts'
import type { GuestInstance, Handler, RoleFunction, Roles, StateVersions } from '../guest.ts'
import { type GrowingMemory, InstanceMeter } from '../instance-meter.ts'
import { bytesReader, checkNumbers, type JsonCall, jsonReader, numbersOf, takesText } from './calls.ts'
import type { ScriptCode } from './script-code.ts'
import { StateBlock } from './state-block.ts'
import { wrapping } from './wrapping.ts'

/** A function that a script exports. */
export interface ExportedFunction {
  readonly type: FunctionType
  readonly call: RoleFunction
  /** Made by the first `callJson`. */
  json?: JsonCall
}

/** The caller of an import. Imports are bound before their instance exists, so its text is set later. */
export class LateCaller implements Caller {
  #text: TextBoundary | undefined
  /** Set with the text. */
  memoryUse: MemoryUse = { pages: () => 0, maxPages: () => 0 }

  get text(): TextBoundary {
    if (this.#text === undefined) throw new ScriptError('HostError', 'an instance was used before it was made')
    return this.#text
  }

  set text(text: TextBoundary) {
    this.#text = text
  }
}

/** What the meter of an instance shares with the other modules of its program. */
interface SharedMeter {
  readonly budget: Budget
  /** Called where the host enters the instance. */
  readonly begin?: () => void
  /** The stack pointers of the other modules. */
  readonly stackPointers: readonly WebAssembly.Global<'i32'>[]
  /** The memories of the other modules, as far as they grow. */
  readonly growing: readonly GrowingMemory[]
  /** All memories of the other modules. */
  readonly memories: readonly InstanceMemory[]
}

/** Returns the globals of an instance that hold stack pointers. */
export function stackPointersOf(instance: {
  readonly module: DecodedModule
  readonly exports: WebAssembly.Exports
}): readonly WebAssembly.Global<'i32'>[] {
  return stackPointers(instance.module).map((index) => instance.exports[`${RESERVED.global}${index}`] as WebAssembly.Global<'i32'>)
}

/** One instance of a script. */
export class ScriptInstance implements GuestInstance {
  readonly meter: InstanceMeter
  readonly state: InstanceState
  readonly roles: Roles
  readonly #functions: ReadonlyMap<string, ExportedFunction>
  readonly #text: TextBoundary
  readonly #block: StateBlock | undefined
  readonly #start: RoleFunction | undefined

  constructor(
    { core, imports, limits, tracer, room }: ScriptCode,
    own: InstantiatedModule,
    caller: LateCaller,
    shared: SharedMeter = { budget: budgetOf(own.exports), stackPointers: [], growing: [], memories: [] },
  ) {
    const { module, rewritten } = core
    const { exports, memories } = own
    const state = new InstanceState(module, exports, memories, rewritten.arena)
    this.state = state
    const arenaPages = rewritten.arena === undefined ? 0 : (rewritten.arena.end - rewritten.arena.start) / PAGE_BYTES
    const growing = [...shared.growing]
    if (rewritten.growsMemory) growing.push({ pages: shared.budget.pages, size: () => state.pages + arenaPages })
    this.meter = new InstanceMeter(shared.budget, {
      countsDepth: rewritten.countsDepth,
      begin: shared.begin,
      entered: core.trace?.entered,
      memory: growing.length === 0 ? undefined : { room, growing },
      windows: [...memories, ...shared.memories].filter(({ enter }) => enter !== undefined),
      stackPointers: [...stackPointersOf({ module, exports }), ...shared.stackPointers],
      outOfRange: imports.outOfRange,
      trace: (error) => tracer.trace(error),
    })
    this.#text = new TextBoundary(this.#textExports(own), {
      jsonBytes: limits.jsonBytes,
      arena: rewritten.arena,
      charge: imports.charge,
    })
    caller.text = this.#text
    caller.memoryUse = memoryUseOf(this, this.meter, limits)
    const functions = new Map<string, ExportedFunction>()
    for (const { name, kind, index } of module.exports) {
      const type = kind === 'func' ? module.functions[index] : undefined
      if (type !== undefined) functions.set(name, { type, call: exports[name] as RoleFunction })
    }
    this.#functions = functions
    this.#block = StateBlock.in(exports, { text: this.#text, run: (call) => this.#run(call), charge: imports.charge })
    this.roles = {
      ...rolesOf(functions, exports, this.#block !== undefined),
      onResponse: functions.has(EXPORT.onResponse) ? (answer) => this.#respond(answer) : undefined,
    }
    this.#start = exports[RESERVED.start] as RoleFunction | undefined
  }

  get pages(): number {
    return this.state.pages
  }

  function(name: string): RoleFunction | undefined {
    return this.#functions.get(name)?.call
  }

  start(): void {
    const start = this.#start
    if (start !== undefined) this.#run(() => start())
  }

  init(config: unknown): void {
    const init = this.#functions.get(EXPORT.init)
    if (init === undefined) return
    wrapping('InitFailed', 'init failed', EXPORT.init, () => {
      if (init.type.params.length === 0) this.#run(() => init.call())
      else this.#text.passJson(config, (pointer, length) => this.#run(() => init.call(pointer, length)), ignore)
    })
  }

  readState(): unknown {
    return this.#functions.has(EXPORT.getState) ? this.#read(EXPORT.getState) : this.#block?.read()
  }

  takesState(state: unknown): boolean {
    return state instanceof Uint8Array ? this.#block !== undefined : this.#functions.has(EXPORT.setState)
  }

  mismatch(state: unknown, versions: StateVersions): string | undefined {
    return state instanceof Uint8Array ? this.#block?.mismatch(state, versions) : undefined
  }

  writeState(state: unknown, versions: StateVersions): boolean {
    if (state instanceof Uint8Array) {
      const write = (): boolean => this.#block?.write(state, versions) ?? false
      return wrapping('StateRejected', 'migrate_state rejected the state', EXPORT.migrateState, write)
    }
    const setState = this.#functions.get(EXPORT.setState)
    if (setState === undefined) return false
    wrapping('StateRejected', 'set_state rejected the state', EXPORT.setState, () =>
      this.#text.passJson(state, (pointer, length) => this.#run(() => setState.call(pointer, length)), ignore),
    )
    return false
  }

  readMetadata(): unknown {
    return this.#read(EXPORT.getMetadata)
  }

  call(name: string, numbers: readonly (number | bigint)[]): unknown {
    const exported = this.#find(name)
    checkNumbers(name, exported.type, numbers)
    return this.#run(() => exported.call(...numbers))
  }

  callJson(name: string, arg: unknown): unknown {
    const exported = this.#find(name)
    exported.json ??= this.#jsonCall(name, exported)
    const { takesText, enter, read } = exported.json
    if (takesText) return this.#text.passJson(arg, enter, read)
    const { type, call } = exported
    const numbers = numbersOf(type, arg)
    checkNumbers(name, type, numbers)
    return read(this.#run(() => call(...numbers)))
  }

  callBytes(name: string, bytes: Uint8Array): Uint8Array | undefined {
    const { type, call } = this.#find(name)
    const read = bytesReader(name, type, this.#text)
    if (takesText(type)) return this.#text.passBytes(bytes, (pointer, length) => this.#run(() => call(pointer, length)), read)
    if (bytes.length > 0) {
      throw new ScriptError('SignatureMismatch', `'${name}' takes no (pointer, length), and was given ${bytes.length} bytes`, {
        export: name,
      })
    }
    checkNumbers(name, type, [])
    return read(this.#run(() => call()))
  }

  #jsonCall(name: string, { type, call }: ExportedFunction): JsonCall {
    const enter = (pointer: number, length: number): unknown => {
      const { meter } = this
      meter.enter()
      try {
        const result = call(pointer, length)
        meter.leave()
        return result
      } catch (error) {
        throw meter.explain(error)
      }
    }
    return { takesText: takesText(type), enter, read: jsonReader(name, type, this.#text) }
  }

  #respond({ id, status, body }: HttpAnswer): void {
    const { call } = this.#find(EXPORT.onResponse)
    this.#text.passBytes(body, (pointer, length) => this.#run(() => call(id, status, pointer, length)), ignore)
  }

  /** Calls into the script. Throws the error that ended the call, as a {@link ScriptError}. */
  #run<Result>(call: () => Result): Result {
    this.meter.enter()
    try {
      return call()
    } catch (error) {
      throw this.meter.explain(error)
    }
  }

  #find(name: string): ExportedFunction {
    const exported = this.#functions.get(name)
    if (exported !== undefined) return exported
    throw new ScriptError('ExportNotFound', `it exports no function '${name}'${suggest(name, [...this.#functions.keys()])}`, {
      export: name,
    })
  }

  #read(name: string): unknown {
    const exported = this.#functions.get(name)
    if (exported === undefined) return undefined
    try {
      return this.#text.readResult(this.#run(() => exported.call()))
    } catch (error) {
      throw withContext(toScriptError(error), { export: name })
    }
  }

  #textExports(own: InstantiatedModule): TextExports {
    const { [EXPORT.alloc]: alloc, [EXPORT.dealloc]: dealloc } = own.exports
    return {
      memory: exportedMemoryOf(own, EXPORT.memory),
      ...(typeof alloc === 'function' && { alloc: (length: number) => this.#run(() => alloc(length) as number) }),
      ...(typeof dealloc === 'function' && {
        dealloc: (pointer: number, length: number) => this.#run(() => dealloc(pointer, length) as void),
      }),
    }
  }
}

/** Returns the memory of an instance, as what it imports reads it. */
export function memoryUseOf(instance: { readonly pages: number }, meter: InstanceMeter, { memoryPages }: Limits): MemoryUse {
  return { pages: () => instance.pages, maxPages: () => Math.min(memoryPages, instance.pages + meter.pagesLeft) }
}

function rolesOf(
  functions: ReadonlyMap<string, ExportedFunction>,
  exports: WebAssembly.Exports,
  hasBlock: boolean,
): Omit<Roles, 'onResponse'> {
  const handlers = new Map<string, Handler>()
  for (const [name, { type, call }] of functions) {
    const event = handledEvent(name)
    if (event !== undefined) handlers.set(event, { params: type.params, call })
  }
  return {
    tick: functions.get(EXPORT.tick)?.call,
    update: functions.get(EXPORT.update)?.call,
    driver: exports[RESERVED.driver] as RoleFunction | undefined,
    groups: exports[RESERVED.groups] as RoleFunction | undefined,
    onAttach: functions.get(EXPORT.onAttach)?.call,
    onDetach: functions.get(EXPORT.onDetach)?.call,
    handlers,
    init: functions.has(EXPORT.init),
    getState: functions.has(EXPORT.getState) || hasBlock,
    getMetadata: functions.has(EXPORT.getMetadata),
  }
}

function ignore(): void {}
