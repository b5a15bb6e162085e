import * as v from 'valibot'
import { ScriptError } from './errors.ts'
import { abbreviate } from './printable.ts'

/** The greatest number in a file that a game counts on from: the next ones must be exact integers, too. */
export const MAX_COUNT: number = 2 ** 52

/** Returns the schema of a whole number from `minimum` to `maximum`. */
export function wholeNumber(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): v.GenericSchema<number> {
  return v.custom<number>(
    (value) => Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum,
    ({ input }) => (Number(input) > maximum ? `at most ${maximum}` : `a whole number, ${minimum} or more`),
  )
}

/** The schema of a number above 0. */
export const positive: v.GenericSchema<number> = v.custom<number>((value) => typeof value === 'number' && value > 0, 'a number above 0')

/** The schema of any value, and of none. */
export const anything: v.GenericSchema = v.optional(v.custom<unknown>(() => true))

/** The schema of a boolean. */
export const boolean: v.GenericSchema<boolean> = v.custom<boolean>((value) => typeof value === 'boolean', 'true or false')

/** Returns the schema of a string that `wanted` describes. */
export function string(wanted: string): v.GenericSchema<string> {
  return v.custom<string>((value) => typeof value === 'string', wanted)
}

/** The schema of a string that is not empty. */
export const nonEmptyString: v.GenericSchema<string> = v.custom<string>(
  (value) => typeof value === 'string' && value !== '',
  'a text that is not empty',
)

/** Returns the schema of one of some strings. */
export function oneOf(...words: readonly string[]): v.GenericSchema<string> {
  const quoted = words.map((word) => `'${word}'`)
  const last = quoted.pop()
  const wanted = quoted.length === 0 ? `${last}` : `${quoted.join(', ')} or ${last}`
  return v.custom<string>((value) => words.includes(value as string), wanted)
}

/** Returns the schema of a function. */
export function callable<Type>(): v.GenericSchema<Type> {
  return v.custom<Type>((value) => typeof value === 'function', 'a function')
}

/** Returns whether a value is an object other than an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Throws `InvalidOptions`. */
export function invalidOption(detail: string): never {
  throw new ScriptError('InvalidOptions', detail)
}

/**
 * Checks options against a schema made with `v.strictObject`. `where` is the function that takes them, for error messages.
 * Throws `InvalidOptions`; for an unknown option, the message lists the allowed ones.
 */
export function checkOptions(schema: v.GenericSchema, options: unknown, where: string): void {
  if (Array.isArray(options)) invalidOption(`the options of ${where} must be an object, not an array`)
  const [issue] = v.safeParse(schema, options, { abortEarly: true }).issues ?? []
  if (issue === undefined) return
  const path = (issue.path ?? []).map((item) => String(item.key))
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const parent = issue.path?.slice(0, -1).map((item) => String(item.key)) ?? []
    invalidOption(`${where} has no option '${path.join('.')}'; allowed are ${allowedKeys(schema, parent).join(', ')}`)
  }
  const what = path.length === 0 ? `the options of ${where}` : path.join('.')
  const wanted = issue.type === 'strict_object' && issue.received === 'undefined' ? 'given' : issue.message
  invalidOption(`${what} must be ${wanted}, not ${given(issue)}`)
}

/**
 * Returns a clause about the first mistake in data from elsewhere, such as `scripts.0.status must be 'active' or 'faulted', not
 * "new"`; `undefined` if there is none.
 */
export function findMistake(schema: v.GenericSchema, data: unknown): string | undefined {
  const [issue] = v.safeParse(schema, data, { abortEarly: true }).issues ?? []
  if (issue === undefined) return undefined
  const path = (issue.path ?? []).map((item) => String(item.key))
  const what = abbreviate(path.length === 0 ? 'it' : path.join('.'))
  if (issue.expected === 'never') return `it has no place for ${what}`
  if (issue.received === 'undefined' && (issue.type === 'object' || issue.type === 'strict_object')) return `${what} is missing`
  const wanted = issue.type === 'custom' || issue.type === 'check' ? issue.message : issue.expected
  return `${what} must be ${wanted}, not ${abbreviate(given(issue))}`
}

function given({ input, received }: v.BaseIssue<unknown>): string {
  return typeof input === 'string' ? JSON.stringify(input) : typeof input === 'number' ? String(input) : received
}

function allowedKeys(schema: v.GenericSchema, path: readonly string[]): string[] {
  let at: unknown = schema
  for (const key of path) {
    const entry = (at as { entries: Record<string, unknown> }).entries[key] as { wrapped?: unknown }
    at = entry.wrapped ?? entry
  }
  return Object.keys((at as { entries: object }).entries)
}
