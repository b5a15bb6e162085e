import { ScriptError } from '../../errors.ts'

/** What the code of an instance counts as it runs. */
export interface Meter {
  /** Units of fuel that are left; below 0 once it ran out. */
  fuel: number
  /** How deep the calls are, in units of stack. */
  depth: number
  /** The error that an import refused a call with, in the invocation that is under way. */
  refused: ScriptError | undefined
  /** Whether a call ended inside the instance, in the invocation that is under way. */
  endedInside: boolean
  /** Returns the stack pointers that compiled code keeps in globals. */
  saveStack(): readonly number[]
  /** Puts stack pointers back that only a normal return would have raised again. */
  restoreStack(pointers: readonly number[]): void
  /** Returns what ended a call, and where in the instance. */
  explain(error: unknown): ScriptError
}

/** One entry into a script, from outside or from a host function that the script called. */
interface Invocation {
  readonly meter: Meter
  /** Units that were left when a call was refused. */
  fuelAtRefusal: number
  /** An error of reading what the script passed: the script's mistake, even where a host function throws it on. */
  passed: ScriptError | undefined
}

/** Less fuel than any budget has, with room for what a script is charged before the next check. */
const LEAST_FUEL = -(2 ** 30)

/**
 * Invocations that are under way inside each other, in any script of one runtime. Each spends a budget of fuel. An inner one
 * spends that of the outer, so that a script cannot get more by a detour through the host.
 */
export class Invocations {
  readonly #onRefuse: () => void
  #current: Invocation | undefined
  #endedInside = false

  /** `onRefuse` is called when an import refuses a call, before the script goes on. */
  constructor(onRefuse: () => void) {
    this.#onRefuse = onRefuse
  }

  /** Whether the invocation that ended last ended inside the script, and not by a mistake before or after it ran. */
  get endedInside(): boolean {
    return this.#endedInside
  }

  /**
   * Runs `work`, which enters a script with at most `units` of fuel. Passes the units that it used to `spent`, and returns what
   * `work` returns. Throws what ended the script, and errors of `work` itself as they are.
   */
  run<Result>(meter: Meter, units: number, spent: (units: number) => void, work: () => Result): Result {
    const outer = this.#current
    const outerFuel = outer === undefined ? 0 : outer.meter.fuel
    const { refused, endedInside } = meter
    // What a call that is under way has left waits until this one is done.
    const [fuel, depth] = outer === undefined ? [0, 0] : [meter.fuel, meter.depth]
    const stack = meter.saveStack()
    const budget = outer === undefined ? units : Math.max(0, Math.min(units, outerFuel))
    const invocation: Invocation = { meter, fuelAtRefusal: 0, passed: undefined }
    this.#current = invocation
    meter.fuel = budget
    meter.refused = undefined
    meter.endedInside = false
    try {
      const result = work()
      if (meter.refused !== undefined) throw meter.refused
      return result
    } catch (error) {
      meter.restoreStack(stack)
      const isTold = error instanceof ScriptError && (meter.refused === undefined || meter.endedInside)
      throw isTold ? error : meter.explain(error)
    } finally {
      this.#current = outer
      this.#endedInside = meter.endedInside
      const used = budget - (meter.refused === undefined ? meter.fuel : invocation.fuelAtRefusal)
      meter.refused = refused
      meter.endedInside = endedInside
      if (outer !== undefined) {
        meter.fuel = fuel
        meter.depth = depth
        outer.meter.fuel = outerFuel - used
      }
      spent(used)
    }
  }

  /**
   * Refuses a call: throws the error into the script, and empties its fuel, so that a script that catches the error ends at
   * the next check. Throws to the host alone where no script runs.
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

  /** Charges the script that is running for what the host does for it. */
  readonly charge = (units: number): void => {
    const meter = this.#current?.meter
    // A charge that is too large for the counter ends the script all the same.
    if (meter !== undefined && meter.refused === undefined) meter.fuel = Math.max(LEAST_FUEL, meter.fuel - units)
  }

  /** Reads what the running script passed to a host function. If it throws, the mistake is the script's and not the host's. */
  readPassed<Result>(read: () => Result): Result {
    try {
      return read()
    } catch (error) {
      if (this.#current !== undefined && error instanceof ScriptError) this.#current.passed = error
      throw error
    }
  }

  /** Whether an error is one of reading what the running script passed. */
  readonly isPassed = (error: unknown): boolean => error !== undefined && error === this.#current?.passed
}
