import type { Limits } from '../../abi/limits.ts'
import { toScriptError } from '../../engine/trap.ts'
import { type ErrorContext, ScriptError, withContext } from '../../errors.ts'
import type { FunctionType } from '../../wasm/format/module.ts'
import { RESERVED } from '../../wasm/format/reserved.ts'
import { InstanceState } from '../../wasm/instance/instance-state.ts'
import { TextBoundary, type TextExports } from '../../wasm/instance/text-boundary.ts'
import { InstanceMeter } from '../instance-meter.ts'
import { handledEvent } from './exports.ts'
import type { Generation } from './program.ts'

/** A function of a script, as JavaScript sees it. */
export type ScriptFunction = (...args: (number | bigint)[]) => unknown

export interface ExportedFunction {
  readonly type: FunctionType
  readonly call: ScriptFunction
}

/** Errors that ended a call inside the script: its fault, and no mistake of whoever called it. */
const inside = new WeakSet<object>()

/** Whether the error ended a call inside a script. */
export function endedInside(error: unknown): boolean {
  return typeof error === 'object' && error !== null && inside.has(error)
}

/** One instance of a generation: its functions by name, and the way to pass it text. */
export class ScriptInstance {
  readonly text: TextBoundary
  readonly functions: ReadonlyMap<string, ExportedFunction>
  /** What it exports as `on_<event>`, by event. */
  readonly handlers: ReadonlyMap<string, ExportedFunction>
  readonly tick: ScriptFunction | undefined
  readonly update: ScriptFunction | undefined
  /** Calls `update` for each entity of the batch. */
  readonly driver: ScriptFunction | undefined
  readonly onAttach: ScriptFunction | undefined
  readonly onDetach: ScriptFunction | undefined

  readonly meter: InstanceMeter

  /** Everything that it can change of itself. */
  readonly state: InstanceState

  /**
   * Makes the instance and runs its start function, unless `starts` says that its state is put in next.
   * Throws `Trap`, `OutOfFuel`, `OutOfMemory`, `HostError`.
   */
  constructor(generation: Generation, limits: Limits, starts = true) {
    let text: TextBoundary | undefined
    const whenReady = (): TextBoundary => {
      if (text === undefined) throw new ScriptError('HostError', 'an instance was used before it was made')
      return text
    }
    const { imports, rewritten } = generation
    const bound = imports.bind(whenReady)
    if (rewritten.usesEcsMemory) bound[RESERVED.module] = memoriesOf(generation)
    const exports = generation.compiled.instantiate(bound)
    this.meter = new InstanceMeter(exports, generation)
    this.state = new InstanceState(generation.module, exports, rewritten.arena)
    this.meter.fuel = limits.fuel
    text = new TextBoundary(this.#textExports(exports), { jsonBytes: limits.jsonBytes, arena: rewritten.arena })
    this.text = text
    const functions = new Map<string, ExportedFunction>()
    const handlers = new Map<string, ExportedFunction>()
    for (const { name, kind, index } of generation.module.exports) {
      const type = kind === 'func' ? generation.module.functions[index] : undefined
      if (type === undefined) continue
      const exported = { type, call: exports[name] as ScriptFunction }
      functions.set(name, exported)
      const event = handledEvent(name)
      if (event !== undefined) handlers.set(event, exported)
    }
    this.functions = functions
    this.handlers = handlers
    this.tick = functions.get('tick')?.call
    this.update = functions.get('update')?.call
    this.driver = exports[RESERVED.driver] as ScriptFunction | undefined
    this.onAttach = functions.get('on_attach')?.call
    this.onDetach = functions.get('on_detach')?.call
    const start = exports[RESERVED.start]
    if (starts && typeof start === 'function') this.run(start as () => void)
  }

  /** Calls into the script. Throws what ended the call there, as a {@link ScriptError}. */
  run<Result>(call: () => Result): Result {
    this.meter.enter()
    try {
      return call()
    } catch (error) {
      const explained = this.meter.explain(error)
      inside.add(explained)
      throw explained
    }
  }

  /**
   * Does something with fuel of its own. What is left to a run that is under way waits until it is done: every call that
   * may come while the script runs must go this way, since running code knows its fuel by heart.
   */
  withFuel<Result>(units: number, work: () => Result): Result {
    const { fuel } = this.meter
    this.meter.fuel = units
    try {
      return work()
    } finally {
      this.meter.fuel = fuel
    }
  }

  get hasState(): boolean {
    return this.functions.has('get_state')
  }

  get takesState(): boolean {
    return this.functions.has('set_state')
  }

  /** The value of what `get_metadata` returns; `undefined` without such an export. */
  readMetadata(): unknown {
    return this.#read('get_metadata')
  }

  /** The value of what `get_state` returns; `undefined` without such an export. */
  readState(): unknown {
    return this.#read('get_state')
  }

  /** Throws `InitFailed`. */
  init(config: unknown): void {
    const init = this.functions.get('init')
    if (init === undefined) return
    try {
      if (init.type.params.length === 0) this.run(() => init.call())
      else this.text.passJson(config, (pointer, length) => this.run(() => init.call(pointer, length)), ignore)
    } catch (error) {
      const cause = toScriptError(error)
      const { location, frame, trace } = cause
      throw new ScriptError(
        'InitFailed',
        `init did not end well: ${cause.detail} (${cause.code})`,
        contextOf({ export: 'init', location, frame, trace, cause }),
      )
    }
  }

  /** Throws `StateRejected`. */
  writeState(state: unknown): void {
    const setState = this.functions.get('set_state')
    if (setState === undefined) return
    try {
      this.text.passJson(state, (pointer, length) => this.run(() => setState.call(pointer, length)), ignore)
    } catch (error) {
      const cause = toScriptError(error)
      const { location, frame, trace } = cause
      const context = contextOf({ export: 'set_state', location, frame, trace, cause })
      throw new ScriptError('StateRejected', `set_state did not take the state: ${cause.detail} (${cause.code})`, context)
    }
  }

  #textExports({ memory, alloc, dealloc }: WebAssembly.Exports): TextExports {
    return {
      ...(memory instanceof WebAssembly.Memory && { memory }),
      ...(typeof alloc === 'function' && { alloc: (length: number) => this.run(() => alloc(length) as number) }),
      ...(typeof dealloc === 'function' && {
        dealloc: (pointer: number, length: number) => this.run(() => dealloc(pointer, length) as void),
      }),
    }
  }

  #read(name: string): unknown {
    const exported = this.functions.get(name)
    if (exported === undefined) return undefined
    try {
      return this.text.readResult(this.run(() => exported.call()))
    } catch (error) {
      throw withContext(toScriptError(error), { export: name })
    }
  }
}

/** The memories that an instance imports: its own, which are new, and that of the columns. */
function memoriesOf({ rewritten, memory }: Generation): Record<string, WebAssembly.Memory> {
  const memories: Record<string, WebAssembly.Memory> = {}
  for (const [index, { minimum, maximum }] of rewritten.memories.entries()) {
    memories[`${RESERVED.memory}${index}`] = new WebAssembly.Memory({ initial: minimum, maximum })
  }
  if (memory !== undefined) memories[RESERVED.ecs] = memory
  return memories
}

/** A context without what is not known. */
function contextOf(known: { readonly [Key in keyof ErrorContext]: ErrorContext[Key] | undefined }): ErrorContext {
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined))
}

function ignore(): void {}
