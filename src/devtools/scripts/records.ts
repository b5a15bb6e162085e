import { LOG_LEVELS, type LogLevel, type LogLine, type ReloadReport, type ScriptError, type WasmScriptRuntime } from '../../index.ts'

/** A recorded event. */
export interface Kept<Item> {
  /** Increases with every recorded event. */
  readonly number: number
  /** The result of `Date.now()` at the event. */
  readonly at: number
  readonly item: Item
}

/** The latest events of a runtime. */
export interface Records {
  /** The log lines by level, so that many lines of one level do not displace the few of another. */
  readonly logs: Readonly<Record<LogLevel, readonly Kept<LogLine>[]>>
  readonly faults: readonly Kept<ScriptError>[]
  readonly reloads: readonly Kept<ReloadReport>[]
  /** The number of all events, including those no longer recorded. */
  readonly count: number
  dispose(): void
}

/** Log lines that are recorded of each level. */
export const MAX_LOGS = 200
const MAX_FAULTS = 50
const MAX_RELOADS = 50

/** Starts to record the events of a runtime. Calls `onNews` after a fault or a reload. */
export function keepRecords(runtime: WasmScriptRuntime, onNews: () => void): Records {
  const logs = Object.fromEntries(LOG_LEVELS.map((level) => [level, []])) as unknown as Record<LogLevel, Kept<LogLine>[]>
  const faults: Kept<ScriptError>[] = []
  const reloads: Kept<ReloadReport>[] = []
  let count = 0
  const keep = <Item>(list: Kept<Item>[], item: Item, maximum: number): void => {
    list.push({ number: count++, at: Date.now(), item })
    if (list.length > maximum) list.shift()
  }
  const offs = [
    runtime.on('log', (line) => keep(logs[line.level], line, MAX_LOGS), { passive: true }),
    runtime.on(
      'error',
      (error) => {
        keep(faults, error, MAX_FAULTS)
        onNews()
      },
      { passive: true },
    ),
    runtime.on('reload', (report) => {
      keep(reloads, report, MAX_RELOADS)
      onNews()
    }),
  ]
  return {
    logs,
    faults,
    reloads,
    get count() {
      return count
    },
    dispose() {
      for (const off of offs) off()
    },
  }
}
