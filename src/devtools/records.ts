import { LOG_LEVELS, type LogLevel, type LogLine, type ReloadReport, type ScriptError, type WasmScriptRuntime } from '../index.ts'

/** Something that was told, in the order of its number. */
export interface Kept<Item> {
  readonly number: number
  /** When, as `Date.now()`. */
  readonly at: number
  readonly item: Item
}

/** The latest of what a runtime told. */
export interface Records {
  /** By level, so that many lines of one do not push out the few of another. */
  readonly logs: Readonly<Record<LogLevel, readonly Kept<LogLine>[]>>
  readonly faults: readonly Kept<ScriptError>[]
  readonly reloads: readonly Kept<ReloadReport>[]
  /** How many were told in all. */
  readonly count: number
  dispose(): void
}

export const MOST_LOGS = 200
export const MOST_FAULTS = 50
export const MOST_RELOADS = 50

/** Keeps what a runtime tells, from now on. `onNews` is called for faults and reloads. */
export function keepRecords(runtime: WasmScriptRuntime, onNews: () => void): Records {
  const logs = Object.fromEntries(LOG_LEVELS.map((level) => [level, []])) as unknown as Record<LogLevel, Kept<LogLine>[]>
  const faults: Kept<ScriptError>[] = []
  const reloads: Kept<ReloadReport>[] = []
  let count = 0
  const keep = <Item>(list: Kept<Item>[], item: Item, most: number): void => {
    list.push({ number: count++, at: Date.now(), item })
    if (list.length > most) list.shift()
  }
  const offs = [
    runtime.on('log', (line) => keep(logs[line.level], line, MOST_LOGS)),
    runtime.on('error', (error) => {
      keep(faults, error, MOST_FAULTS)
      onNews()
    }),
    runtime.on('reload', (report) => {
      keep(reloads, report, MOST_RELOADS)
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
