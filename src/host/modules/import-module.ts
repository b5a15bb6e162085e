import type { AbiSignature, NamePattern } from '../../abi/types.ts'
import type { Column } from '../../ecs/components/components.ts'
import type { Ecs } from '../../ecs/entities/access.ts'
import type { Attachment } from '../../ecs/entities/attachment.ts'
import type { ScriptQueries } from '../../ecs/queries/script-queries.ts'
import type { ScriptError } from '../../errors.ts'
import type { FunctionType, ModuleImport } from '../../wasm/format/module.ts'
import type { TextBoundary } from '../../wasm/instance/text-boundary.ts'
import type { Accessor } from '../inline/accessors.ts'
import type { MathFunctions } from '../services/math-functions.ts'
import type { Random } from '../services/random.ts'
import type { ScriptLog } from '../services/script-log.ts'
import type { HostModules } from './host-functions.ts'
import type { Grant, Permission } from './permissions.ts'

/** What the imports of a script act on. */
export interface LinkContext {
  readonly ecs: Ecs
  readonly queries: ScriptQueries
  readonly attachment: Attachment
  readonly log: ScriptLog
  readonly random: Random
  readonly grant: Grant | undefined
  readonly host: HostModules<unknown>
  /** Seconds simulated and ticks completed. */
  readonly clock: { readonly time: number; readonly tick: number }
  /** Returns the version of the state that `set_state` is being given. */
  readonly stateVersion: () => number
  /** The functions of `math`, if the module imports any. */
  readonly math: MathFunctions | undefined
  /** Counts a spawned entity against the limit. Throws `Trap`. */
  readonly countSpawn: () => void
  readonly emit: (event: string, args: readonly (number | bigint)[]) => void
  /** Makes the first argument of a host function. */
  readonly hostContext: (caller: Caller) => unknown
  /** Whether the script has not been unloaded: one that unloads itself runs on until it returns. */
  readonly isLoaded: () => boolean
  /** Refuses a call: throws, and ends the run at the next check even if the script catches the error. */
  readonly refuse: (error: ScriptError) => never
  /** Charges the script that is running. */
  readonly charge: (units: number) => void
  /** Whether an error is one of reading what the script passed. */
  readonly isPassed: (error: unknown) => boolean
}

/** The instance that calls an import, once it runs. */
export interface Caller {
  readonly text: TextBoundary
}

/** A function as an instance imports it. */
export type ImportedFunction = (...args: never[]) => number | bigint | readonly (number | bigint)[] | undefined | void

/** A function of an import module with a name of its own. Its signature, price, docs and code stand together. */
export interface FixedImport extends AbiSignature {
  readonly meaning: string
  /** Units of fuel of a call. */
  readonly price: number
  /** What the script must be granted. @default nothing */
  readonly permission?: Permission
  /** Whether it is passed a pointer, so that the script must export its memory. @default false */
  readonly passesText?: true
  /** Whether it may throw an error that is the script's. The script cannot swallow it. @default false */
  readonly refuses?: true
  readonly implement: (context: LinkContext, caller: Caller) => ImportedFunction
}

/** An import module with a fixed list of functions. */
export interface FixedModule {
  readonly module: string
  readonly functions: Readonly<Record<string, FixedImport>>
}

/** An import module in which any name of a pattern stands for a function. */
export interface PatternModule extends AbiSignature {
  readonly module: string
  readonly pattern: NamePattern
  readonly example: string
  readonly meaning: string
  /** Units of fuel of a call. */
  readonly price: number
  /** Takes any numbers, beside `params`. */
  readonly variadic?: true
  /** Whether it may throw an error that is the script's. The script cannot swallow it. @default false */
  readonly refuses?: true
  /** Returns what a name stands for. Throws `UnknownImport`. */
  readonly resolve: (name: string, entry: ModuleImport, context: LinkContext) => PatternImport
}

/** What a name of a pattern stands for. */
export interface PatternImport {
  readonly permissions: readonly Permission[]
  /** The type it must have. Left out, any numbers will do. */
  readonly type?: FunctionType
  /** How calls of it can be inlined. */
  readonly inline?: InlineForm
  /** Units of fuel of a call. @default those of the module */
  readonly price?: number
  readonly function: ImportedFunction
}

/** How an import can be inlined. */
export interface InlineForm {
  readonly accessor: Accessor
  /** The column that is written in place. */
  readonly written?: Column
  /** The error for an operand out of range. */
  readonly outOfRange: (operand: number) => ScriptError
}

/** An import module of the runtime. */
export type ImportModule = FixedModule | PatternModule

/** An import module whose functions are granted by name in `grant.host`. */
export function grantedByName(module: string, functions: Readonly<Record<string, Omit<FixedImport, 'permission'>>>): FixedModule {
  const granted = Object.entries(functions).map(([name, each]) => [name, { ...each, permission: { kind: 'host', module, name } }] as const)
  return { module, functions: Object.fromEntries(granted) }
}
