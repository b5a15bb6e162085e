import { countEntities, type GuestKind, hashWorld, listComponents, type ReloadReport, type ScriptError, type TickReport } from '../index.ts'
import { shortPath } from './short-path.ts'
import type { Simulation } from './simulation.ts'

/** What one script did in a whole run. */
export interface ScriptTotals {
  readonly name: string
  /** The kind of module. */
  guest: GuestKind
  generation: number
  status: string
  /** Entities it ran on in the last tick. */
  entities: number
  /** Milliseconds in all ticks. */
  ms: number
  fuel: number
  logs: number
  logsDropped: number
  faults: number
}

/** The report of a run, as `--json` prints it. */
export interface RunReport {
  readonly seed: number
  readonly ticks: number
  /** Seconds simulated. */
  readonly time: number
  /** Seconds that the run took. */
  readonly elapsed: number
  readonly ticksPerSecond: number
  readonly entities: number
  readonly hash: string
  readonly reloads: number
  readonly scripts: readonly Readonly<ScriptTotals>[]
  readonly faults: readonly { readonly tick: number; readonly code: string; readonly message: string }[]
  readonly summary: Readonly<Record<string, string | number>>
}

/** Faults that a report lists. */
const MAX_FAULTS = 100

/** Counts what the scripts of a simulation do. */
export class Statistics {
  readonly #simulation: Simulation
  readonly #scripts = new Map<string, ScriptTotals>()
  readonly #faults: { tick: number; code: string; message: string }[] = []
  #last: TickReport | undefined
  #reloads = 0
  /** Milliseconds spent in ticks. */
  #ms = 0

  constructor(simulation: Simulation) {
    this.#simulation = simulation
    const { runtime } = simulation
    runtime.on('tick', (report) => this.#count(report))
    runtime.on('log', (line) => {
      this.#of(line.script).logs++
    })
    runtime.on('error', (error) => this.#fault(error))
    runtime.on('reload', (_: ReloadReport) => {
      this.#reloads++
    })
  }

  get ticks(): number {
    return this.#last?.tick ?? 0
  }

  /** Average milliseconds per tick. */
  get msPerTick(): number {
    return this.ticks === 0 ? 0 : this.#ms / this.ticks
  }

  /** Returns the report so far. `elapsed` is in seconds. */
  report(seed: number, elapsed: number): RunReport {
    const { runtime, summary } = this.#simulation
    for (const { name, guest = 'script', generation, status } of runtime.scripts())
      Object.assign(this.#of(name), { guest, generation, status })
    return {
      seed,
      ticks: this.ticks,
      time: this.#last?.time ?? 0,
      elapsed,
      ticksPerSecond: elapsed > 0 ? this.ticks / elapsed : 0,
      entities: countEntities(runtime.world),
      hash: hashWorld(runtime.world, listComponents(runtime), runtime.relations),
      reloads: this.#reloads,
      scripts: [...this.#scripts.values()],
      faults: this.#faults,
      summary: summary?.call(this.#simulation) ?? {},
    }
  }

  #count(report: TickReport): void {
    this.#last = report
    this.#ms += report.ms
    for (const { name, stats } of this.#simulation.runtime.scripts()) {
      const totals = this.#of(name)
      totals.entities = stats.entities
      totals.ms += stats.ms
      totals.fuel += stats.fuel
      totals.logsDropped += stats.logsDropped
    }
  }

  #fault(error: ScriptError): void {
    if (error.script !== undefined) this.#of(error.script).faults++
    if (this.#faults.length < MAX_FAULTS) this.#faults.push({ tick: this.ticks + 1, code: error.code, message: shortMessage(error) })
  }

  #of(name: string): ScriptTotals {
    let totals = this.#scripts.get(name)
    if (totals === undefined) {
      totals = { name, guest: 'script', generation: 1, status: 'active', entities: 0, ms: 0, fuel: 0, logs: 0, logsDropped: 0, faults: 0 }
      this.#scripts.set(name, totals)
    }
    return totals
  }
}

/** Returns the message of an error with the path of its place as the current folder names it. */
function shortMessage({ message, location }: ScriptError): string {
  return location === undefined ? message : message.replaceAll(location.file, shortPath(location.file))
}
