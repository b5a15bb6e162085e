import { toScriptError } from '../engine/trap.ts'
import { type ErrorContext, ScriptError, withContext } from '../errors.ts'
import type { InstanceMemory } from '../wasm/instance/instance-memory.ts'
import { TOO_DEEP } from '../wasm/rewrite/additions.ts'
import type { Budget } from './budget.ts'
import type { GuestMeter, PageRoom } from './guest.ts'

/** What a meter needs in addition to its budget. */
export interface MeterParts {
  /** Whether the rewritten code counts the depth of its calls. */
  readonly countsDepth: boolean
  /** Called where the host enters the instance. @default nothing is done */
  readonly begin?: (() => void) | undefined
  /** Called before each call of the instance by the host. @default nothing is done */
  readonly entered?: (() => void) | undefined
  /** How the instance shares pages of memory with the others of its program; left out if its code grows no memory. */
  readonly memory?: SharedPages | undefined
  /** The memories that are windows of the ECS memory. */
  readonly windows: readonly InstanceMemory[]
  /** The globals that hold stack pointers. */
  readonly stackPointers: readonly WebAssembly.Global<'i32'>[]
  /** Returns the error for an operand of an inlined import that is out of range. */
  readonly outOfRange: (functionIndex: number, operand: number) => ScriptError | undefined
  /** Returns the script's stack trace of an error. */
  readonly trace: (error: unknown) => ErrorContext
}

/** The memories of an instance, and the pages that are left for all instances of its program. */
export interface SharedPages {
  readonly room: PageRoom
  /** What can grow in it. */
  readonly growing: readonly GrowingMemory[]
}

/** The memories of a core module, or what else counts as memory. */
export interface GrowingMemory {
  /** Holds the pages that they may have together: a global of the module's budget. */
  readonly pages: { value: number }
  /** Returns the pages that they have, host arena included. */
  readonly size: () => number
  /** What `pages` holds, once a meter has written it: to compare is faster than to write a global of the engine. */
  lent?: number
}

export const TOO_NESTED = 'the calls are nested too deeply'

/** Returns the error of code that has no fuel left. */
export function outOfFuel(cause: unknown): ScriptError {
  return new ScriptError('OutOfFuel', 'the script spent all its fuel (limits.fuel)', { cause })
}

const NO_POINTERS: readonly number[] = []

/** The fuel, the depth and the stack pointers of an instance, as its rewritten code counts them. */
export class InstanceMeter implements GuestMeter {
  readonly #budget: Budget
  readonly #parts: MeterParts
  refused: ScriptError | undefined
  endedInside = false
  /** The fuel while no code of the instance runs. To read or write a global of the engine takes several times as long. */
  #fuel = 0
  /** Whether the fuel is in the global: code runs, or ran last. */
  #isInGlobal = false
  /** The pages that each module of the instance was lent when it was entered, and those that all of them had. */
  #lent = 0
  #entered = 0

  constructor(budget: Budget, parts: MeterParts) {
    this.#budget = budget
    this.#parts = parts
  }

  get fuel(): number {
    return this.#isInGlobal ? this.#budget.fuel.value : this.#fuel
  }

  set fuel(units: number) {
    if (this.#isInGlobal) this.#budget.fuel.value = units
    else this.#fuel = units
  }

  lendFuel(units: number): void {
    this.#isInGlobal = false
    this.#fuel = units
  }

  resumeFuel(units: number): void {
    this.#isInGlobal = true
    this.#budget.fuel.value = units
  }

  get depth(): number {
    return this.#parts.countsDepth ? this.#budget.depth.value : 0
  }

  set depth(units: number) {
    if (this.#parts.countsDepth) this.#budget.depth.value = units
  }

  begin(): void {
    this.#parts.begin?.()
  }

  enter(): void {
    if (!this.#isInGlobal) this.resumeFuel(this.#fuel)
    // A function that traps or throws leaves the depth raised.
    if (this.#parts.countsDepth) this.#budget.depth.value = 0
    this.#parts.entered?.()
  }

  /** Takes the fuel from the global after a call by the host returned. For calls after which the host charges the script for more. */
  leave(): void {
    this.lendFuel(this.#budget.fuel.value)
  }

  saveStack(): readonly number[] {
    const { stackPointers } = this.#parts
    return stackPointers.length === 0 ? NO_POINTERS : stackPointers.map((global) => global.value)
  }

  restoreStack(pointers: readonly number[]): void {
    for (const [place, global] of this.#parts.stackPointers.entries()) global.value = pointers[place] as number
  }

  /** The pages by which the instance can still grow in the current run. Infinite if its code grows no memory. */
  get pagesLeft(): number {
    const { memory } = this.#parts
    if (memory === undefined) return Number.POSITIVE_INFINITY
    return this.#lent - (sizeOf(memory) - this.#entered)
  }

  lendPages(): void {
    const { memory, windows } = this.#parts
    for (const window of windows) window.enter?.()
    if (memory === undefined) return
    this.#lent = Math.max(0, memory.room.left)
    this.#entered = 0
    for (const each of memory.growing) {
      const size = each.size()
      this.#entered += size
      const pages = size + this.#lent
      if (each.lent === pages) continue
      each.lent = pages
      each.pages.value = pages
    }
  }

  takePages(): void {
    const { memory } = this.#parts
    if (memory === undefined) return
    // Memories only grow; variables also shrink. A room that is overdrawn, by what a restore put back, stays so.
    memory.room.left -= sizeOf(memory) - this.#entered
  }

  explain(error: unknown): ScriptError {
    this.endedInside = true
    // If the script caught the error of a refused call, it ended by running out of fuel: the refusal is the cause.
    const cause = this.refused ?? error
    return withContext(this.#errorOf(cause), this.#parts.trace(cause))
  }

  /** Returns the error that ended a call. Rewritten code executes `unreachable` when the fuel or the stack is exhausted. */
  #errorOf(error: unknown): ScriptError {
    if (error instanceof WebAssembly.RuntimeError) {
      const { fault, operand } = this.#budget
      const found = fault.value
      if (found !== 0) {
        fault.value = 0
        if (found === TOO_DEEP) return new ScriptError('StackOverflow', TOO_NESTED, { cause: error })
        const refused = this.#parts.outOfRange(found - 1, operand.value)
        if (refused !== undefined) return new ScriptError(refused.code, refused.detail, { cause: error })
      }
      if (this.fuel < 0) return outOfFuel(error)
    }
    return toScriptError(error)
  }
}

/** Returns the pages of all memories that can grow. */
function sizeOf({ growing }: SharedPages): number {
  let pages = 0
  for (const { size } of growing) pages += size()
  return pages
}
