import type { AbiSignature, NamePattern } from '../../abi/types.ts'
import type { Column } from '../../ecs/components/components.ts'
import type { Ecs } from '../../ecs/entities/access.ts'
import type { Attachment } from '../../ecs/entities/attachment.ts'
import type { Clock } from '../../ecs/entities/clock.ts'
import type { ScriptQueries } from '../../ecs/queries/script-queries.ts'
import type { ScriptError } from '../../errors.ts'
import type { FunctionType, ModuleImport } from '../../wasm/format/module.ts'
import type { TextBoundary } from '../../wasm/instance/text-boundary.ts'
import type { Accessor, WordAccessor } from '../../wasm/rewrite/inline-call.ts'
import type { LinkedServices } from '../services/linked-services.ts'
import type { MathFunctions } from '../services/math-functions.ts'
import type { Random } from '../services/random.ts'
import type { ScriptLog } from '../services/script-log.ts'
import type { HostFunctions } from './host-functions.ts'
import type { Grant, Permission } from './permissions.ts'

/** The world, the services and the grant that the imports of one generation are linked with. */
export interface LinkContext {
  readonly ecs: Ecs
  readonly queries: ScriptQueries
  readonly attachment: Attachment
  readonly log: ScriptLog
  readonly random: Random
  /** Returns the number by which `ecs.random` knows an entity. */
  readonly identify: (entity: number) => number
  readonly grant: Grant | undefined
  readonly host: HostFunctions<unknown>
  /** The simulated seconds and the completed ticks. */
  readonly clock: Pick<Clock, 'time' | 'tick' | 'addresses'>
  /** Returns the `state_version` of the state that is being passed to `set_state`. */
  readonly stateVersion: () => number
  /** The functions of `math`; `undefined` if the module imports none. */
  readonly math: MathFunctions | undefined
  /** The services that the generation imports; `undefined` if it imports none. */
  readonly services: LinkedServices | undefined
  /** The import modules that are loaded when a module first imports one of them; none if this one does not. */
  readonly laterModules: readonly ImportModule[]
  /** Returns what to do about an import that a compiler added; left out for a module all of whose imports exist. */
  readonly advice?: ((module: string, name: string) => string | undefined) | undefined
  /** Loads the services, with code that a game without them does not download. */
  readonly loadServices: () => Promise<LinkedServices>
  /** The import modules that only this kind of guest has. @default none */
  readonly guestModules?: readonly ImportModule[]
  /** Counts a spawned entity against the limit. Throws `Trap`. */
  readonly countSpawn: () => void
  /** Queues an event. */
  readonly emit: (event: string, args: readonly (number | bigint)[]) => void
  /** Returns the result of a call of a host function of the game. */
  readonly callHost: (name: string, call: () => unknown) => unknown
  /** Returns the first argument of a host function. */
  readonly hostContext: (caller: Caller) => unknown
  /** Returns the tag of a loaded script by its name; `undefined` if there is none. */
  readonly tagOfScript: (name: string) => object | undefined
  /** Returns whether the script is still loaded: a script that unloads itself runs until it returns. */
  readonly isLoaded: () => boolean
  /** Refuses a call of the script: throws the error, and ends the script even if it catches it. */
  readonly refuse: (error: ScriptError) => never
  /** Charges the running script units of fuel. */
  readonly charge: (units: number) => void
  /** Returns whether an error came from reading the script's input. */
  readonly isInputError: (error: unknown) => boolean
  /** Reports an error of the host that happens when no script runs. */
  readonly reportLater: (error: ScriptError) => void
}

/** The instance that calls an import. */
export interface Caller {
  readonly text: TextBoundary
  /** The memory of the instance that calls. */
  readonly memoryUse: MemoryUse
  /** The blocks that it shares with the host; only an Extism plugin has them. */
  readonly blocks?: Blocks
}

/** The memory of an instance. */
export interface MemoryUse {
  /** Returns the pages that it has. */
  readonly pages: () => number
  /** Returns the pages that it may have. */
  readonly maxPages: () => number
}

/** Blocks of bytes that a plugin and the host pass each other, by their offset. */
export interface Blocks {
  /** Returns a copy of a block; no bytes for offset 0. Throws `InvalidPointer`. */
  read(offset: bigint): Uint8Array<ArrayBuffer>
  /** Allocates a block with the bytes and returns its offset; 0 for no bytes. Throws `OutOfMemory`. */
  store(data: Uint8Array | string): bigint
}

/** A function as it is passed to an instance. */
export type ImportedFunction = (...args: never[]) => number | bigint | readonly (number | bigint)[] | undefined | void

/**
 * What imports do, for the docs, by module, or `module::name`. The import modules that every page has keep it in a constant beside them, which
 * a bundler leaves out.
 */
export type Meanings = Readonly<Record<string, string>>

/** An import with a fixed name: its signature, documentation, price, permission and code. */
export interface FixedImport extends AbiSignature {
  /** What the import does, for the docs; left out where {@link Meanings} has it. */
  readonly meaning?: string
  /** Units of fuel of a call. */
  readonly price: number
  /** The permission that the script needs. @default none */
  readonly permission?: Permission
  /** Whether the script passes a pointer and so must export its memory. @default false */
  readonly passesText?: true
  /** Whether errors that it throws are the script's, which then cannot catch them. @default false */
  readonly refuses?: true
  /** Returns how calls can be replaced by a read of the ECS memory; `undefined` if they cannot. @default they cannot */
  readonly word?: (context: LinkContext) => WordAccessor | undefined
  /** Throws if the game does not offer the import. @default it does */
  readonly check?: (context: LinkContext) => void
  /** Returns the function for one instance. */
  readonly implement: (context: LinkContext, caller: Caller) => ImportedFunction
}

/** An import module with a fixed list of functions. */
export interface FixedModule {
  readonly module: string
  readonly functions: Readonly<Record<string, FixedImport>>
}

/** An import module whose names follow a pattern. */
export interface PatternModule extends AbiSignature {
  readonly module: string
  readonly pattern: NamePattern
  readonly example: string
  readonly meaning?: string
  /** Units of fuel of a call. */
  readonly price: number
  /** Whether the import takes any further numbers after `params`. @default false */
  readonly variadic?: true
  /** Whether errors that it throws are the script's, which then cannot catch them. @default false */
  readonly refuses?: true
  /** Returns the import of a name. Throws `UnknownImport`. */
  readonly resolve: (name: string, entry: ModuleImport, context: LinkContext) => PatternImport
}

/** An import of a {@link PatternModule}. */
export interface PatternImport {
  /** The permissions that the script needs. */
  readonly permissions: readonly Permission[]
  /** The type that the script must declare; left out if any numbers are allowed. */
  readonly type?: FunctionType
  /** How calls can be inlined; left out if they cannot. */
  readonly inline?: InlineForm
  /** Units of fuel of a call. @default the price of the module */
  readonly price?: number
  readonly function: ImportedFunction
}

/** How an import can be inlined. */
export interface InlineForm {
  readonly accessor: Accessor
  /** The column that the inlined code writes to. */
  readonly written?: Column
  /** Returns the error for an operand that is out of range. */
  readonly outOfRange: (operand: number) => ScriptError
}

/** An import module of the runtime. */
export type ImportModule = FixedModule | PatternModule

/** Returns an import module whose functions need to be named in `grant.host`. */
export function grantedByName(module: string, functions: Readonly<Record<string, Omit<FixedImport, 'permission'>>>): FixedModule {
  const granted = Object.entries(functions).map(([name, each]) => [name, { ...each, permission: { kind: 'host', module, name } }] as const)
  return { module, functions: Object.fromEntries(granted) }
}
