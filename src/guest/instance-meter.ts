import { toScriptError } from '../engine/trap.ts'
import { type ErrorContext, ScriptError, withContext } from '../errors.ts'
import { TOO_DEEP } from '../wasm/rewrite/additions.ts'
import type { Budget } from './budget.ts'
import type { GuestMeter } from './guest.ts'

/** What an instance's meter needs beside its budget. */
export interface MeterParts {
  /** Whether any function counts how deep it is. */
  readonly countsDepth: boolean
  /** The globals of its stack pointers. */
  readonly stackPointers: readonly WebAssembly.Global<'i32'>[]
  /** Returns the error for an operand of an inlined import that is out of range. */
  readonly outOfRange: (functionIndex: number, operand: number) => ScriptError | undefined
  /** Returns the functions that an error came through. */
  readonly trace: (error: unknown) => ErrorContext
}

const NO_POINTERS: readonly number[] = []

/** The fuel, the depth and the stack pointers of an instance, as its rewritten code counts them. */
export class InstanceMeter implements GuestMeter {
  readonly #budget: Budget
  readonly #parts: MeterParts
  refused: ScriptError | undefined
  endedInside = false

  constructor(budget: Budget, parts: MeterParts) {
    this.#budget = budget
    this.#parts = parts
  }

  get fuel(): number {
    return this.#budget.fuel.value
  }

  set fuel(units: number) {
    this.#budget.fuel.value = units
  }

  get depth(): number {
    return this.#parts.countsDepth ? this.#budget.depth.value : 0
  }

  set depth(units: number) {
    if (this.#parts.countsDepth) this.#budget.depth.value = units
  }

  enter(): void {
    // Functions count their depth up, and nothing counts it down.
    if (this.#parts.countsDepth) this.#budget.depth.value = 0
  }

  saveStack(): readonly number[] {
    const { stackPointers } = this.#parts
    return stackPointers.length === 0 ? NO_POINTERS : stackPointers.map((global) => global.value)
  }

  restoreStack(pointers: readonly number[]): void {
    for (const [place, global] of this.#parts.stackPointers.entries()) global.value = pointers[place] as number
  }

  explain(error: unknown): ScriptError {
    this.endedInside = true
    // A script that caught the error of a refused call ends for want of fuel.
    const cause = this.refused ?? error
    return withContext(this.#whatEnded(cause), this.#parts.trace(cause))
  }

  /** The rewritten code runs into `unreachable` when the fuel or the stack is at its end. */
  #whatEnded(error: unknown): ScriptError {
    if (error instanceof WebAssembly.RuntimeError) {
      const { fault, operand, fuel } = this.#budget
      const found = fault.value
      if (found !== 0) {
        fault.value = 0
        if (found === TOO_DEEP) return new ScriptError('StackOverflow', 'the calls are nested too deeply', { cause: error })
        const refused = this.#parts.outOfRange(found - 1, operand.value)
        if (refused !== undefined) return new ScriptError(refused.code, refused.detail, { cause: error })
      }
      if (fuel.value < 0) return new ScriptError('OutOfFuel', 'the script spent all its fuel (limits.fuel)', { cause: error })
    }
    return toScriptError(error)
  }
}
