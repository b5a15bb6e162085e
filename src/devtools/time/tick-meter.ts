import type { ScriptId, TickReport, WasmScriptRuntime } from '../../index.ts'

/** Ticks that a chart shows. */
export const CHART_TICKS = 120

/** A number for each of the last ticks, the latest last. `null` stands for ticks before the first one. */
export type Series = readonly (number | null)[]

/** The milliseconds over which {@link TickMeter.load} averages. The clock of a page may step by a tenth of one, which is more than most scripts take. */
const AVERAGED = 1000

/** What a script did per tick, on average over the last second in which there were ticks. */
export interface Load {
  readonly entities: number
  readonly ms: number
  readonly fuel: number
  /** Its part of the fuel of all scripts, from 0 to 1. */
  readonly share: number
}

interface Measured {
  readonly entities: (number | null)[]
  readonly ms: (number | null)[]
  readonly fuel: (number | null)[]
}

const NOTHING: Load = { entities: 0, ms: 0, fuel: 0, share: 0 }
const EMPTY: Series = new Array<null>(CHART_TICKS).fill(null)

/** Measures what scripts cost in each tick between `start` and `stop`. */
export class TickMeter {
  readonly #runtime: WasmScriptRuntime
  readonly #scripts = new Map<ScriptId, Measured>()
  #off: (() => void) | undefined
  #ticks = 0
  #latest: TickReport | undefined
  readonly #now: () => number
  /** When the last ticks were, the latest last. */
  readonly #times: number[] = []

  /** `now` returns the milliseconds of a clock. */
  constructor(runtime: WasmScriptRuntime, now: () => number = () => performance.now()) {
    this.#runtime = runtime
    this.#now = now
  }

  /** The number of measured ticks. */
  get ticks(): number {
    return this.#ticks
  }

  /** The report of the latest tick. */
  get latest(): TickReport | undefined {
    return this.#latest
  }

  start(): void {
    this.#off ??= this.#runtime.on('tick', (report) => this.#read(report))
  }

  /** Stops measuring and drops all measurements. */
  stop(): void {
    this.#off?.()
    this.#off = undefined
    this.#scripts.clear()
    this.#times.length = 0
    this.#latest = undefined
    this.#ticks = 0
  }

  /** Returns the average of the last second. */
  load(id: ScriptId): Load {
    const script = this.#scripts.get(id)
    const latest = this.#times.at(-1)
    if (script === undefined || latest === undefined) return NOTHING
    const ticks = this.#times.filter((time) => time > latest - AVERAGED).length
    const fuel = averageOf(script.fuel, ticks)
    const all = [...this.#scripts.values()].reduce((sum, each) => sum + averageOf(each.fuel, ticks), 0)
    return { entities: averageOf(script.entities, ticks), ms: averageOf(script.ms, ticks), fuel, share: all === 0 ? 0 : fuel / all }
  }

  /** Returns the values of the last ticks. */
  series(id: ScriptId, of: 'ms' | 'fuel'): Series {
    return this.#scripts.get(id)?.[of] ?? EMPTY
  }

  #read(report: TickReport): void {
    this.#latest = report
    this.#ticks++
    this.#times.push(this.#now())
    if (this.#times.length > CHART_TICKS) this.#times.shift()
    const infos = this.#runtime.scripts()
    for (const { id, stats } of infos) {
      const script = this.#scripts.get(id) ?? this.#enter(id)
      append(script.entities, stats.entities)
      append(script.ms, stats.ms)
      append(script.fuel, stats.fuel)
    }
    if (this.#scripts.size > infos.length) this.#forget(new Set(infos.map(({ id }) => id)))
  }

  #enter(id: ScriptId): Measured {
    const script = { entities: [...EMPTY], ms: [...EMPTY], fuel: [...EMPTY] }
    this.#scripts.set(id, script)
    return script
  }

  #forget(loaded: ReadonlySet<ScriptId>): void {
    for (const id of this.#scripts.keys()) if (!loaded.has(id)) this.#scripts.delete(id)
  }
}

/** Returns the average of the last values of a series. A script may have been loaded since. */
function averageOf(series: Series, ticks: number): number {
  const values = series.slice(-ticks).filter((value) => value !== null)
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

function append(series: (number | null)[], value: number): void {
  series.shift()
  series.push(value)
}
