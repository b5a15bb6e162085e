import type { Limits } from '../abi/limits.ts'
import type { ArrayKeeper } from '../array-image.ts'
import type { Column } from '../ecs/components/components.ts'
import type { ErrorCode, ScriptError } from '../errors.ts'
import type { LinkContext } from '../host/modules/import-module.ts'
import type { HttpAnswer } from '../host/services/http-requests.ts'
import type { Meter } from '../host/services/invocations.ts'
import type { DecodedModule, FunctionType } from '../wasm/format/module.ts'
import type { InstanceImage } from '../wasm/instance/instance-state.ts'
import type { Vectorization } from '../wasm/rewrite/vectorization.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'
import type { CoreTrace } from './core-module.ts'
import type { CacheCounts } from './module-cache.ts'
import type { DescribedName, GuestKind, Link, ModuleDescription, ScriptLink } from './module-description.ts'

/** What a kind of guest supports. Code branches on these flags, never on the kind. */
export interface Capabilities {
  /** The state of an instance can be saved and restored. */
  readonly snapshot: boolean
  /** An instance that trapped can run again. If it cannot, a new one takes its place: see `renewInstance`. */
  readonly resumes: boolean
  /** Each entity can have an instance of its own. */
  readonly perEntity: boolean
  /** Its accesses to columns can be inlined as loads and stores. */
  readonly inline: boolean
}

/** A kind of module: recognises modules by their bytes and opens them as programs. */
export interface Guest {
  readonly kind: GuestKind
  readonly capabilities: Capabilities
  /** Returns whether the bytes are a module of this kind. */
  readonly claims: (bytes: Uint8Array) => boolean
  /** Checks a module without a world, and returns what is in it. Rejects with the errors of `describeModule`. */
  readonly describe: (source: SourceModule) => Promise<ModuleDescription>
  /** Checks, links, rewrites and compiles a module without running any of it. Rejects with the errors of `loadModule`. */
  readonly open: (source: SourceModule, options: OpenOptions) => Promise<Program>
  /** The guest that runs modules of this kind in a worker; left out if none does. */
  readonly inWorker?: Guest
}

/** Options of {@link Guest.open}. */
export interface OpenOptions {
  readonly limits: Limits
  /** Exports that the module must have. */
  readonly requires: readonly string[]
  /** How it is to reach columns; `host` for a guest that does not support another way. */
  readonly link: Link
  /** Whether `update` may run on several entities at once. */
  readonly vector: boolean
  /** The world and the services that the imports act on. */
  readonly context: Omit<LinkContext, 'advice' | 'laterModules' | 'math' | 'services'>
  /** Returns the time in milliseconds. */
  readonly clock: () => number
  /** How often the runtime used the cache of modules. */
  readonly cacheCounts: CacheCounts
  /** Returns the config that `init` is passed. It may change while the program runs. */
  readonly config: () => unknown
  /** How calls of a worker are made. */
  readonly late: LateOptions
  /** Returns what traces a core module of the program. @default nothing is traced */
  readonly trace?: TraceMaker | undefined
}

/** Returns what traces the instances of a core module. `original` is the module before its imports were renamed; `source` leads to its text. */
export type TraceMaker = (traced: TracedModuleParts) => CoreTrace

/** A core module that is to be traced. */
export interface TracedModuleParts {
  readonly module: DecodedModule
  readonly original: DecodedModule
  readonly source: SourceModule
}

/** How calls are made whose answers come in a later tick. */
export interface LateOptions {
  /** Milliseconds that a call may take; `undefined` for the default. */
  readonly timeoutMs: number | undefined
  /** Returns the number of the next call. */
  readonly nextCall: () => number
  /** Whether a recording is being played, which has the answers: then nothing is run. */
  readonly isReplayed: () => boolean
}

/**
 * An opened guest: one core module, or several that call each other and share one budget of fuel and depth. Every core
 * module has been rewritten.
 */
export interface Program {
  readonly kind: GuestKind
  readonly capabilities: Capabilities
  /** The module before rewriting. */
  readonly source: SourceModule
  /** How it reaches columns, where its options let it inline accesses. */
  readonly link: ScriptLink
  /** How `update` runs on groups of entities, or what prevents it; `undefined` if that was not tried. */
  readonly vector: Vectorization | undefined
  /** The columns that inlined stores write. No function call records these writes. */
  readonly written: readonly Column[]
  /** Those of them that creating an instance and its `init` may write: none if that runs no code. */
  readonly writtenAtStart: readonly Column[]
  /** The end address of the host arena; 0 if the program has none. */
  readonly arenaEnd: number
  /** The pages of memory for its instances. `instantiate` does not count: see `makeInstance`. */
  readonly room: PageRoom
  /** The pages with which an instance begins. */
  readonly instancePages: number
  /** The bytes that an instance takes beside its memories, at most and roughly. */
  readonly instanceBytes: number
  /** Units of fuel that creating an instance costs. */
  readonly instancePrice: number
  /** Milliseconds spent on opening the program. */
  readonly ms: { readonly compile: number; readonly link: number }
  /** Replaces the text of the module. The locations of later traps refer to the new text. */
  readonly replaceText: (source: SourceModule) => void
  readonly describe: () => ModuleDescription
  /** Returns the exports, as far as warnings go: what `describe` returns of them, for less. */
  readonly exports: () => readonly Pick<DescribedName, 'name' | 'warning'>[]
  /** Returns the type of an exported function; `json` for one that takes its numbers as JSON; `undefined` if it exports no such function. */
  readonly typeOf: (name: string) => FunctionType | 'json' | undefined
  /** Returns how many values an exported function takes, whatever their types; `undefined` if it exports no such function. */
  readonly parametersOf: (name: string) => number | undefined
  /** Returns whether `callJson` can pass JSON to an export. */
  readonly takesJson: (name: string) => boolean
  /** Whether the config of `LoadOptions` is passed to it. */
  readonly takesConfig: boolean
  /** The values of the config by key, as a plugin reads them; left out by kinds that get the config as it is. */
  readonly configValues?: ReadonlyMap<string, string>
  /** What a person would want to know of it, beside what its exports show. @default nothing */
  readonly warnings?: readonly string[]
  /**
   * Starts what runs the next instance, if that takes time. `before` is the instance that it is to replace. Rejects with what ends the
   * start. @default nothing has to be started
   */
  readonly launch?: (before: GuestInstance | undefined) => Promise<void>
  /** Stops what was launched, if no instance took it. */
  readonly close?: () => void
  /** Gives back what it has of the ECS memory. Its instances must not run afterwards, nor new ones beyond {@link settle}. */
  readonly dispose?: () => void
  /** Gives back what an instance took that was made after {@link dispose}, to read its state. */
  readonly settle?: () => void
  /** Creates an instance without running its start function. Throws `OutOfMemory`. */
  readonly instantiate: () => GuestInstance
  /** Carries over what every reload carries, whatever `preserve` says. Returns what it was. */
  readonly inherit: (before: GuestInstance, instance: GuestInstance) => readonly string[]
  /** Resolves with what carries state over from an earlier program. It is loaded when it is first needed. */
  readonly loadCarrier: () => Promise<Carrier>
}

/**
 * Returns the function that carries the memory and the globals of any instance of an earlier program over to a new instance of
 * this one, before its `init`.
 */
export type Carrier = (earlier: Program) => (before: GuestInstance, instance: GuestInstance) => Carried

/** What a reload carried over from the old instance, and what it dropped, each with the reason. */
export interface Carried {
  readonly carried: readonly string[]
  readonly dropped: readonly string[]
  readonly warnings: readonly string[]
}

/** An export that the runtime calls by itself. */
export type RoleFunction = (...args: (number | bigint)[]) => unknown

/** An export that handles an event, with the types of its parameters; `undefined` if it takes the numbers as they are. */
export interface Handler {
  readonly params: readonly string[] | undefined
  readonly call: RoleFunction
}

/** The exports that the runtime calls by itself, by role. */
export interface Roles {
  /** Called once a tick with `dt`. */
  readonly tick: RoleFunction | undefined
  /** Called once a tick for every entity, with the entity and `dt`. */
  readonly update: RoleFunction | undefined
  /** Calls `update` for each entity of the batch. Takes a number that it ignores, and `dt`. */
  readonly driver: RoleFunction | undefined
  /** Calls it for the groups of entities of the batch. */
  readonly groups: RoleFunction | undefined
  readonly onAttach: RoleFunction | undefined
  readonly onDetach: RoleFunction | undefined
  /** The handlers by the name of their event. */
  readonly handlers: ReadonlyMap<string, Handler>
  /** Takes the answer to a request by HTTP; left out by kinds that make none. */
  readonly onResponse?: ((answer: HttpAnswer) => void) | undefined
  readonly init: boolean
  /** Whether it can save its state: by `get_state`, or as the block of `state` and `state_size`. */
  readonly getState: boolean
  readonly getMetadata: boolean
}

/** The memory that the instances of a program may have together. */
export interface PageRoom {
  /** Pages that their memories may have; what they take beside their memories may be as much again. */
  readonly total: number
  /** The pages that no instance has yet. */
  left: number
  /** How many instances there are. */
  instances: number
}

/** The `state_version` of the code that saved a state, and of the code that gets it. */
export interface StateVersions {
  readonly saved: number
  readonly own: number
}

/** Saves and restores the state of an instance. */
export interface GuestState {
  /** Returns the state. `keeper` stores its arrays under paths that begin with `path`. */
  save(path?: string, keeper?: ArrayKeeper): InstanceImage
  /** Returns whether this instance can be restored to an image, rather than a new instance. */
  canHold(image: InstanceImage): boolean
  /** Restores an image. Returns the indices of the functions that its tables lost. */
  restore(image: InstanceImage): readonly number[]
  /** Writes memories and globals that are numbers over those of this instance. What the parts leave out stays as it is. */
  overwrite(parts: Omit<InstanceImage, 'of' | 'tables'>): void
}

/** One instance of a program. Its code spends the fuel of its meter: see `invoke`. */
export interface GuestInstance {
  readonly meter: GuestMeter
  readonly roles: Roles
  readonly state: GuestState
  /** The pages of memory that it has. */
  readonly pages: number
  /** The variables that a plugin keeps from call to call, by name; left out by kinds that have none. Never write to their bytes. */
  readonly variables?: ReadonlyMap<string, Uint8Array>
  /** Returns an exported function that takes numbers; `undefined` if there is no such function. */
  function(name: string): RoleFunction | undefined
  /** Its calls, if answers come in a later tick: each call then returns a promise. @default calls return their result */
  readonly late?: LateCalls
  /** Runs the start function. Throws the error that ends it. */
  start(): void
  /** Passes the config to `init`. Throws `InitFailed`. */
  init(config: unknown): void
  /** Returns the result of `get_state`, or a copy of the state's block; `undefined` if there is neither. */
  readState(): unknown
  /** Returns whether the instance takes a state of this kind: JSON by `set_state`, bytes as the block of the state. */
  takesState(state: unknown): boolean
  /** Returns why a state that it takes cannot be passed; `undefined` if it can. */
  mismatch(state: unknown, versions: StateVersions): string | undefined
  /** Passes a state that it takes. Returns whether it was written as it is. Throws `StateRejected`. */
  writeState(state: unknown, versions: StateVersions): boolean
  /** Calls `get_metadata` and returns its result; `undefined` if there is no such export. */
  readMetadata(): unknown
  /** Calls an export with numbers. Throws `ExportNotFound`, `SignatureMismatch`, and the error that ends the call. */
  call(name: string, numbers: readonly (number | bigint)[]): unknown
  /**
   * Calls an export, and converts its argument and its result as its signature requires. Throws the errors of `call`,
   * `InvalidJson`, `InvalidPointer`, `MissingExport`.
   */
  callJson(name: string, arg: unknown): unknown
  /** Calls an export with bytes and returns its bytes. Throws the errors of `callJson`. */
  callBytes(name: string, bytes: Uint8Array): Uint8Array | undefined
}

/** The answer to a call that was made in an earlier tick, and all that it changes in the game. */
export interface LateAnswer {
  /** The number of the call. */
  readonly call: number
  /** The output; `null` if there is none. */
  readonly output: Uint8Array | null
  /** The code and the detail of the error that ended the call; `null` if it succeeded. */
  readonly error: readonly [code: ErrorCode, detail: string] | null
  /** Whether the error is a fault of the script. */
  readonly isFault: boolean
  /** The variables that the call set, or removed (`null`), by name. */
  readonly variables: readonly (readonly [name: string, value: Uint8Array | null])[]
}

/** The calls of an instance whose answers come in a later tick. */
export interface LateCalls {
  /** Whether a call waits for its answer. */
  readonly isBusy: boolean
  /** Resolves when no call waits for its answer. */
  readonly settled: () => Promise<void>
  /** Returns the answers that have come, in the order of their calls, each once, and the tick in which the call was made. */
  readonly take: () => readonly (LateAnswer & { readonly tick: number })[]
  /** Applies an answer and settles the promise of its call. `report` is passed the error, and returns the one that the promise rejects with. */
  readonly apply: (answer: LateAnswer, report: (error: ScriptError, isFault: boolean) => ScriptError) => void
  /** Drops all calls, whose promises reject with an error of that detail, and stops what runs them. The next call starts it again. */
  readonly drop: (detail: string) => void
}

/** The meter of an instance. */
export interface GuestMeter extends Meter {
  /** Resets the depth to 0 before a call from the host. */
  enter(): void
}
