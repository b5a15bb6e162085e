import { ScriptError } from '../../errors.ts'

/** A primitive value type of the Component Model, as WIT writes it. */
export type Primitive = 'bool' | 's8' | 'u8' | 's16' | 'u16' | 's32' | 'u32' | 's64' | 'u64' | 'f32' | 'f64' | 'char' | 'string'

/** A value type: a primitive, or the index of a type in the table of the plan. */
export type TypeReference = Primitive | number

/** A value type that is made of others. Those it refers to have smaller indices than its own. */
export type CompositeType =
  | { readonly kind: 'record'; readonly fields: readonly (readonly [name: string, type: TypeReference])[] }
  | { readonly kind: 'variant'; readonly cases: readonly (readonly [name: string, type: TypeReference | null])[] }
  | { readonly kind: 'list'; readonly element: TypeReference }
  | { readonly kind: 'tuple'; readonly items: readonly TypeReference[] }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly some: TypeReference }
  | { readonly kind: 'result'; readonly ok: TypeReference | null; readonly error: TypeReference | null }

/** The type of a function of a component. */
export interface ComponentFunctionType {
  readonly params: readonly (readonly [name: string, type: TypeReference])[]
  readonly result: TypeReference | null
}

/** An export of one of the core instances, by the index of the instance. */
export type CoreExport = readonly [instance: number, name: string]

/** How values cross the boundary of a core instance. https://component-model.bytecodealliance.org/advanced/canonical-abi.html */
export interface CanonicalOptions {
  readonly encoding: 'utf8' | 'utf16' | 'latin1+utf16'
  readonly memory?: CoreExport
  readonly realloc?: CoreExport
  /** Called after the result of an export has been read. */
  readonly postReturn?: CoreExport
}

/** A function that the component imports, with the interface it belongs to: '' for one of the world itself. */
export interface PlannedImport {
  readonly interface: string
  readonly name: string
  readonly type: ComponentFunctionType
}

/** What a core instance imports: a function of the world, or of another core instance. */
export type CoreImport = { readonly from: CoreExport } | { readonly lower: number; readonly options: CanonicalOptions }

/** A core instance. Those it imports from come before it. */
export interface PlannedInstance {
  /** The index of its core module. */
  readonly module: number
  /** By import module, then by name. */
  readonly imports: readonly (readonly [module: string, name: string, import: CoreImport])[]
}

/** A function that the component exports, with the interface it belongs to: '' for one of the world itself. */
export interface PlannedExport {
  readonly interface: string
  readonly name: string
  readonly type: ComponentFunctionType
  readonly core: CoreExport
  readonly options: CanonicalOptions
}

/**
 * How the core modules of a component are linked with each other and with the world, and how values cross their boundary. It is
 * all that is left of a component once it is prepared.
 */
export interface ComponentPlan {
  readonly types: readonly CompositeType[]
  readonly imports: readonly PlannedImport[]
  readonly instances: readonly PlannedInstance[]
  readonly exports: readonly PlannedExport[]
}

/** Returns the name by which an export is called: `interface#name`, or the name alone for one of the world itself. */
export function exportName({ interface: from, name }: Pick<PlannedExport, 'interface' | 'name'>): string {
  return from === '' ? name : `${from}#${name}`
}

/** The most types, imports and exports that a plan has, each. */
export const MAX_PLANNED = 10_000
/** The most bytes that a plan has. */
export const MAX_PLAN_BYTES: number = 2 ** 20
/** The most core instances that a component has: each is rewritten and compiled by itself. */
const MAX_INSTANCES = 200

/** Throws `TooLarge`. */
export function checkInstances(count: number): void {
  if (count > MAX_INSTANCES) throw new ScriptError('TooLarge', `the component has ${count} core instances, the limit is ${MAX_INSTANCES}`)
}

/** Throws `InvalidBinary` for a feature of the Component Model that needs more than a call of a function. */
export function refuseFeature(what: string): never {
  throw new ScriptError('InvalidBinary', `the component ${what}, which components of a game cannot do; use functions and values`)
}
