import type { ScriptId, TickReport, WasmScriptRuntime } from '../index.ts'

/** Ticks that a chart shows. */
export const CHART_TICKS = 120

/** A number for each of the last ticks, the latest last. `null` stands for ticks before the first one. */
export type Series = readonly (number | null)[]

/** What a script did per tick, on average since the last call of `load`. */
export interface Load {
  readonly entities: number
  readonly ms: number
  readonly fuel: number
}

interface Measured {
  readonly ms: (number | null)[]
  readonly fuel: (number | null)[]
  ticks: number
  sum: { entities: number; ms: number; fuel: number }
  average: Load
}

const NOTHING = { entities: 0, ms: 0, fuel: 0 }
const EMPTY: Series = new Array<null>(CHART_TICKS).fill(null)

/** Measures what scripts cost in each tick between `start` and `stop`. */
export class TickMeter {
  readonly #runtime: WasmScriptRuntime
  readonly #scripts = new Map<ScriptId, Measured>()
  #off: (() => void) | undefined
  #ticks = 0
  #latest: TickReport | undefined

  constructor(runtime: WasmScriptRuntime) {
    this.#runtime = runtime
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
    this.#latest = undefined
    this.#ticks = 0
  }

  /** Returns the average of the ticks since the last call; the previous average if there were none. */
  load(id: ScriptId): Load {
    const script = this.#scripts.get(id)
    if (script === undefined) return NOTHING
    const { ticks, sum } = script
    if (ticks > 0) {
      script.average = { entities: sum.entities / ticks, ms: sum.ms / ticks, fuel: sum.fuel / ticks }
      script.ticks = 0
      script.sum = { ...NOTHING }
    }
    return script.average
  }

  /** Returns the values of the last ticks. */
  series(id: ScriptId, of: 'ms' | 'fuel'): Series {
    return this.#scripts.get(id)?.[of] ?? EMPTY
  }

  #read(report: TickReport): void {
    this.#latest = report
    this.#ticks++
    const infos = this.#runtime.scripts()
    for (const { id, stats } of infos) {
      const script = this.#scripts.get(id) ?? this.#enter(id)
      script.ticks++
      script.sum.entities += stats.entities
      script.sum.ms += stats.ms
      script.sum.fuel += stats.fuel
      append(script.ms, stats.ms)
      append(script.fuel, stats.fuel)
    }
    if (this.#scripts.size > infos.length) this.#forget(new Set(infos.map(({ id }) => id)))
  }

  #enter(id: ScriptId): Measured {
    const script = { ms: [...EMPTY], fuel: [...EMPTY], ticks: 0, sum: { ...NOTHING }, average: NOTHING }
    this.#scripts.set(id, script)
    return script
  }

  #forget(loaded: ReadonlySet<ScriptId>): void {
    for (const id of this.#scripts.keys()) if (!loaded.has(id)) this.#scripts.delete(id)
  }
}

function append(series: (number | null)[], value: number): void {
  series.shift()
  series.push(value)
}
