import { type ProfiledLine, profile } from '../../debug/index.ts'
import type { WasmScriptRuntime } from '../../index.ts'

/** A line of the source of a script. */
export interface ScriptLine {
  /** The name of the script. */
  readonly script: string
  /** Counted from 1. */
  readonly line: number
  /** The file, if the script has several: that of its places, or its end, such as `hunter.ts`. @default any */
  readonly file?: string
}

/** Counts how often lines run in a game. */
export interface LineCounter {
  lines(): readonly ProfiledLine[]
  /** Returns the line that a breakpoint stands for: the next one with a statement. */
  place(line: ScriptLine): ScriptLine
  /** Notes that other lines are watched now. */
  changed(): void
  /** Ends it. No script may be running. */
  stop(): void
}

/** What {@link countLines} is told, and tells. */
export interface LineWatch {
  /** The lines to watch now. */
  readonly watched: () => readonly ScriptLine[]
  /** Called with each tick in which one of them ran, as it ends. */
  readonly onHit: (tick: number) => void
}

/** Starts to count lines. Rejects if the runtime is profiled already. */
export async function countLines(runtime: WasmScriptRuntime, { watched, onHit }: LineWatch): Promise<LineCounter> {
  const profiled = await profile(runtime)
  /** How often each watched line had run. */
  let before = new Map<string, number>()

  const isIn = ({ script, file }: ProfiledLine, wanted: ScriptLine): boolean =>
    script === wanted.script && (wanted.file === undefined || `/${file}`.endsWith(`/${wanted.file}`))

  function placeIn(lines: readonly ProfiledLine[], wanted: ScriptLine): ScriptLine {
    const next = lines.filter((each) => isIn(each, wanted) && each.line >= wanted.line).map(({ line }) => line)
    return next.length === 0 ? wanted : { ...wanted, line: Math.min(...next) }
  }

  /** Counts the watched lines anew. Returns whether one ran that was watched before. */
  function count(): boolean {
    const wanted = watched()
    const after = new Map<string, number>()
    const lines = wanted.length === 0 ? [] : profiled.lines()
    const placed = wanted.map((each) => placeIn(lines, each))
    for (const line of lines)
      if (placed.some((each) => each.line === line.line && isIn(line, each)))
        after.set(`${line.script}:${line.file}:${line.line}`, line.hits)
    // After a reload, counts begin at 0.
    const hasRun = [...after].some(([key, hits]) => hits > 0 && before.has(key) && hits !== before.get(key))
    before = after
    return hasRun
  }

  const off = runtime.on('tick', ({ tick }) => count() && onHit(tick), { passive: true })
  count()
  return {
    lines: () => profiled.lines(),
    place: (line) => placeIn(profiled.lines(), line),
    changed: () => void count(),
    stop() {
      off()
      profiled.stop()
    },
  }
}
