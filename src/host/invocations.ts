import { ScriptError } from '../errors.ts'

/** What the code of an instance counts as it runs. */
export interface Meter {
  /** Units of fuel that are left; below 0 once it ran out. */
  fuel: number
  /** How deep the calls are, in units of stack. */
  depth: number
  /** Returns the stack pointers that compiled code keeps in globals. */
  saveStack(): readonly number[]
  /** Puts stack pointers back that only a normal return would have raised again. */
  restoreStack(pointers: readonly number[]): void
}

/** One entry into a script, from outside or from a host function that the script called. */
export interface Invocation {
  readonly meter: Meter
  /** The error that an import refused the call with. The script may catch it; the invocation ends with it all the same. */
  refused: ScriptError | undefined
  /** Units that were left when it was refused. */
  fuelAtRefusal: number
  readonly outer: Invocation | undefined
}

/**
 * Invocations that are under way inside each other, in any script of one runtime. Each spends a budget of fuel. An inner one
 * spends that of the outer, so that a script cannot get more by a detour through the host.
 */
export class Invocations {
  readonly #onRefuse: () => void
  #current: Invocation | undefined

  /** `onRefuse` is called when an import refuses a call, before the script goes on. */
  constructor(onRefuse: () => void) {
    this.#onRefuse = onRefuse
  }

  /** The innermost invocation; `undefined` if no script runs. */
  get current(): Invocation | undefined {
    return this.#current
  }

  /**
   * Runs `work`, which enters a script with at most `units` of fuel. Returns what it returns, and gives `spent` the units
   * that it used. Throws what it throws; a refused call counts as thrown even if the script caught it.
   */
  run<Result>(meter: Meter, units: number, spent: (units: number) => void, work: (invocation: Invocation) => Result): Result {
    const outer = this.#current
    const outerFuel = outer === undefined ? 0 : outer.meter.fuel
    const before = meter.fuel
    const budget = outer === undefined ? units : Math.max(0, Math.min(units, outerFuel))
    const invocation: Invocation = { meter, refused: undefined, fuelAtRefusal: 0, outer }
    const depth = outer === undefined ? 0 : meter.depth
    const stack = meter.saveStack()
    this.#current = invocation
    meter.fuel = budget
    try {
      const result = work(invocation)
      if (invocation.refused !== undefined) throw invocation.refused
      return result
    } catch (error) {
      meter.restoreStack(stack)
      throw error
    } finally {
      this.#current = outer
      if (outer !== undefined) meter.depth = depth
      const used = budget - (invocation.refused === undefined ? meter.fuel : invocation.fuelAtRefusal)
      meter.fuel = before
      if (outer !== undefined) outer.meter.fuel = outerFuel - used
      spent(used)
    }
  }

  /**
   * Refuses a call: throws the error into the script, and empties its fuel, so that a script that catches the error ends at
   * the next check. Throws to the host alone where no script runs.
   */
  readonly refuse = (error: ScriptError): never => {
    const invocation = this.#current
    if (invocation !== undefined && invocation.refused === undefined) {
      invocation.refused = error
      invocation.fuelAtRefusal = invocation.meter.fuel
      invocation.meter.fuel = -1
      this.#onRefuse()
    }
    throw error
  }

  /** Charges the script that is running for what the host does for it. */
  readonly charge = (units: number): void => {
    const invocation = this.#current
    if (invocation !== undefined && invocation.refused === undefined) invocation.meter.fuel -= units
  }
}
