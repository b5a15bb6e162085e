import type { Limits } from '../abi/limits.ts'
import type { ArrayKeeper } from '../array-image.ts'
import type { Column } from '../ecs/components/components.ts'
import type { LinkContext } from '../host/modules/import-module.ts'
import type { Meter } from '../host/services/invocations.ts'
import type { InstanceImage } from '../wasm/instance/instance-state.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'

/** A kind of module that the runtime can run. */
export type GuestKind = 'script' | 'extism' | 'component'

/** What a kind of guest can do. Who needs to know asks here, never for the kind itself. */
export interface Capabilities {
  /** The state of an instance can be saved and put back. */
  readonly snapshot: boolean
  /** An instance that trapped can run again. */
  readonly resumes: boolean
  /** Each entity can have an instance of its own. */
  readonly perEntity: boolean
  /** It can reach columns without a call. */
  readonly inline: boolean
}

/** A kind of module: it recognises its bytes, and opens them as a program. */
export interface Guest {
  readonly kind: GuestKind
  readonly capabilities: Capabilities
  /** Whether bytes are a module of this kind. */
  readonly claims: (bytes: Uint8Array) => boolean
  /** Checks, links, rewrites and compiles a module. Nothing of it runs yet. Throws what loading a script throws. */
  readonly open: (source: SourceModule, options: OpenOptions) => Promise<Program>
}

/** What a program is opened with. */
export interface OpenOptions {
  readonly limits: Limits
  /** Exports that it must have. */
  readonly requires: readonly string[]
  /** Whether it may reach columns without a call, if it can. */
  readonly inline: boolean
  /** What its imports act on. */
  readonly context: Omit<LinkContext, 'math'>
  /** Milliseconds. */
  readonly clock: () => number
}

/**
 * A guest that was opened: one core module, or several that call each other and spend one budget of fuel and depth. Each went
 * through the rewriter.
 */
export interface Program {
  readonly kind: GuestKind
  readonly capabilities: Capabilities
  /** What it was made of. */
  readonly source: SourceModule
  /** The columns that it writes in place, and not by a function that could record it. */
  readonly written: readonly Column[]
  /** Where the pages end that the host passes text in; 0 if it needs none. */
  readonly arenaEnd: number
  /** Units of fuel that making an instance costs. */
  readonly instancePrice: number
  /** Milliseconds spent to open it. */
  readonly ms: { readonly compile: number; readonly link: number }
  /** Takes another text of the same module: locations of traps are given in it from now on. */
  readonly replaceText: (source: SourceModule) => void
  readonly describe: () => ModuleDescription
  /** Makes an instance, short of its start function. Throws `OutOfMemory`. */
  readonly instantiate: () => GuestInstance
  /**
   * Carries the memory and the globals of an instance of an earlier program into a new instance of this one. Says what it
   * carried and what it dropped, with the reason.
   */
  readonly carry: (before: GuestInstance, earlier: Program, instance: GuestInstance) => Carried
}

/** What went from one instance to another, and what did not, with the reason. */
export interface Carried {
  readonly carried: readonly string[]
  readonly dropped: readonly string[]
}

/** A function that the runtime calls by itself. */
export type RoleFunction = (...args: (number | bigint)[]) => unknown

/** A function that handles an event, with the types of the numbers it takes. */
export interface Handler {
  readonly params: readonly string[]
  readonly call: RoleFunction
}

/** The functions that the runtime calls by itself, by what they are for. */
export interface Roles {
  /** Once each tick, with `dt`. */
  readonly tick: RoleFunction | undefined
  /** Each tick for every entity, with the entity and `dt`. */
  readonly update: RoleFunction | undefined
  /** Calls `update` for each entity of the batch, with any number and `dt`. */
  readonly driver: RoleFunction | undefined
  readonly onAttach: RoleFunction | undefined
  readonly onDetach: RoleFunction | undefined
  /** By event. */
  readonly handlers: ReadonlyMap<string, Handler>
  readonly getState: boolean
  readonly setState: boolean
  readonly getMetadata: boolean
}

/** The state of an instance, to be saved and put back. */
export interface GuestState {
  /** Returns the state. `keeper` keeps its arrays, under paths that begin with `path`. */
  save(path?: string, keeper?: ArrayKeeper): InstanceImage
  /** Whether an image can be put into this instance, and not only into a new one. */
  canHold(image: InstanceImage): boolean
  /** Puts an image in. Returns the functions, by index, that are lost. */
  restore(image: InstanceImage): readonly number[]
}

/** One instance of a program. What it runs spends the fuel of its meter: see `invoke`. */
export interface GuestInstance {
  readonly meter: GuestMeter
  readonly roles: Roles
  readonly state: GuestState
  /** Runs the start function. Throws what ends it. */
  start(): void
  /** Passes the config to `init`. Throws `InitFailed`. */
  init(config: unknown): void
  /** Returns what `get_state` returns; `undefined` without such an export. */
  readState(): unknown
  /** Passes a state to `set_state`. Throws `StateRejected`. */
  writeState(state: unknown): void
  /** Returns what `get_metadata` returns; `undefined` without such an export. */
  readMetadata(): unknown
  /** Calls an export with numbers. Throws `ExportNotFound`, `SignatureMismatch`, and what ends the call. */
  call(name: string, numbers: readonly (number | bigint)[]): unknown
  /** Calls an export as its type says. Throws what `call` throws, `InvalidJson`, `InvalidPointer`, `MissingExport`. */
  callJson(name: string, arg: unknown): unknown
  /** Calls an export with bytes, and returns the bytes that it returns. Throws as `callJson` does. */
  callBytes(name: string, bytes: Uint8Array): Uint8Array | undefined
}

/** The meter of an instance. */
export interface GuestMeter extends Meter {
  /** Prepares for a call from outside: calls begin at depth 0. */
  enter(): void
}

/** An import or an export of a module, with its type as text: `(i32) → f32`, `memory 1`, `global (mut i32)`. */
export interface DescribedName {
  /** The name that it is imported or exported by. */
  readonly name: string
  /** Of an import: the module it comes from. */
  readonly module?: string
  /** The type, as text. */
  readonly type: string
}

/** What a module is made of. */
export interface ModuleDescription {
  /** Bytes of the binary. */
  readonly bytes: number
  /** Functions that the module defines. */
  readonly functions: number
  /** Pages of 64 KiB that its memories begin with. */
  readonly memoryPages: number
  /** What it imports. */
  readonly imports: readonly DescribedName[]
  /** What it exports. */
  readonly exports: readonly DescribedName[]
}
