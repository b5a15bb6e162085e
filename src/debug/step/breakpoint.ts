import * as v from 'valibot'
import { checkOptions, invalidOption, wholeNumber } from '../../options.ts'
import type { PastParts } from '../past/past-parts.ts'
import type { TracedLine } from '../trace/trace-request.ts'
import { type Expression, readExpression } from './expression.ts'

/** Stops before a statement begins that is on a line. */
export interface LineBreakpoint {
  /** The line, from 1. */
  readonly line: number
  /** The file of its places. @default any */
  readonly file?: string
  /** The name of the script. @default any */
  readonly script?: string
  /** Stops only where this is not 0, such as `eid == 12 && Health.points < 3`: see `Stepper.evaluate`. @default always */
  readonly condition?: string
  /** Stops only at these hits, counted from the start of the past: `5`, `> 5`, `>= 5`, `< 5`, `<= 5`, `% 5`. @default all */
  readonly hits?: string
  /** Does not stop but logs a line, in which expressions in braces are evaluated: `points {Health.points}`. @default it stops */
  readonly log?: string
}

/** Stops after a field was written, by a script or by the game. */
export interface WriteBreakpoint {
  /** Such as `Health.points`. */
  readonly field: string
  /** The entity. @default any */
  readonly entity?: number
  /** Stops only where this is not 0. `old` and `value` are the values before and after, `entity` is whose they are. @default always */
  readonly condition?: string
  /** As of a line. @default all */
  readonly hits?: string
}

/** Stops at faults of scripts. */
export interface FaultBreakpoint {
  /** Always `true`. */
  readonly faults: true
}

/** Where `Stepper.continue` stops. */
export type Breakpoint = LineBreakpoint | WriteBreakpoint | FaultBreakpoint

const MAX_COUNT = 0xffff_ffff
const common = { condition: v.optional(v.string()), hits: v.optional(v.string()) }
const lineSchema = v.strictObject(
  { line: wholeNumber(1), file: v.optional(v.string()), script: v.optional(v.string()), log: v.optional(v.string()), ...common },
  'an object with a line, a field, or faults',
)
const writeSchema = v.strictObject({ field: v.string(), entity: v.optional(wholeNumber(0, MAX_COUNT)), ...common }, 'an object')
const faultSchema = v.strictObject({ faults: v.literal(true, 'true') }, 'an object')

/** A breakpoint that was read. */
export interface Watch {
  readonly line: TracedLine | undefined
  readonly write: { readonly field: string; readonly entity: number | undefined } | undefined
  readonly condition: Expression | undefined
  /** Returns whether it stops at a hit, counted from 1. */
  readonly isHit: ((count: number) => boolean) | undefined
  /** Returns the line to log; `undefined` for one that stops. */
  readonly log: readonly (string | Expression)[] | undefined
}

/** Reads breakpoints. Throws `InvalidOptions`. */
export function readBreakpoint({ hasField }: Pick<PastParts, 'hasField'>, breakpoint: Breakpoint): Watch | 'faults' {
  if ('faults' in breakpoint) {
    checkOptions(faultSchema, breakpoint, 'a breakpoint')
    return 'faults'
  }
  const isWrite = 'field' in breakpoint
  checkOptions(isWrite ? writeSchema : lineSchema, breakpoint, 'a breakpoint')
  if (isWrite && !hasField(breakpoint.field)) invalidOption(`there is no field '${breakpoint.field}'`)
  const { condition, hits } = breakpoint
  return {
    line: isWrite ? undefined : { line: breakpoint.line, file: breakpoint.file, script: breakpoint.script },
    write: isWrite ? { field: breakpoint.field, entity: breakpoint.entity } : undefined,
    condition: condition === undefined ? undefined : readExpression(condition),
    isHit: hits === undefined ? undefined : readHits(hits),
    log: isWrite || breakpoint.log === undefined ? undefined : readLog(breakpoint.log),
  }
}

function readHits(text: string): (count: number) => boolean {
  const [, operator = '==', digits] = /^\s*(==?|>=?|<=?|%)?\s*(\d+)\s*$/.exec(text) ?? []
  if (digits === undefined) invalidOption(`the hits '${text}' cannot be read: write 5, > 5, >= 5, < 5, <= 5, or % 5 for each fifth`)
  const wanted = Number(digits)
  switch (operator) {
    case '>':
      return (count) => count > wanted
    case '>=':
      return (count) => count >= wanted
    case '<':
      return (count) => count < wanted
    case '<=':
      return (count) => count <= wanted
    case '%':
      return (count) => count % wanted === 0
    default:
      return (count) => count === wanted
  }
}

function readLog(text: string): (string | Expression)[] {
  return text.split(/\{([^{}]*)\}/).map((part, index) => (index % 2 === 0 ? part : readExpression(part)))
}
