import * as v from 'valibot'
import { ScriptError } from './errors.ts'

/** Returns the schema of a whole number, `minimum` or more. */
export function atLeast(minimum: number): v.GenericSchema<number> {
  const wanted = `a whole number, ${minimum} or more`
  return v.pipe(v.number(wanted), v.safeInteger(wanted), v.minValue(minimum, wanted))
}

/** Returns the schema of a number above 0. */
export function positive(): v.GenericSchema<number> {
  const wanted = 'a number above 0'
  return v.pipe(
    v.number(wanted),
    v.check((value) => value > 0, wanted),
  )
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
  const { input } = issue
  const given = typeof input === 'string' ? JSON.stringify(input) : typeof input === 'number' ? String(input) : issue.received
  const what = path.length === 0 ? `the options of ${where}` : path.join('.')
  const wanted = issue.type === 'strict_object' && issue.received === 'undefined' ? 'given' : issue.message
  invalidOption(`${what} must be ${wanted}, not ${given}`)
}

function allowedKeys(schema: v.GenericSchema, path: readonly string[]): string[] {
  let at: unknown = schema
  for (const key of path) {
    const entry = (at as { entries: Record<string, unknown> }).entries[key] as { wrapped?: unknown }
    at = entry.wrapped ?? entry
  }
  return Object.keys((at as { entries: object }).entries)
}
