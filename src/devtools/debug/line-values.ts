import type { LocalValues, Trace, TraceEvent } from '../../debug/index.ts'
import { formatValue } from '../elements/format-number.ts'

/** What the statements of a line came to, in the call that runs. */
export interface LineValues {
  /** The name of the script. */
  readonly script: string
  /** The file, as its places name it. */
  readonly file: string
  /** The line, from 1. */
  readonly line: number
  /** Such as `dx=-517.9 ✎ Velocity.x -52.28→-52.34`. */
  readonly text: string
  /** Whether it happens after the event at hand. */
  readonly isAhead: boolean
}

interface Statement {
  readonly event: TraceEvent
  readonly parts: string[]
  readonly isAhead: boolean
}

/**
 * Returns what each line came to in the call of a function that is at an event: the locals that it changed, and the fields that it wrote. Of a line that
 * ran several times, the last time up to the event; if it runs after the event alone, the first time.
 */
export function lineValues(trace: Trace, index: number): readonly LineValues[] {
  const statements = new Map<string, Statement>()
  let current: Statement | undefined
  let locals: LocalValues | undefined
  for (const event of eventsOfCall(trace, index)) {
    const { kind, place } = event
    if (kind === 'enter') locals = event.locals
    if (kind === 'line' && place !== undefined) {
      if (current !== undefined) current.parts.unshift(...changed(locals, event.locals))
      locals = event.locals
      const key = `${place.file}:${place.line}:${place.column}`
      const isAhead = event.index > index
      const known = statements.get(key)
      current = { event, parts: [], isAhead }
      if (!isAhead || known === undefined) statements.set(key, current)
    }
    if (kind === 'write') {
      const own = Object.values(locals ?? {})[0] === event.entity ? '' : ` of ${event.entity}`
      current?.parts.push(`✎ ${event.field}${own} ${formatValue(event.old)}→${formatValue(event.value)}`)
    }
  }
  return [...statements.values()].flatMap(({ event: { script, place }, parts, isAhead }) =>
    place === undefined || parts.length === 0 ? [] : [{ script, file: place.file, line: place.line, text: parts.join(' '), isAhead }],
  )
}

/** Returns the events of the call that is at an event, without those of the functions that it calls. */
function* eventsOfCall(trace: Trace, index: number): Generator<TraceEvent> {
  const { start, depth } = startOfCall(trace, index)
  const { script, function: name } = trace.event(index)
  let inner = false
  for (let each = start; each < trace.from + trace.length; each++) {
    const event = trace.event(each)
    if (event.kind === 'enter' && each > start) {
      if (event.depth <= depth) return
      inner = true
    } else if (event.kind === 'returned') {
      if (event.depth < depth) return
      inner = event.depth > depth
    }
    if (!inner && event.script === script && event.function === name) yield event
  }
}

/** Returns the event at which the function began that is at an event, or the first one that was kept. */
function startOfCall(trace: Trace, index: number): { readonly start: number; readonly depth: number } {
  /** The depth of the function, once an event tells it. */
  let depth: number | undefined
  for (let each = index; each >= trace.from; each--) {
    const event = trace.event(each)
    if (event.kind !== 'enter' && event.kind !== 'returned') continue
    depth ??= event.depth
    if (event.kind === 'enter' && event.depth <= depth) return { start: each, depth }
  }
  return { start: trace.from, depth: depth ?? 0 }
}

/** Returns the locals that changed, with what they are now. */
function changed(before: LocalValues | undefined, after: LocalValues): string[] {
  return Object.entries(after).flatMap(([name, value]) => {
    const old = before?.[name] ?? 0
    // A local that is not a parameter begins as 0.
    return Object.is(old, value) || Number(old) === Number(value)
      ? []
      : [`${name}=${formatValue(typeof value === 'bigint' ? String(value) : value)}`]
  })
}
