import { ScriptError } from '../../errors.ts'

/** The counters of a running instance. */
export interface Meter {
  /** The remaining units of fuel; negative if they are used up. */
  fuel: number
  /** Sets the fuel with which a run begins. */
  lendFuel(units: number): void
  /** Sets the fuel with which the instance goes on after a call that it made into another one, or into itself. */
  resumeFuel(units: number): void
  /** The depth of calls in units of stack. */
  depth: number
  /** The error with which an import refused a call in the current invocation. */
  refused: ScriptError | undefined
  /** Whether the instance itself ended the current invocation. */
  endedInside: boolean
  /** Called where the host enters the instance, and not where calls into it nest. */
  begin(): void
  /** Returns the stack pointers that compiled code keeps in globals. */
  saveStack(): readonly number[]
  /** Restores the stack pointers after a trap: compiled code resets them only when it returns. */
  restoreStack(pointers: readonly number[]): void
  /**
   * Called before the instance runs, and before it goes on after a call into another one. Puts it in its windows of the ECS memory, and lets it
   * grow its memories by the pages that are left to its program.
   */
  lendPages(): void
  /** Takes back the lent pages that it did not use. */
  takePages(): void
  /** Returns what ended a call, and where in the instance. */
  explain(error: unknown): ScriptError
}

/** A call into a script, made by the host or by a host function that a script called. */
interface Invocation {
  readonly meter: Meter
  /** The invocation that this one was made in, by way of a host function. */
  readonly outer: Invocation | undefined
  /** The remaining units when a call was refused. */
  fuelAtRefusal: number
  /** An error in reading the script's input. It is the script's mistake, even if a host function throws it on. */
  inputError: ScriptError | undefined
}

/** Below any budget, and far enough from the i32 limit for the charges before the next check. */
const MIN_FUEL = -(2 ** 30)

/** Fuel that several invocations share. */
export interface Allowance {
  /** Units left. */
  fuel: number
}

/**
 * The nested invocations of all scripts of a runtime. Each spends a budget of fuel. An inner invocation spends the budget of
 * the outer one, so that a script cannot get more fuel through the host.
 */
export class Invocations {
  readonly #onRefuse: () => void
  #current: Invocation | undefined
  #endedInside = false

  /** `onRefuse` is called when an import refuses a call, before the script goes on. */
  constructor(onRefuse: () => void) {
    this.#onRefuse = onRefuse
  }

  /** Whether the last invocation was ended by the script itself, and not by an error before or after it ran. */
  get endedInside(): boolean {
    return this.#endedInside
  }

  /**
   * Runs `work` with an argument. It calls into a script with at most the fuel that is left; what it uses is subtracted. Returns the
   * result of `work`. Throws what ended the script, or the error of `work` itself unchanged.
   */
  run<Argument, Result>(meter: Meter, left: Allowance, work: (argument: Argument) => Result, argument: Argument): Result {
    const units = left.fuel
    if (!this.runs(meter)) meter.begin()
    const outer = this.#current
    const outerFuel = outer === undefined ? 0 : outer.meter.fuel
    const { refused, endedInside } = meter
    // An outer call of the same instance continues with its own counters afterwards.
    const fuel = outer === undefined ? 0 : meter.fuel
    const depth = outer === undefined ? 0 : meter.depth
    const stack = meter.saveStack()
    const budget = outer === undefined ? units : Math.max(0, Math.min(units, outerFuel))
    const invocation: Invocation = { meter, outer, fuelAtRefusal: 0, inputError: undefined }
    this.#current = invocation
    outer?.meter.takePages()
    meter.lendPages()
    meter.lendFuel(budget)
    meter.refused = undefined
    meter.endedInside = false
    try {
      const result = work(argument)
      if (meter.refused !== undefined) throw meter.refused
      return result
    } catch (error) {
      meter.restoreStack(stack)
      const isExplained = error instanceof ScriptError && (meter.refused === undefined || meter.endedInside)
      throw isExplained ? error : meter.explain(error)
    } finally {
      this.#current = outer
      meter.takePages()
      outer?.meter.lendPages()
      this.#endedInside = meter.endedInside
      const used = budget - (meter.refused === undefined ? meter.fuel : invocation.fuelAtRefusal)
      meter.refused = refused
      meter.endedInside = endedInside
      if (outer !== undefined) {
        meter.fuel = fuel
        meter.depth = depth
        outer.meter.resumeFuel(outerFuel - used)
      }
      left.fuel -= used
    }
  }

  /** Returns whether an instance is in a call: it called a host function that has not returned. */
  runs(meter: Meter): boolean {
    for (let invocation = this.#current; invocation !== undefined; invocation = invocation.outer)
      if (invocation.meter === meter) return true
    return false
  }

  /**
   * Refuses a call of a script: throws the error and takes the script's fuel, so that a script that catches the error ends at
   * the next check. If no script runs, only throws the error.
   */
  readonly refuse = (error: ScriptError): never => {
    const invocation = this.#current
    if (invocation !== undefined && invocation.meter.refused === undefined) {
      const { meter } = invocation
      meter.refused = error
      invocation.fuelAtRefusal = meter.fuel
      meter.fuel = -1
      this.#onRefuse()
    }
    throw error
  }

  /** Returns the units of fuel that the running script has left. Infinite if none runs. */
  readonly fuelLeft = (): number => this.#current?.meter.fuel ?? Number.POSITIVE_INFINITY

  /** Charges the running script units of fuel. */
  readonly charge = (units: number): void => {
    const meter = this.#current?.meter
    // The limit keeps the counter from wrapping to a positive number.
    if (meter !== undefined && meter.refused === undefined) meter.fuel = Math.max(MIN_FUEL, meter.fuel - units)
  }

  /** Runs `read`, which reads what the running script passed to a host function. An error counts as the script's mistake. */
  readInput<Result>(read: () => Result): Result {
    try {
      return read()
    } catch (error) {
      if (this.#current !== undefined && error instanceof ScriptError) this.#current.inputError = error
      throw error
    }
  }

  /** Returns whether an error came from {@link readInput} in the current invocation. */
  readonly isInputError = (error: unknown): boolean => error !== undefined && error === this.#current?.inputError
}
