/** What each code means and what to do about it. Every {@link ScriptError} message ends with its code's sentence. */
export const ERROR_SENTENCES = {
  InvalidText: 'Correct the WAT text at the place shown.',
  InvalidBinary: 'Give a valid WebAssembly module, built for the features this engine has.',
  TooLarge: 'Make the script smaller, or raise the limit that is named.',
  MissingExport: 'Export what is named from the script.',
  UnknownImport: 'Import a name of the ABI, a component of this world, or a host function given to create().',
  ImportTypeMismatch: 'Declare the import with the type that is given.',
  GrantDenied: 'Add the name to the grant the script is loaded with, or remove the import.',
  InvalidMetadata: 'Return JSON { name, version, abi?, description?, state_version? } from get_metadata.',
  AbiMismatch: 'Build the script for ABI version 1.',
  DuplicateName: 'Give each script a name of its own.',
  InitFailed: 'Correct what init does with the configuration it is given.',
  Trap: 'Correct the script and reload it.',
  HostError: 'Correct the host function or listener: the fault is not in the script.',
  OutOfFuel: 'Do less work in one tick or call, or raise limits.fuel.',
  OutOfMemory: 'Use less memory, or raise the limit that is named.',
  StackOverflow: 'End the recursion sooner, or use a loop.',
  EntityOutOfRange: 'Use an entity that exists and is below the capacity of the components, or raise the capacity.',
  InvalidPointer: "Return a pointer and a length inside the script's exported memory.",
  InvalidJson: 'Return JSON text encoded as UTF-8, within limits.jsonBytes.',
  SignatureMismatch: 'Use the type that is given.',
  ExportNotFound: 'Call a function that the script exports.',
  ScriptNotFound: 'Use the id of a script that is loaded.',
  StateRejected: 'Give a state of the shape that is asked for: set_state must accept what get_state returned.',
  LoadFailed: 'Check that the source can be read, and load it again.',
  EngineUnavailable: 'Use an engine that this version of bitscript has.',
  InvalidOptions: 'Correct the option that is named.',
  Disposed: 'Create a new runtime: this one has been disposed of.',
} as const

export type ErrorCode = keyof typeof ERROR_SENTENCES

/** A place in a script's source. Lines and columns count from 1. */
export interface SourceLocation {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A function of a script that was running. */
export interface ScriptFrame {
  /** Its name in the text, or the name it is exported by, or its number. */
  readonly function: string
  readonly location?: SourceLocation
}

/** What a {@link ScriptError} carries beside its code, as far as it is known. */
export interface ErrorContext {
  /** The script's name. */
  readonly script?: string
  readonly scriptId?: number
  /** The entity that the script was running on. */
  readonly entity?: number
  /** The export that was running. */
  readonly export?: string
  readonly location?: SourceLocation
  /** The lines of source around `location`, with a caret under the place. */
  readonly frame?: string
  /** The functions that were running, the innermost first. */
  readonly trace?: readonly ScriptFrame[]
  readonly cause?: unknown
}

/** The one error that bitscript throws, rejects with and reports. */
export class ScriptError extends Error {
  override readonly name: string = 'ScriptError'
  readonly code: ErrorCode
  declare readonly script?: string
  declare readonly scriptId?: number
  declare readonly entity?: number
  declare readonly export?: string
  declare readonly location?: SourceLocation
  declare readonly frame?: string
  declare readonly trace?: readonly ScriptFrame[]
  /** What happened, without the code's sentence and without the script's name. */
  readonly detail: string

  constructor(code: ErrorCode, detail: string, context: ErrorContext = {}) {
    super(describe(code, detail, context), context.cause === undefined ? undefined : { cause: context.cause })
    this.code = code
    this.detail = detail
    const { cause: _, ...known } = context
    for (const [key, value] of Object.entries(known)) {
      if (value !== undefined) Object.defineProperty(this, key, { value, enumerable: true })
    }
    if (context.trace !== undefined) this.stack = stackOf(this, hostFrames(this))
  }
}

/** The same error, told in other words. */
export function withDetail(error: ScriptError, detail: string): ScriptError {
  return copyError(error, detail, {})
}

/** The same error with more of its context known. What the error already carries is kept. */
export function withContext(error: ScriptError, context: ErrorContext): ScriptError {
  return copyError(error, error.detail, context)
}

function copyError(error: ScriptError, detail: string, context: ErrorContext): ScriptError {
  const { script, scriptId, entity, export: name, location, frame, trace, cause } = error
  const known = { script, scriptId, entity, export: name, location, frame, trace, cause }
  const merged: Record<string, unknown> = { ...context }
  for (const [key, value] of Object.entries(known)) if (value !== undefined) merged[key] = value
  const result = new ScriptError(error.code, detail, merged)
  result.stack = stackOf(result, hostFrames(error))
  return result
}

/** The error in the form of a stack: the functions of the script first, then those of the host. */
function stackOf({ name, message, trace = [] }: ScriptError, host: readonly string[]): string {
  return [`${name}: ${message}`, ...trace.map(formatFrame), ...host].join('\n')
}

/** The lines of an error's stack that are not of its script. */
function hostFrames({ stack = '', message, trace = [] }: ScriptError): string[] {
  const own = trace.map(formatFrame)
  const behind = stack.slice(stack.indexOf(message) + message.length)
  return behind.split('\n').filter((line) => line !== '' && !own.includes(line) && !(trace.length > 0 && line.includes('wasm-function[')))
}

/** A function of a script as engines write one of their own. */
function formatFrame({ function: name, location }: ScriptFrame): string {
  const place = location === undefined ? '' : ` (${location.file}:${location.line}:${location.column})`
  return `    at ${name}${place}`
}

/** What was thrown, in words; anything can be. */
export function describeThrown(thrown: unknown): string {
  if (thrown instanceof Error) return `'${thrown.message}'`
  try {
    return `'${String(thrown)}'`
  } catch {
    return 'an object'
  }
}

function describe(code: ErrorCode, detail: string, context: ErrorContext): string {
  const { script, entity, location } = context
  const where = context.export === undefined ? script : script === undefined ? context.export : `${script}.${context.export}`
  const on = entity === undefined ? '' : ` on entity ${entity}`
  const at = location === undefined ? '' : ` at ${location.file}:${location.line}:${location.column}`
  const place = `${where ?? ''}${on}${at}`.trim()
  // No regular expression: see isStackOverflow.
  const sentence = detail.endsWith('.') ? detail.slice(0, -1) : detail
  return `${place === '' ? '' : `${place}: `}${sentence}${detail.endsWith('?') ? '' : '.'} ${ERROR_SENTENCES[code]} [${code}]`
}
