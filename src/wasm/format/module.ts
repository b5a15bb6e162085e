import type { AbiSignature } from '../../abi/types.ts'

/**
 * A value type as WAT writes it: a number type, `v128`, or a reference type such as `funcref` or `(ref null 3)`.
 * https://webassembly.github.io/spec/core/syntax/types.html
 */
export type ValueType = string

export interface FunctionType {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}

/** A half-open range of byte offsets. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** The host arena: whole pages that follow the declared initial size of a memory. */
export interface ArenaRange extends ByteRange {
  /** The index of the memory. */
  readonly memory: number
}

/** A range of the host's memory that an instance may have as its own memory. */
export interface MemoryWindow {
  /** The address of its first byte. */
  readonly base: number
  /** The pages that the memory may have. */
  readonly pages: number
}

/** The sizes of a memory in pages of 64 KiB, or of a table in elements. */
export interface SizeLimits {
  readonly minimum: number
  readonly maximum?: number
  readonly shared: boolean
  /** Whether addresses are i64 instead of i32. */
  readonly wide: boolean
}

export interface TableType {
  readonly element: ValueType
  readonly limits: SizeLimits
}

export interface GlobalType {
  readonly value: ValueType
  readonly mutable: boolean
}

export type ImportDescription =
  | { readonly kind: 'func'; readonly typeIndex: number; readonly type: FunctionType }
  | { readonly kind: 'table'; readonly table: TableType }
  | { readonly kind: 'memory'; readonly memory: SizeLimits }
  | { readonly kind: 'global'; readonly global: GlobalType }
  | { readonly kind: 'tag'; readonly typeIndex: number }

export type ModuleImport = { readonly module: string; readonly name: string } & ImportDescription

export interface ModuleExport {
  readonly name: string
  readonly kind: ImportDescription['kind']
  readonly index: number
}

/** A section: `header` begins at its id, `payload` holds the bytes counted by its size. */
export interface Section {
  readonly id: number
  /** The name of a custom section. */
  readonly name?: string
  readonly header: ByteRange
  readonly payload: ByteRange
}

/** The body of a function: `body` begins after its size, at the declarations of locals. */
export interface FunctionBody {
  readonly body: ByteRange
}

export interface ElementSegment {
  readonly mode: 'active' | 'passive' | 'declarative'
  readonly table: number
  readonly type: ValueType
  readonly length: number
  /** The functions that it lists, without elements that are null. */
  readonly functions: readonly number[]
  readonly range: ByteRange
}

export interface DataSegment {
  readonly mode: 'active' | 'passive'
  readonly memory: number
  /** The constant expression with the address of an active segment. */
  readonly offset?: ByteRange
  /** The bytes of the segment's data. */
  readonly range: ByteRange
}

export interface GlobalDefinition extends GlobalType {
  readonly initializer: ByteRange
}

/** The names in a module's `name` section. */
export interface ModuleNames {
  readonly module?: string
  readonly functions: ReadonlyMap<number, string>
  readonly globals: ReadonlyMap<number, string>
}

/**
 * The structure of a module without its instructions. Index spaces hold imports first, as in the format. Parts of the file are
 * ranges of offsets into `bytes`, not copies.
 */
export interface DecodedModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly sections: readonly Section[]
  /** By type index; `undefined` for a struct or an array type. */
  readonly types: readonly (FunctionType | undefined)[]
  readonly imports: readonly ModuleImport[]
  /** The types of functions by function index. */
  readonly functions: readonly FunctionType[]
  readonly tables: readonly TableType[]
  readonly memories: readonly SizeLimits[]
  readonly globals: readonly (GlobalType | GlobalDefinition)[]
  readonly exports: readonly ModuleExport[]
  readonly start?: number
  readonly elements: readonly ElementSegment[]
  readonly data: readonly DataSegment[]
  /** The bodies of the defined functions, in order. */
  readonly bodies: readonly FunctionBody[]
  readonly names: ModuleNames
  /** The functions that the module exports or refers to outside of code, and so all that may be called by a reference. */
  readonly referredFunctions: ReadonlySet<number>
  /** The imported functions that the module exports or refers to, so that they may be called without a `call` instruction. */
  readonly referredImports: ReadonlySet<number>
  /** The globals that constant expressions read. */
  readonly constantGlobals: ReadonlySet<number>
  /** The offset of the first instruction in a constant expression that makes a struct or an array. */
  readonly allocatesAt?: number
}

/** Returns a type as text, such as `(i32, f32) → f32`. */
export function formatFunctionType(type: FunctionType | AbiSignature): string {
  const results = type.results.length === 1 ? type.results[0] : `(${type.results.join(', ')})`
  return `(${type.params.join(', ')}) → ${results}`
}

/** Returns whether two types have the same parameters and results. */
export function sameFunctionType(one: FunctionType | AbiSignature, other: FunctionType | AbiSignature): boolean {
  return sameTypes(one.params, other.params) && sameTypes(one.results, other.results)
}

function sameTypes(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((type, index) => type === other[index])
}

/** Returns whether JavaScript has values of a type. */
export function isNumberType(type: ValueType): boolean {
  return type === 'i32' || type === 'i64' || type === 'f32' || type === 'f64'
}

/** Returns how many globals a module imports. Their indices come first. */
export function importedGlobals({ imports }: Pick<DecodedModule, 'imports'>): number {
  return imports.filter(({ kind }) => kind === 'global').length
}

/** Returns how many functions a module imports. Their indices come first. */
export function importedFunctions({ functions, bodies }: Pick<DecodedModule, 'functions' | 'bodies'>): number {
  return functions.length - bodies.length
}

/** Returns the type of an exported function; `undefined` if the module exports no function of that name. */
export function exportedFunction(module: DecodedModule, name: string): FunctionType | undefined {
  const found = module.exports.find((entry) => entry.name === name && entry.kind === 'func')
  return found === undefined ? undefined : module.functions[found.index]
}

/** The names of custom sections that lead from instructions to sources, and those of functions as a linker writes them. */
const DEBUG_NAME = /^(\.debug_line|sourceMappingURL)$|^_[RZ]|::h\w{16}$/

/** Returns whether a module has debug information, or functions whose names are mangled. */
export function hasDebugInformation({ sections, names }: Pick<DecodedModule, 'sections' | 'names'>): boolean {
  return [...sections.map(({ name = '' }) => name), ...names.functions.values()].some((name) => DEBUG_NAME.test(name))
}
