/** The kinds of module that `loadModule` recognises. */
export type GuestKind = 'script' | 'extism' | 'component'

/** Every {@link GuestKind}. */
export const GUEST_KINDS: readonly GuestKind[] = ['script', 'extism', 'component']

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
}

/** A module that an Extism plugin imports. */
export interface LinkedDescription extends CoreModuleDescription {
  /** The name by which it is imported. */
  readonly name: string
}
