import { ScriptError } from '../../errors.ts'
import type { DescribedPoint } from '../trace/trace-points.ts'
import { isAtLine } from '../trace/trace-request.ts'
import type { Watch } from './breakpoint.ts'
import type { Expression, ExpressionNames, Value } from './expression.ts'
import type { TickView } from './tick-view.ts'

/** A hit of a breakpoint in a tick. */
export interface Match {
  /** Which of the breakpoints it is. */
  readonly watch: number
  /** The event. */
  readonly index: number
  /** The line that it logs. */
  readonly log?: string
}

/** Returns the hits of breakpoints in a tick, in order. Those that stop at certain hits alone are not told apart yet. */
export function findMatches(view: TickView, watches: readonly Watch[]): readonly Match[] {
  const { reader } = view
  const known = new Map<DescribedPoint, readonly number[]>()
  const found: Match[] = []
  for (let index = 0; index < view.length; index++) {
    const point = reader.pointAt(index)
    let own = known.get(point)
    if (own === undefined) {
      own = watches.flatMap((watch, number) => (mayMatch(watch, point) ? [number] : []))
      known.set(point, own)
    }
    for (const number of own) {
      const watch = watches[number] as Watch
      const names = namesAt(view, index, watch)
      if (names === undefined || !isTrue(watch.condition, names)) continue
      found.push({ watch: number, index, ...(watch.log && { log: format(watch.log, names) }) })
    }
  }
  return found
}

function mayMatch({ line, write }: Watch, { kind, script, place, import: called }: DescribedPoint): boolean {
  if (line !== undefined) return kind === 'line' && isAtLine(line, script, place)
  return (kind === 'write' || kind === 'call') && called?.name === write?.field
}

/** Returns the names of an event; `undefined` if it is not what a breakpoint is about. */
function namesAt(view: TickView, index: number, { line, write }: Watch): ExpressionNames | undefined {
  if (line !== undefined) return localsAt(view, index)
  const event = view.reader.eventAt(index)
  if (event.kind !== 'write' || event.field !== write?.field) return undefined
  if (write.entity !== undefined && write.entity !== event.entity) return undefined
  const { old, value, entity } = event
  return writeNames({ old, value, entity }, (field, of) => view.trace.field(index, field, of))
}

/** Returns the names at a statement: its locals, and fields of the entity at hand. */
export function localsAt(view: TickView, index: number): ExpressionNames {
  let locals: Readonly<Record<string, Value>> | undefined
  return {
    local: (name) => {
      locals ??= view.reader.localsAt(index)
      return Object.hasOwn(locals, name) ? locals[name] : undefined
    },
    field: (field, entity) => {
      const of = entity ?? view.entityAt(index)
      return of === undefined ? undefined : view.trace.field(index, field, of)
    },
  }
}

/** Returns the names at a write. */
export function writeNames(
  write: Readonly<Record<'old' | 'value' | 'entity', number>>,
  fieldOf: (field: string, entity: number) => number | undefined,
): ExpressionNames {
  return {
    local: (name) => (Object.hasOwn(write, name) ? write[name as keyof typeof write] : undefined),
    field: (field, entity) => fieldOf(field, entity ?? write.entity),
  }
}

/** Returns whether a condition holds; what it names and is not there makes it false. */
export function isTrue(condition: Expression | undefined, names: ExpressionNames): boolean {
  if (condition === undefined) return true
  const value = tryEvaluate(condition, names)
  return typeof value !== 'string' && Boolean(value)
}

function format(log: NonNullable<Watch['log']>, names: ExpressionNames): string {
  return log.map((part) => (typeof part === 'string' ? part : String(tryEvaluate(part, names)))).join('')
}

/** Evaluates an expression. Returns why it cannot be evaluated, if so. */
function tryEvaluate(expression: Expression, names: ExpressionNames): Value | string {
  try {
    return expression.evaluate(names)
  } catch (error) {
    if (error instanceof ScriptError) return error.detail
    throw error
  }
}
