import { toScriptError } from '../engine/trap.ts'
import { ScriptError, withContext } from '../errors.ts'
import { TextBoundary, type TextExports } from '../wasm/text.ts'
import type { FunctionType } from '../wasm/types.ts'
import { handledEvent } from './contract.ts'
import type { Generation } from './generation.ts'

/** A function of a script, as JavaScript sees it. */
export type ScriptFunction = (...args: (number | bigint)[]) => unknown

export interface ExportedFunction {
  readonly type: FunctionType
  readonly call: ScriptFunction
}

/** One instance of a generation: its functions by name, and the way to pass it text. */
export class ScriptInstance {
  readonly text: TextBoundary
  readonly functions: ReadonlyMap<string, ExportedFunction>
  /** What it exports as `on_<event>`, by event. */
  readonly handlers: ReadonlyMap<string, ExportedFunction>
  readonly tick: ScriptFunction | undefined
  readonly update: ScriptFunction | undefined
  readonly onAttach: ScriptFunction | undefined
  readonly onDetach: ScriptFunction | undefined

  /** Makes the instance, which runs its start function. Throws `Trap`, `OutOfMemory`, `HostError`. */
  constructor(generation: Generation, jsonBytes: number) {
    let text: TextBoundary | undefined
    const whenReady = (): TextBoundary => {
      if (text === undefined) throw new ScriptError('MissingExport', 'the memory cannot be read while the start function runs; use init')
      return text
    }
    const exports = generation.compiled.instantiate(generation.bindImports(whenReady))
    text = new TextBoundary(textExports(exports), { jsonBytes, arena: generation.arena })
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
    this.onAttach = functions.get('on_attach')?.call
    this.onDetach = functions.get('on_detach')?.call
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
      if (init.type.params.length === 0) init.call()
      else this.text.passJson(config, init.call, ignore)
    } catch (error) {
      const cause = toScriptError(error)
      throw new ScriptError('InitFailed', `init did not end well: ${cause.detail} (${cause.code})`, { export: 'init', cause })
    }
  }

  /** Throws `StateRejected`. */
  writeState(state: unknown): void {
    const setState = this.functions.get('set_state')
    if (setState === undefined) return
    try {
      this.text.passJson(state, setState.call, ignore)
    } catch (error) {
      const cause = toScriptError(error)
      throw new ScriptError('StateRejected', `set_state did not take the state: ${cause.detail} (${cause.code})`, {
        export: 'set_state',
        cause,
      })
    }
  }

  #read(name: string): unknown {
    const exported = this.functions.get(name)
    if (exported === undefined) return undefined
    try {
      return this.text.readResult(exported.call())
    } catch (error) {
      throw withContext(toScriptError(error), { export: name })
    }
  }
}

function textExports(exports: WebAssembly.Exports): TextExports {
  const { memory, alloc, dealloc } = exports
  return {
    ...(memory instanceof WebAssembly.Memory && { memory }),
    ...(typeof alloc === 'function' && { alloc: alloc as (length: number) => number }),
    ...(typeof dealloc === 'function' && { dealloc: dealloc as (pointer: number, length: number) => void }),
  }
}

function ignore(): void {}
