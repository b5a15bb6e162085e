import type { DebugProtocol } from '@vscode/debugprotocol'
import { invalidOption } from '../../options.ts'
import type { Breakpoint } from '../step/breakpoint.ts'
import type { PlacedBreakpoint } from '../step/breakpoint-places.ts'
import type { SteppedSource } from '../step/sources.ts'
import type { Stepper } from '../step/stepper.ts'
import { readFieldOfEntity } from './shown-variables.ts'

/** A breakpoint of an editor; without `breakpoint`, one that cannot be set, and why. */
interface Wanted {
  readonly id: number
  readonly breakpoint?: Breakpoint
  readonly message?: string
}

const DATA = 'data'
const CONSOLE = 'console'
const FAULTS = 'faults'

/** The breakpoints of an editor: of each source, of fields, and of faults. An editor sends all of a kind at once. */
export class SessionBreakpoints {
  readonly #stepper: Stepper
  readonly #groups = new Map<string, readonly Wanted[]>()
  /** The ids of those that the stepper has, in order. */
  #ids: readonly number[] = []
  /** Those of fields that the console has set, by the field and entity of each. */
  readonly #watched = new Map<string, DebugProtocol.DataBreakpoint>()
  #next = 1

  constructor(stepper: Stepper) {
    this.#stepper = stepper
  }

  /** Returns the ids by the places in the list of the stepper. */
  idsOf(places: readonly number[]): readonly number[] {
    return places.flatMap((place) => this.#ids[place] ?? [])
  }

  /** Replaces those of a source, which is `undefined` if no script has it. */
  setLines(
    given: DebugProtocol.Source,
    source: SteppedSource | undefined,
    breakpoints: readonly DebugProtocol.SourceBreakpoint[],
  ): Promise<readonly DebugProtocol.Breakpoint[]> {
    const wanted = breakpoints.map(({ line, condition, hitCondition, logMessage }) =>
      this.#want(
        source === undefined
          ? 'no script of the game has this source'
          : { ...{ line, file: source.file }, ...options(condition, hitCondition), ...(logMessage && { log: logMessage }) },
      ),
    )
    return this.#set(`source ${given.path ?? given.sourceReference ?? given.name ?? ''}`, wanted)
  }

  /** Replaces those of fields that the editor has set. */
  setData(breakpoints: readonly DebugProtocol.DataBreakpoint[]): Promise<readonly DebugProtocol.Breakpoint[]> {
    return this.#setFields(DATA, breakpoints)
  }

  /** Adds one of a field from the console, in place of the one that it has set there. Rejects with the reason if it cannot be set. */
  async watch(breakpoint: DebugProtocol.DataBreakpoint): Promise<void> {
    const { dataId } = breakpoint
    const others = [...this.#watched.values()].filter((each) => each.dataId !== dataId)
    const placed = await this.#setFields(CONSOLE, [...others, breakpoint])
    const { verified, message } = placed.at(-1) ?? { verified: false }
    if (!verified) {
      await this.#setFields(CONSOLE, [...this.#watched.values()])
      invalidOption(message ?? `${dataId} cannot be watched`)
    }
    this.#watched.set(dataId, breakpoint)
  }

  /** Removes those that the console has set, of one field or of all. Returns their number. */
  async unwatch(dataId: string | undefined): Promise<number> {
    const removed = [...this.#watched.keys()].filter((each) => dataId === undefined || each === dataId)
    for (const each of removed) this.#watched.delete(each)
    await this.#setFields(CONSOLE, [...this.#watched.values()])
    return removed.length
  }

  #setFields(group: string, breakpoints: readonly DebugProtocol.DataBreakpoint[]): Promise<readonly DebugProtocol.Breakpoint[]> {
    const wanted = breakpoints.map(({ dataId, condition, hitCondition }) => {
      const field = readFieldOfEntity(dataId)
      return this.#want(field === undefined ? `'${dataId}' is no field of an entity` : { ...field, ...options(condition, hitCondition) })
    })
    return this.#set(group, wanted)
  }

  /** Sets whether it stops at faults. Returns one breakpoint for each of the filters that were sent. */
  async setFaults(isOn: boolean, count: number): Promise<readonly DebugProtocol.Breakpoint[]> {
    const placed = await this.#set(FAULTS, isOn ? [this.#want({ faults: true })] : [])
    return Array.from({ length: count }, (_, index) => placed[index] ?? { verified: false })
  }

  #want(breakpoint: Breakpoint | string): Wanted {
    const id = this.#next++
    return typeof breakpoint === 'string' ? { id, message: breakpoint } : { id, breakpoint }
  }

  async #set(group: string, wanted: readonly Wanted[]): Promise<readonly DebugProtocol.Breakpoint[]> {
    this.#groups.set(group, wanted)
    const all = [...this.#groups.values()].flat().filter(({ breakpoint }) => breakpoint !== undefined)
    const ids = all.map(({ id }) => id)
    const placed = await this.#stepper.setBreakpoints(all.flatMap(({ breakpoint }) => breakpoint ?? []))
    this.#ids = ids
    return wanted.map((each) => describe(each, placed[ids.indexOf(each.id)]))
  }
}

function options(condition: string | undefined, hits: string | undefined): { readonly condition?: string; readonly hits?: string } {
  return { ...(condition && { condition }), ...(hits && { hits }) }
}

function describe({ id, message }: Wanted, placed: PlacedBreakpoint | undefined): DebugProtocol.Breakpoint {
  const why = placed?.message ?? message
  return {
    ...{ id, verified: placed?.isPlaced === true },
    ...(placed?.line !== undefined && { line: placed.line }),
    ...(why !== undefined && { message: why }),
  }
}
