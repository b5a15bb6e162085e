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

/** A half-open range of byte offsets in the module. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Where the host arena lies: whole pages behind those that a memory is declared to begin with. */
export interface ArenaRange extends ByteRange {
  /** The index of the memory. */
  readonly memory: number
}

/** Sizes of a memory in pages of 64 KiB, or of a table in elements. */
export interface Limits {
  readonly minimum: number
  readonly maximum?: number
  readonly shared: boolean
  /** Addressed by i64 instead of i32. */
  readonly wide: boolean
}

export interface TableType {
  readonly element: ValueType
  readonly limits: Limits
}

export interface GlobalType {
  readonly value: ValueType
  readonly mutable: boolean
}

export type ImportDescription =
  | { readonly kind: 'func'; readonly typeIndex: number; readonly type: FunctionType }
  | { readonly kind: 'table'; readonly table: TableType }
  | { readonly kind: 'memory'; readonly memory: Limits }
  | { readonly kind: 'global'; readonly global: GlobalType }
  | { readonly kind: 'tag'; readonly typeIndex: number }

export type ModuleImport = { readonly module: string; readonly name: string } & ImportDescription

export interface ModuleExport {
  readonly name: string
  readonly kind: ImportDescription['kind']
  readonly index: number
}

/** One section: `header` begins at its id, `payload` is what the section's size counts. */
export interface Section {
  readonly id: number
  /** The name of a custom section. */
  readonly name?: string
  readonly header: ByteRange
  readonly payload: ByteRange
}

/** A defined function's body: `body` begins after its size, at the local declarations. */
export interface FunctionBody {
  readonly body: ByteRange
}

export interface ElementSegment {
  readonly mode: 'active' | 'passive' | 'declarative'
  readonly table: number
  readonly type: ValueType
  readonly length: number
  readonly range: ByteRange
}

export interface DataSegment {
  readonly mode: 'active' | 'passive'
  readonly memory: number
  /** The instructions that say where an active one goes. */
  readonly offset?: ByteRange
  /** The bytes that the segment holds. */
  readonly range: ByteRange
}

export interface GlobalDefinition extends GlobalType {
  readonly initializer: ByteRange
}

/** The names that a module gives itself in its `name` section. */
export interface ModuleNames {
  readonly module?: string
  readonly functions: ReadonlyMap<number, string>
  readonly globals: ReadonlyMap<number, string>
}

/**
 * What a module's bytes say, without its instructions. Index spaces hold imports first, as in the format. Everything
 * that has a place in the file has it as a range of offsets into `bytes`; nothing is copied.
 */
export interface DecodedModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly sections: readonly Section[]
  /** One entry a type index; `undefined` for a struct or an array type. */
  readonly types: readonly (FunctionType | undefined)[]
  readonly imports: readonly ModuleImport[]
  /** One entry a function index: its type. */
  readonly functions: readonly FunctionType[]
  readonly tables: readonly TableType[]
  readonly memories: readonly Limits[]
  readonly globals: readonly (GlobalType | GlobalDefinition)[]
  readonly exports: readonly ModuleExport[]
  readonly start?: number
  readonly elements: readonly ElementSegment[]
  readonly data: readonly DataSegment[]
  /** One entry a defined function, in order. */
  readonly bodies: readonly FunctionBody[]
  readonly names: ModuleNames
  /** Imported functions that the module exports or holds references to: they may be called by another way than their index. */
  readonly referredImports: ReadonlySet<number>
  /** Globals that constant expressions read. */
  readonly constantGlobals: ReadonlySet<number>
  /** Where the first instruction is, outside of functions, that makes a struct or an array. */
  readonly allocatesAt?: number
}

/** The type as people write it: `(i32, f32) → f32`. */
export function formatFunctionType(type: FunctionType | AbiSignature): string {
  const results = type.results.length === 1 ? type.results[0] : `(${type.results.join(', ')})`
  return `(${type.params.join(', ')}) → ${results}`
}

/** Whether both types have the same parameters and results. */
export function sameFunctionType(one: FunctionType | AbiSignature, other: FunctionType | AbiSignature): boolean {
  return one.params.join() === other.params.join() && one.results.join() === other.results.join()
}

/** Whether a type is a number that JavaScript has. */
export function isNumberType(type: ValueType): boolean {
  return type === 'i32' || type === 'i64' || type === 'f32' || type === 'f64'
}

/** How many globals a module imports: their indices come first. */
export function importedGlobals({ imports }: Pick<DecodedModule, 'imports'>): number {
  return imports.filter(({ kind }) => kind === 'global').length
}

/** How many functions a module imports: their indices come first. */
export function importedFunctions({ functions, bodies }: Pick<DecodedModule, 'functions' | 'bodies'>): number {
  return functions.length - bodies.length
}

/** The type of an exported function, or `undefined` if the module exports no function of that name. */
export function exportedFunction(module: DecodedModule, name: string): FunctionType | undefined {
  const found = module.exports.find((entry) => entry.name === name && entry.kind === 'func')
  return found === undefined ? undefined : module.functions[found.index]
}
