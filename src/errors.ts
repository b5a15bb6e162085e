import { abbreviate, escapeControls } from './printable.ts'

/** Characters of what an error says. A script chooses the names in it. */
const MAX_DETAIL = 2000

/** What to do about each error code. Every {@link ScriptError} message ends with the sentence of its code. */
export const ERROR_SENTENCES = {
  InvalidText: 'Correct the text of the script.',
  InvalidBinary: 'Give a valid WebAssembly module, built for the features this engine supports.',
  TooLarge: 'Make the script smaller; if the message names an option, you can raise that instead.',
  MissingExport: 'Export what is named from the script.',
  UnknownImport: 'Import a name of the ABI, a component of this world, or a host function given to create().',
  ImportTypeMismatch: 'Declare the import with the type that the message names.',
  GrantDenied: 'Add the name to the grant the script is loaded with, or remove the import.',
  InvalidMetadata: 'Return JSON { name, version, abi?, description?, state_version? } from get_metadata.',
  AbiMismatch: 'Build the script for ABI version 1.',
  DuplicateName: 'Give each script a name of its own.',
  InitFailed: 'Correct what init does, or the config that it is given.',
  Trap: 'Correct the script and reload it.',
  HostError: 'Correct the code of the game: the fault is not in the script.',
  OutOfFuel: 'Do less work in one tick or call, or raise limits.fuel.',
  OutOfMemory: 'Use less memory; if the message names an option, you can raise that instead.',
  StackOverflow: 'End the recursion sooner, or use a loop.',
  EntityOutOfRange: 'Use an entity that exists, or an index that is in range.',
  InvalidPointer: "Give a pointer and a length inside the script's exported memory.",
  InvalidJson: 'Give JSON that is encoded as UTF-8, within the limits.',
  SignatureMismatch: 'Use the type that the message names.',
  ExportNotFound: 'Call a function that the script exports.',
  ScriptNotFound: 'Use the id of a script that is loaded.',
  GuestError: 'Correct the plugin, or give it the input that it expects: the message is its own.',
  InvalidManifest: 'Correct the manifest at the places that are named.',
  HashMismatch: 'Give the file that the manifest was written for, or correct the manifest.',
  DependencyUnmet: 'Give the mod what it requires, in a version that it accepts; first disable or unload what needs it.',
  InvalidResult: 'Return what an actor may, with entities that exist and names that are granted.',
  QueueFull: 'Send less in a tick, or raise limits.messages.',
  Timeout: 'Make it answer sooner; if the message names an option, you can raise that instead.',
  BuildFailed: 'Correct what the build printed, or the build of the manifest.',
  StateRejected: 'Give a state that set_state accepts, or a snapshot of the same game.',
  LoadFailed: 'Check that the source is whole and can be read, unless the message says what else to do.',
  EngineUnavailable: 'Change what the message names: the mistake is not in the script.',
  InvalidOptions: 'Correct the call, or the option that is named.',
  Disposed: 'Create a new one: this one cannot be used any more.',
} as const

/** The code of a {@link ScriptError}. {@link ERROR_SENTENCES} has a sentence for each. */
export type ErrorCode = keyof typeof ERROR_SENTENCES

/** A place in a script's source. */
export interface SourceLocation {
  /** The URL or name of the file. */
  readonly file: string
  /** The line, from 1. */
  readonly line: number
  /** The column, from 1, in characters. */
  readonly column: number
}

/** One stack frame of a script. */
export interface ScriptFrame {
  /** The function's name in the source, its export name, or its index. */
  readonly function: string
  /** The place in the source; left out if it is unknown. */
  readonly location?: SourceLocation
}

/** One of several mistakes in a text. */
export interface SourceMistake {
  /** What is wrong. */
  readonly detail: string
  /** Where it is. */
  readonly location: SourceLocation
  /** The source lines around `location`, with a caret under the column. */
  readonly frame: string
}

/** The details of a {@link ScriptError}. Each is left out if it is unknown. */
export interface ErrorContext {
  /** The script's name. */
  readonly script?: string
  /** The script's id. */
  readonly scriptId?: number
  /** The entity that the script was running on. */
  readonly entity?: number
  /** The export that was running. */
  readonly export?: string
  /** Where the error happened in the source. */
  readonly location?: SourceLocation
  /** The source lines around `location`, with a caret under the column. */
  readonly frame?: string
  /** All mistakes that were found in the source, if there are several. The error is about the first. */
  readonly mistakes?: readonly SourceMistake[]
  /** The script's stack frames, innermost first. */
  readonly trace?: readonly ScriptFrame[]
  /** The error that caused this one. */
  readonly cause?: unknown
}

/**
 * The error class of bitscript: every function throws it, every promise rejects with it, and the `error` event reports it.
 *
 * @example
 * ```ts
 * try {
 *   await runtime.loadModule('(module (func (export "tick") (param f32) i32.cost 1))')
 * } catch (error) {
 *   if (!(error instanceof ScriptError)) throw error
 *   console.error(error.message) // what happened, where, and what to do
 *   if (error.code === 'InvalidText') console.error(error.frame)
 * }
 * ```
 */
export class ScriptError extends Error {
  /** Always `ScriptError`. */
  override readonly name: string = 'ScriptError'
  /** What went wrong, for code to test. */
  readonly code: ErrorCode
  /** The script's name. */
  declare readonly script?: string
  /** The script's id. */
  declare readonly scriptId?: number
  /** The entity that the script was running on. */
  declare readonly entity?: number
  /** The export that was running. */
  declare readonly export?: string
  /** Where the error happened in the source. */
  declare readonly location?: SourceLocation
  /** The source lines around `location`, with a caret under the column. */
  declare readonly frame?: string
  /** All mistakes that were found in the source, if there are several. The error is about the first. */
  declare readonly mistakes?: readonly SourceMistake[]
  /** The script's stack frames, innermost first. */
  declare readonly trace?: readonly ScriptFrame[]
  /** What happened, without the script's name and without the sentence of the code. Control characters are escaped. */
  readonly detail: string

  /**
   * Makes an error whose message is `detail`, with the script and place of `context`, and the sentence of `code`. Control
   * characters in the message are escaped.
   */
  constructor(code: ErrorCode, detail: string, context: ErrorContext = {}) {
    const said = abbreviate(detail, MAX_DETAIL)
    super(escapeControls(describe(code, said, context)), context.cause === undefined ? undefined : { cause: context.cause })
    this.code = code
    this.detail = escapeControls(said)
    const { cause: _, ...known } = context
    for (const [key, value] of Object.entries(known)) {
      if (value !== undefined) Object.defineProperty(this, key, { value, enumerable: true })
    }
    if (context.trace !== undefined) this.stack = stackOf(this, hostFrames(this))
  }
}

/** Returns a copy of the error with another `detail`. */
export function withDetail(error: ScriptError, detail: string): ScriptError {
  return copyError(error, detail, {})
}

/** Returns a copy of the error with more context. What the error already has is not replaced. */
export function withContext(error: ScriptError, context: ErrorContext): ScriptError {
  return copyError(error, error.detail, context)
}

function copyError(error: ScriptError, detail: string, context: ErrorContext): ScriptError {
  const { script, scriptId, entity, export: name, location, frame, mistakes, trace, cause } = error
  const known = { script, scriptId, entity, export: name, location, frame, mistakes, trace, cause }
  const merged: Record<string, unknown> = { ...context }
  for (const [key, value] of Object.entries(known)) if (value !== undefined) merged[key] = value
  const result = new ScriptError(error.code, detail, merged)
  result.stack = stackOf(result, hostFrames(error))
  return result
}

/** Formats the error as a stack trace: the script's frames first, then the host's. */
function stackOf({ name, message, trace = [] }: ScriptError, host: readonly string[]): string {
  return [`${name}: ${message}`, ...trace.map(formatFrame), ...host].join('\n')
}

/** Returns the lines of an error's stack that do not belong to the script. */
function hostFrames({ stack = '', message, trace = [] }: ScriptError): string[] {
  const own = trace.map(formatFrame)
  const lines = stack.slice(stack.indexOf(message) + message.length).split('\n')
  return lines.filter((line) => line !== '' && !own.includes(line) && !(trace.length > 0 && line.includes('wasm-function[')))
}

/** Formats a script's frame as engines format JavaScript frames. */
export function formatFrame({ function: name, location }: ScriptFrame): string {
  const place = location === undefined ? '' : ` (${location.file}:${location.line}:${location.column})`
  return escapeControls(`    at ${name}${place}`)
}

/**
 * Returns the handler of a failed `import()` of code that a game downloads when it first needs it. It throws `LoadFailed`. `what` names the
 * code, such as 'the code that reads URLs'.
 */
export function notLoaded(what: string): (cause: unknown) => never {
  return (cause) => {
    throw new ScriptError('LoadFailed', `${what} could not be loaded: all files of the build must be served`, { cause })
  }
}

/** Describes a thrown value, which may be of any type. Of an error that nested calls passed on, describes the first. */
export function describeThrown(thrown: unknown): string {
  if (thrown instanceof Error) return `'${firstCause(thrown).message}'`
  try {
    return `'${String(thrown)}'`
  } catch {
    return 'an object'
  }
}

/**
 * Calls `report` if the value is a promise and is rejected, which would end Node otherwise. It may be of another realm: in Jest, the promises of Node's own
 * functions are.
 */
export function reportRejection(value: unknown, report: (cause: unknown) => void): void {
  if (isPromise(value)) value.then(undefined, report)
}

/** Whether the value is a promise, of this realm or of another. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return Object.prototype.toString.call(value) === '[object Promise]'
}

function firstCause(error: Error): Error {
  let first = error
  while (first instanceof ScriptError && first.code === 'HostError' && first.cause instanceof ScriptError) first = first.cause
  return first
}

function describe(code: ErrorCode, detail: string, context: ErrorContext): string {
  const { script, entity, location } = context
  const where = [script, context.export].flatMap((name) => (name === undefined ? [] : abbreviate(name))).join('.')
  const on = entity === undefined ? '' : ` on entity ${entity}`
  const at = location === undefined ? '' : ` at ${location.file}:${location.line}:${location.column}`
  const place = `${where}${on}${at}`.trim()
  // No regular expression: see isStackOverflow.
  const sentence = detail.endsWith('.') ? detail.slice(0, -1) : detail
  return `${place === '' ? '' : `${place}: `}${sentence}${detail.endsWith('?') ? '' : '.'} ${ERROR_SENTENCES[code]} [${code}]`
}
