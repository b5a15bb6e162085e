import { abbreviate, escapeControls } from './printable.ts'

/** Characters of what an error says. A script chooses the names in it. */
const MAX_DETAIL = 2000

/**
 * What to do about each error code. Every {@link ScriptError} message ends with the sentence of its code. The docstring of a code says what
 * causes it and, in a second paragraph, more of what to do: `docs/errors.md` is generated from both.
 */
export const ERROR_SENTENCES = {
  /**
   * The assembler cannot read the text of a script, or the text is not valid WebAssembly. `location` and `frame` show the place;
   * `mistakes` has all of them if there are several.
   *
   * `bitscript check` shows the same mistakes without running the game.
   */
  InvalidText: 'Correct the text of the script.',
  /**
   * The bytes are no WebAssembly module or component, or one that no engine accepts, or one that uses a feature which is refused:
   * threads, structs and arrays, 64-bit memories, relaxed SIMD.
   *
   * If a compiler made the module, turn that feature off. If the file was downloaded, compare its length with that of the original: it
   * may be cut, or a page of HTML.
   */
  InvalidBinary: 'Give a valid WebAssembly module, built for the features this engine supports.',
  /**
   * A script has too much of something at load: bytes, pages of memory, elements of a table, functions, local variables. The message
   * names what, the number, and the limit.
   */
  TooLarge: 'Make the script smaller; if the message names an option, you can raise that instead.',
  /**
   * A script does not export what it must: at least one function, its `memory` if it passes text, or what its options and its manifest
   * name. A host function that reads the memory of a script without one gets it, too.
   */
  MissingExport: 'Export what is named from the script.',
  /**
   * A script imports a name that does not exist. The message gives the nearest name that does, and the line of the import in a text.
   *
   * Components, relations and host functions must be given to `create()` before a script that imports them is loaded.
   */
  UnknownImport: 'Import a name of the ABI, a component of this world, or a host function given to create().',
  /** A script declares an import with another type than it has, such as `i32` for a field that is `f32`. */
  ImportTypeMismatch: 'Declare the import with the type that the message names.',
  /**
   * A script imports, or a mod asks for, what it is not allowed. Also a request by HTTP to a host that is not in `grant.hosts`, or in a
   * game that did not switch `http` on.
   *
   * A `grant` that is given allows only what it names.
   */
  GrantDenied: 'Add the name to the grant the script is loaded with, or remove the import.',
  /** What `get_metadata` or `get_version` returned is not what it must be, or differs from the manifest. */
  InvalidMetadata: 'Return JSON { name, version, abi?, description?, state_version? } from get_metadata.',
  /** The metadata of a script names a version of the ABI that this version of bitscript does not have. */
  AbiMismatch: 'Build the script for ABI version 1.',
  /**
   * Two scripts or mods have the same name, or a mod declares a component that exists with other fields. A script without a `name` is
   * named after its file.
   */
  DuplicateName: 'Give each script a name of its own.',
  /**
   * The `init` of a script trapped, threw or spent its fuel. Everything that it did is undone, and the script is not loaded. `cause` has
   * the error itself.
   */
  InitFailed: 'Correct what init does, or the config that it is given.',
  /**
   * A script did what WebAssembly forbids, such as a division by zero, a read outside of its memory, or `unreachable`; or it spawned too
   * many entities in a tick. `location` and `trace` show where. The script is `faulted`, and the tick goes on without it.
   *
   * `onFault` restarts a script by itself, or goes on without the entity.
   */
  Trap: 'Correct the script and reload it.',
  /**
   * A function of the game threw, or returned what it may not, or a method of the runtime was called at a time when it cannot be, such
   * as `snapshot()` from inside a host function. `cause` has the error that was thrown.
   */
  HostError: 'Correct the code of the game: the fault is not in the script.',
  /**
   * A script spent the fuel that it has for a tick or a call. An endless loop does, and so does too much work.
   *
   * `runtime.script(id).stats.fuel` is what a script spent in the last tick. Long work can be a job, which takes many ticks.
   */
  OutOfFuel: 'Do less work in one tick or call, or raise limits.fuel.',
  /**
   * The memory that all instances of a script may have together, or the reserve for lists, declared components and memories of scripts, or a fixed limit such
   * as that of queued events, is used up.
   */
  OutOfMemory: 'Use less memory; if the message names an option, you can raise that instead.',
  /**
   * Calls are nested too deeply: recursion in a script, calls of the game into scripts from host functions, or a hierarchy of entities
   * with too many levels. It comes at the same depth on every engine.
   */
  StackOverflow: 'End the recursion sooner, or use a loop.',
  /**
   * An entity is not below the capacity of the components, or it does not exist; or an index is outside the result of a query. Also when
   * there is no room for another entity.
   *
   * `defineComponents` takes `capacity`. Test an entity that was kept from an earlier tick by `ecs.exists`.
   */
  EntityOutOfRange: 'Use an entity that exists, or an index that is in range.',
  /** A script gave a pointer and a length that are not within its memory, or text that is not UTF-8. */
  InvalidPointer: "Give a pointer and a length inside the script's exported memory.",
  /** What a script returned or the game passed is not JSON, or cannot be written as JSON, or is longer than `limits.jsonBytes`. */
  InvalidJson: 'Give JSON that is encoded as UTF-8, within the limits.',
  /**
   * An export that the runtime calls has another type than the ABI gives it, or the game calls an export with other numbers than it
   * takes.
   */
  SignatureMismatch: 'Use the type that the message names.',
  /**
   * The game calls a function that the script does not export, or sends a message to a script that handles none. The message gives the
   * nearest name.
   */
  ExportNotFound: 'Call a function that the script exports.',
  /**
   * No script, mod or job has this id or name: it was never loaded, it failed to load, it was unloaded, or it is still loading.
   *
   * Await `loadModule`; after `unloadModule` drop the id.
   */
  ScriptNotFound: 'Use the id of a script that is loaded.',
  /** A plugin or a component answered with an error of its own. `detail` has its text. */
  GuestError: 'Correct the plugin, or give it the input that it expects: the message is its own.',
  /**
   * A manifest has mistakes. The message lists all of them, each with its path, such as `hooks[1].component`.
   *
   * The JSON Schema `bitscript/script.schema.json` shows the same mistakes in an editor.
   */
  InvalidManifest: 'Correct the manifest at the places that are named.',
  /** A module is not the one that its manifest names by `sha256`. */
  HashMismatch: 'Give the file that the manifest was written for, or correct the manifest.',
  /**
   * A mod requires another mod or a host module that is missing, disabled or of another version; or mods require each other in a circle;
   * or what another mod needs was to be disabled or unloaded.
   */
  DependencyUnmet: 'Give the mod what it requires; first disable or unload what needs it.',
  /** The result of an actor has a mistake. The message names its path, and nothing of the result was applied. */
  InvalidResult: 'Return what an actor may, with entities that exist and names that are granted.',
  /** As many messages wait for the script as `limits.messages` allows, or with half of its `limits.jsonBytes` together. */
  QueueFull: 'Send less in a tick, or raise the limit that is named.',
  /** A request got no reply in its number of ticks, or a plugin in a worker took longer than `timeoutMs`. */
  Timeout: 'Make it answer sooner; if the message names an option, you can raise that instead.',
  /** The build of a mod failed or could not be started. The message has the last lines that it printed. */
  BuildFailed: 'Correct what the build printed, or the build of the manifest.',
  /**
   * A compiler found a mistake in a source in C, Rust, AssemblyScript or another language: `location` is its own file, line and column,
   * `frame` the lines around it, and `mistakes` are all that it found. The code from before runs on.
   */
  InvalidSource: 'Correct the source of the script.',
  /**
   * `set_state` refused a state, or a snapshot, a recording or a state is of another game or another module. Nothing was changed.
   *
   * A reload that fails so leaves the old code running. `set_state` can convert an older shape of the state by `host.state_version`.
   */
  StateRejected: 'Give a state that set_state accepts, or a snapshot of the same game.',
  /**
   * A source could not be read: there is no such file, the server answered with an error, it took too long, or a later reload overtook
   * this one. Also a file of a snapshot or a recording that is damaged.
   */
  LoadFailed: 'Check that the source is whole and can be read, unless the message says what else to do.',
  /**
   * The engine or something around it is missing: a content security policy forbids WebAssembly, an optional package is not installed,
   * or the assembler could not be started.
   *
   * A page needs `'wasm-unsafe-eval'` in the `script-src` of its policy. For a missing package the message has the command that installs
   * it.
   */
  EngineUnavailable: 'Change what the message names: the mistake is not in the script.',
  /** A function was called with an argument or an option that it does not take. The message names it. */
  InvalidOptions: 'Correct the call, or the option that is named.',
  /** The runtime, or what belongs to it, such as a history, was used after `dispose()` or its like. */
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

/** What a copy takes over from an error, beside its code and its trace. */
const KEPT = ['script', 'scriptId', 'entity', 'export', 'location', 'frame', 'mistakes', 'cause'] as const

function copyError(error: ScriptError, detail: string, context: ErrorContext): ScriptError {
  const merged: Record<string, unknown> = { ...context, trace: undefined }
  for (const key of KEPT) if (error[key] !== undefined) merged[key] = error[key]
  const copy = new ScriptError(error.code, detail, merged)
  const { trace: value = context.trace } = error
  if (value !== undefined) Object.defineProperty(copy, 'trace', { value, enumerable: true })
  writeStackWhenRead(copy, error)
  return copy
}

/** Gives a copy of an error the stack of the original, once it is read: engines format stacks as slowly, and few are read. */
function writeStackWhenRead(copy: ScriptError, original: ScriptError): void {
  let stack: string | undefined
  // An engine would format the copy's own stack to replace it.
  Reflect.deleteProperty(copy, 'stack')
  Object.defineProperty(copy, 'stack', {
    get: () => (stack ??= stackOf(copy, hostFrames(original))),
    set: (value) => (stack = value),
    configurable: true,
  })
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
