import type { FieldType, NumberType } from '../../abi/types.ts'
import { type AnyTypedArray, isTypedArray, type TypedArrayName, typeNameOf } from '../../bytes.ts'
import { ScriptError } from '../../errors.ts'
import { isRelation } from './bitecs-internals.ts'
import { type ComponentLayout, layoutOf } from './columns.ts'
import { type NamedRelations, nameRelations, parsePair } from './relations.ts'
import type { Reserve } from './reserve.ts'

type TypedArray = Exclude<AnyTypedArray, BigInt64Array | BigUint64Array>
type NumberArray = number[] | TypedArray

/** A field of a component, as scripts see it. */
export interface Column {
  readonly component: string
  readonly field: string
  readonly type: FieldType
  /** The type as which scripts read and write it. */
  readonly number: Exclude<NumberType, 'i64'>
  /** Returns the current array: the game may replace that of a plain component. */
  array(): NumberArray
  /** Where the column lies in the ECS memory, if `defineComponents` made it. */
  readonly layout?: { readonly memory: WebAssembly.Memory; readonly base: number }
}

export interface NamedComponent {
  readonly name: string
  /** The component itself, as passed to bitECS. */
  readonly component: object
  readonly columns: ReadonlyMap<string, Column>
}

/** The components, the relations and the entities that scripts may use. */
export interface NamedComponents {
  readonly byName: Map<string, NamedComponent>
  readonly relations: NamedRelations
  /** Scripts may use entities below this. */
  readonly capacity: number
  /** Allocates the ECS memory behind the columns; `undefined` if `defineComponents` made no component. */
  readonly reserve: Reserve | undefined
}

/** The capacity if `defineComponents` made no component. */
const PLAIN_CAPACITY = 1_048_576

/**
 * Reads the `components` option of a runtime: components made with `defineComponents`, plain bitECS components, or both; and the
 * `relations` option.
 */
export function nameComponents(
  components: Readonly<Record<string, object>>,
  relations: Readonly<Record<string, unknown>> = {},
): NamedComponents {
  const named = nameRelations(relations)
  const byName = new Map<string, NamedComponent>()
  let capacity: number | undefined
  let reserve: Reserve | undefined
  for (const [name, component] of Object.entries(components)) {
    if (typeof component !== 'object' || component === null) {
      const given = component === null ? 'null' : isRelation(component) ? 'a relation, which belongs in relations' : typeof component
      throw new ScriptError('InvalidOptions', `components.${name} must be a bitECS component, an object, not ${given}`)
    }
    for (const field of ['component', 'data']) {
      if (!Object.hasOwn(component, field)) continue
      throw new ScriptError('InvalidOptions', `components.${name} has a field '${field}', which bitECS does not allow; rename the field`)
    }
    if (named.byName.has(name)) {
      throw new ScriptError('InvalidOptions', `components.${name} and relations.${name} must have different names: a grant names both`)
    }
    if (parsePair(named, name) !== undefined) {
      throw new ScriptError('InvalidOptions', `components.${name} must have another name: files name a pair of a relation so`)
    }
    const layout = layoutOf(component)
    if (layout !== undefined) capacity = Math.min(capacity ?? layout.capacity, layout.capacity)
    reserve ??= layout?.reserve
    byName.set(name, {
      name,
      component,
      columns: layout === undefined ? plainColumns(name, component) : definedColumns(name, component, layout),
    })
  }
  return { byName, relations: named, capacity: capacity ?? PLAIN_CAPACITY, reserve }
}

/** Returns the components themselves by name, also those that scripts declared. */
export function componentsByName({ byName }: NamedComponents): Readonly<Record<string, object>> {
  return Object.fromEntries([...byName].map(([name, { component }]) => [name, component]))
}

/** Returns a component that has a layout, under its name. */
export function nameDefined(name: string, component: object, layout: ComponentLayout): NamedComponent {
  return { name, component, columns: definedColumns(name, component, layout) }
}

function definedColumns(name: string, component: object, layout: ComponentLayout): Map<string, Column> {
  const columns = new Map<string, Column>()
  for (const [field, { type, base }] of layout.fields) {
    const array = (component as Record<string, NumberArray>)[field] as NumberArray
    const place = { memory: layout.memory, base }
    columns.set(field, { component: name, field, type, number: numberOf(type), array: () => array, layout: place })
  }
  return columns
}

/** Returns the fields of a plain component, or of a pair, that are arrays of numbers. */
export function plainColumns(name: string, component: object): Map<string, Column> {
  const columns = new Map<string, Column>()
  for (const [field, value] of Object.entries(component)) {
    const type = plainType(value)
    if (type === undefined) continue
    const array = (): NumberArray => (component as Record<string, NumberArray>)[field] as NumberArray
    columns.set(field, { component: name, field, type, number: numberOf(type), array })
  }
  return columns
}

const FIELD_TYPES: Readonly<Partial<Record<TypedArrayName, FieldType>>> = {
  Float32Array: 'f32',
  Float64Array: 'f64',
  Int8Array: 'i8',
  Uint8Array: 'u8',
  Uint8ClampedArray: 'u8',
  Int16Array: 'i16',
  Uint16Array: 'u16',
  Int32Array: 'i32',
  Uint32Array: 'u32',
}

function plainType(value: unknown): FieldType | undefined {
  if (Array.isArray(value)) return 'f64'
  return isTypedArray(value) ? FIELD_TYPES[typeNameOf(value)] : undefined
}

function numberOf(type: FieldType): Column['number'] {
  return type === 'f32' || type === 'f64' ? type : 'i32'
}
