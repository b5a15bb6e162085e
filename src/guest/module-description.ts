import type { SourceLocation } from '../errors.ts'

/** The kinds of module that `loadModule` recognises. */
export type GuestKind = 'script' | 'extism' | 'component'

/** Every {@link GuestKind}. */
export const GUEST_KINDS: readonly GuestKind[] = ['script', 'extism', 'component']

/** How scripts are to reach columns: see `LoadOptions.link`. */
export type Link = 'inline' | 'window' | 'host'

/** How a script reaches the fields of components. */
export interface ScriptLink {
  /**
   * `inline`: by loads and stores in its own code. `window`: by the same, and its own memory is a part of the memory in which the columns are,
   * since its code can have one memory only. `host`: by calls of JavaScript functions, which is slower.
   */
  readonly path: Link
  /** Why it calls host functions, for all fields or for some; `undefined` if it calls none. */
  readonly why: string | undefined
  /** Whether `update` runs on four entities at once. It gives the same results, several times as fast. */
  readonly vector: boolean
  /** How many loops of `tick` over query results run on several entities at once. */
  readonly loops: number
  /** What prevents that; if there is no `update`, what prevents it of the first such loop. `undefined` if nothing does. */
  readonly obstacle: VectorObstacle | undefined
}

/** What prevents `update`, or a loop of `tick`, from running on four entities at once. */
export interface VectorObstacle {
  /** What it is, such as `a call of math sin`. */
  readonly why: string
  /** The function in which it is. */
  readonly function: string
  /** Where it is in the source; left out if that is not known. */
  readonly location?: SourceLocation
}

/** An import or an export of a module. */
export interface DescribedName {
  /** The name of the import or export. */
  readonly name: string
  /** The import module; only for an import. */
  readonly module?: string
  /** The type as text: `(i32) → f32`, `memory 1`, `global (mut i32)`. */
  readonly type: string
  /** What is probably a mistake about it: an export whose name resembles one that the runtime calls. */
  readonly warning?: string
}

/** What every description of a core module has. */
export interface CoreModuleDescription {
  /** The size of the binary in bytes. */
  readonly bytes: number
  /** The number of functions that the module defines. */
  readonly functions: number
  /** The initial size of all its memories, in pages of 64 KiB. */
  readonly memoryPages: number
  /** The imports, in the order of the module. */
  readonly imports: readonly DescribedName[]
  /** The exports, in the order of the module. */
  readonly exports: readonly DescribedName[]
}

/** The contents of a module, as `checkModule` and `describeModule` return them. */
export interface ModuleDescription extends CoreModuleDescription {
  /** The kind of module. */
  readonly guest: GuestKind
  /** The functions of an Extism plugin, which `callJson` and `callBytes` call; left out for other kinds. */
  readonly pluginFunctions?: readonly string[]
  /** The modules that an Extism plugin imports, as its manifest names them; left out for other kinds. */
  readonly linked?: readonly LinkedDescription[]
  /** How it reaches the fields of components; left out by `describeModule`, which knows of none. */
  readonly link?: ScriptLink
}

/** A module that an Extism plugin imports. */
export interface LinkedDescription extends CoreModuleDescription {
  /** The name by which it is imported. */
  readonly name: string
}
