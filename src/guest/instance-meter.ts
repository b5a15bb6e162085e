import { toScriptError } from '../engine/trap.ts'
import { ScriptError, withContext } from '../errors.ts'
import { RESERVED } from '../wasm/format/reserved.ts'
import { TOO_DEEP } from '../wasm/rewrite/metered-body.ts'
import type { Generation } from './script/program.ts'

/** The fuel and the depth of one instance, as its rewritten code counts them. */
export class InstanceMeter {
  readonly #fuel: WebAssembly.Global<'i32'>
  readonly #depth: WebAssembly.Global<'i32'>
  readonly #fault: WebAssembly.Global<'i32'>
  readonly #operand: WebAssembly.Global<'i32'>
  readonly #countsDepth: boolean
  readonly #refuse: Generation['imports']['refuse']
  readonly #tracer: Generation['tracer']

  constructor(exports: WebAssembly.Exports, { rewritten, imports, tracer }: Generation) {
    this.#fuel = exports[RESERVED.fuel] as WebAssembly.Global<'i32'>
    this.#depth = exports[RESERVED.depth] as WebAssembly.Global<'i32'>
    this.#fault = exports[RESERVED.fault] as WebAssembly.Global<'i32'>
    this.#operand = exports[RESERVED.operand] as WebAssembly.Global<'i32'>
    this.#countsDepth = rewritten.countsDepth
    this.#refuse = imports.refuse
    this.#tracer = tracer
  }

  /** Units that are left; below 0 once it ran out. */
  get fuel(): number {
    return this.#fuel.value
  }

  set fuel(units: number) {
    this.#fuel.value = units
  }

  /** To be called before each call from outside: functions count their depth up, and nothing counts it down. */
  enter(): void {
    if (this.#countsDepth) this.#depth.value = 0
  }

  /** What ended a call, and where in the script. */
  explain(error: unknown): ScriptError {
    return withContext(this.#whatEnded(error), this.#tracer.trace(error))
  }

  /** The rewritten code runs into `unreachable` when the fuel or the stack is at its end. */
  #whatEnded(error: unknown): ScriptError {
    if (error instanceof WebAssembly.RuntimeError) {
      const fault = this.#fault.value
      if (fault !== 0) {
        this.#fault.value = 0
        if (fault === TOO_DEEP) return new ScriptError('StackOverflow', 'the calls are nested too deeply', { cause: error })
        const refused = this.#refuse(fault - 1, this.#operand.value)
        if (refused instanceof ScriptError) return new ScriptError(refused.code, refused.detail, { cause: error })
      }
      if (this.#fuel.value < 0) return new ScriptError('OutOfFuel', 'the script spent all its fuel (limits.fuel)', { cause: error })
    }
    return toScriptError(error)
  }
}
