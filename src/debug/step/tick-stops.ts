import type { Watch } from './breakpoint.ts'
import type { TickHits } from './hit-table.ts'
import { findMatches } from './matches.ts'
import type { PlacedStop, StopWrite } from './stop.ts'
import type { TickView } from './tick-view.ts'

/** A line that a breakpoint logged. */
export interface PlacedLog {
  readonly at: number
  readonly text: string
}

/** Where one would stop in a tick, and what would be logged, in order. */
export interface TickStops {
  readonly stops: readonly PlacedStop[]
  readonly logs: readonly PlacedLog[]
}

interface FoundHit {
  readonly watch: number
  readonly at: number
  readonly log?: string | undefined
  readonly write?: StopWrite
}

/** What comes after an event and before the next. */
const AFTER = 0.5

/** Finds all stops in a tick. `before` has how often each breakpoint was hit in the ticks before; `ids` their places in the list that was given. */
export function findStops(
  view: TickView,
  watches: readonly Watch[],
  ids: readonly number[],
  { host }: TickHits,
  before: readonly number[],
  faults: number | undefined,
): TickStops {
  const { tick } = view.trace
  const hits: FoundHit[] = findMatches(view, watches).map(({ watch, index, log }) => {
    const event = view.reader.eventAt(index)
    if (event.kind !== 'write') return { watch, at: index, log }
    const { script: by, field, entity, old, value } = event
    return { watch, at: index, write: { by, field, entity, old, value } }
  })
  for (const { watch, after, entity, old, value } of host) {
    const field = watches[watch]?.write?.field ?? ''
    hits.push({ watch, at: after < 0 ? -1 : writeAt(view, field, entity, after) + AFTER, write: { by: 'host', field, entity, old, value } })
  }
  hits.sort((one, other) => one.at - other.at)
  const counts = [...before]
  const logs: PlacedLog[] = []
  const stops = new Map<number, PlacedStop>()
  const add = (at: number, stop: Pick<PlacedStop, 'reason' | 'breakpoints' | 'writes' | 'error'>): void => {
    const known = stops.get(at)
    const [breakpoints, writes] = [
      new Set([...(known?.breakpoints ?? []), ...stop.breakpoints]),
      [...(known?.writes ?? []), ...stop.writes],
    ]
    stops.set(at, { ...stop, tick, index: Math.max(-1, Math.floor(at)), at, breakpoints: [...breakpoints], writes })
  }
  for (const { watch, at, log, write } of hits) {
    const count = (counts[watch] ?? 0) + 1
    counts[watch] = count
    if (watches[watch]?.isHit?.(count) === false) continue
    if (log !== undefined) logs.push({ at, text: log })
    else add(at, { reason: write ? 'write' : 'breakpoint', breakpoints: [ids[watch] ?? watch], writes: write ? [write] : [] })
  }
  if (faults !== undefined) {
    for (const { index, error: number } of view.faults) {
      const error = view.trace.errors[number]
      if (error !== undefined) add(index + AFTER, { reason: 'fault', breakpoints: [faults], writes: [], error })
    }
  }
  return { logs, stops: [...stops.values()].sort((one, other) => one.at - other.at) }
}

/** Returns the event of the n-th write of a field of an entity, counted from 1; -1 for none. */
function writeAt(view: TickView, field: string, entity: number, count: number): number {
  let left = count
  for (let index = 0; index < view.length && left > 0; index++) {
    const { kind } = view.reader.pointAt(index)
    if (kind !== 'write' && kind !== 'call') continue
    const event = view.reader.eventAt(index)
    if (event.kind === 'write' && event.field === field && event.entity === entity && --left === 0) return index
  }
  return -1
}
