import { ScriptError } from '../../errors.ts'
import type { PastParts } from '../past/past-parts.ts'
import type { DescribedPoint } from '../trace/trace-points.ts'
import { DEFAULT_REQUEST } from '../trace/trace-request.ts'
import { type Breakpoint, type LineBreakpoint, readBreakpoint, type Watch } from './breakpoint.ts'

/** Where a breakpoint is. */
export interface PlacedBreakpoint {
  /** Whether it can stop. */
  readonly isPlaced: boolean
  /** The line of the statement; left out for a breakpoint that is on none. */
  readonly line?: number
  /** Why it cannot stop; left out if it can. */
  readonly message?: string
}

/** Finds where breakpoints are. One that cannot be read says why. */
export async function placeBreakpoints(past: PastParts, breakpoints: readonly Breakpoint[]): Promise<readonly PlacedBreakpoint[]> {
  const needsPoints = breakpoints.some((breakpoint) => 'line' in breakpoint)
  const points = needsPoints ? await statementPoints(past) : []
  return breakpoints.map((breakpoint) => {
    let watch: Watch | 'faults'
    try {
      watch = readBreakpoint(past, breakpoint)
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      return { isPlaced: false, message: error.detail }
    }
    if (watch === 'faults') return { isPlaced: true }
    const expressions = [watch.condition, ...(watch.log ?? [])].filter((each) => typeof each === 'object')
    const field = expressions.flatMap(({ fields }) => [...fields]).find((each) => !past.hasField(each))
    if (field !== undefined) return { isPlaced: false, message: `there is no field '${field}'` }
    const locals = expressions.flatMap((expression) => [...expression.locals])
    if ('line' in breakpoint) return placeLine(points, breakpoint, locals)
    const unknown = locals.find((name) => !WRITE_NAMES.includes(name))
    return unknown === undefined
      ? { isPlaced: true }
      : { isPlaced: false, message: `a write has ${WRITE_NAMES.join(', ')}, and no '${unknown}'` }
  })
}

const WRITE_NAMES: readonly string[] = ['old', 'value', 'entity']

function placeLine(points: readonly DescribedPoint[], { line, file, script }: LineBreakpoint, locals: readonly string[]): PlacedBreakpoint {
  const own = points.filter(
    (point) => (script === undefined || point.script === script) && (file === undefined || point.place?.file === file),
  )
  const lines = own.map(({ place }) => place?.line ?? 0).filter((each) => each >= line)
  if (lines.length === 0)
    return {
      isPlaced: false,
      message: own.length === 0 ? 'no script of the game has this source' : 'there is no statement at or after this line',
    }
  const placed = Math.min(...lines)
  const there = own.filter(({ place }) => place?.line === placed)
  const known = new Set(there.flatMap((point) => point.locals.map(({ name }) => name)))
  const unknown = locals.find((name) => !known.has(name))
  if (unknown === undefined) return { isPlaced: true, line: placed }
  return {
    isPlaced: false,
    line: placed,
    message: `there is no local '${unknown}' on this line; there are ${[...known].join(', ') || 'none'}`,
  }
}

/** Resolves with the points of all statements of the scripts as they were last. */
export async function statementPoints({ moments, goTo }: PastParts): Promise<readonly DescribedPoint[]> {
  const moment = moments.all.at(-1)
  if (moment === undefined) return []
  const shadow = await goTo(moment, moments.end)
  return (await shadow.tracer(DEFAULT_REQUEST)).points().filter(({ kind, place }) => kind === 'line' && place !== undefined)
}
