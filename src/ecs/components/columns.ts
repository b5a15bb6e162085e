import * as v from 'valibot'
import { type FieldType, MAX_PAGES, PAGE_BYTES } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import { checkOptions, invalidOption, wholeNumber } from '../../options.ts'
import { Reserve } from './reserve.ts'

interface ColumnArrays {
  f32: Float32Array<ArrayBuffer>
  f64: Float64Array<ArrayBuffer>
  i8: Int8Array<ArrayBuffer>
  u8: Uint8Array<ArrayBuffer>
  i16: Int16Array<ArrayBuffer>
  u16: Uint16Array<ArrayBuffer>
  i32: Int32Array<ArrayBuffer>
  u32: Uint32Array<ArrayBuffer>
  eid: Uint32Array<ArrayBuffer>
}

export type ComponentSchema = Readonly<Record<string, FieldType>>
export type ComponentsSchema = Readonly<Record<string, ComponentSchema>>

/** The components of a schema: one typed array a field, indexed by entity. */
export type DefinedComponents<Schema extends ComponentsSchema> = {
  readonly [Name in keyof Schema]: { readonly [Field in keyof Schema[Name]]: ColumnArrays[Schema[Name][Field]] }
}

export interface DefineComponentsOptions {
  /**
   * Entity ids are below this. A larger one costs memory: the bytes of all fields, times the capacity.
   * @default 65_536
   */
  readonly capacity?: number
  /**
   * Bytes kept free behind the columns for entity lists and for components that scripts declare.
   * @default 16_777_216
   */
  readonly reserve?: number
}

/** Where the columns of a component lie. */
export interface ComponentLayout {
  readonly memory: WebAssembly.Memory
  /** The memory behind the columns. */
  readonly reserve: Reserve
  readonly capacity: number
  readonly fields: ReadonlyMap<string, { readonly type: FieldType; readonly base: number }>
}

const ARRAYS = {
  f32: Float32Array,
  f64: Float64Array,
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  eid: Uint32Array,
} as const
const MOST_ENTITIES = 2 ** 26
/** Columns begin at multiples of this, so that a whole SIMD vector of one is aligned. */
const ALIGNMENT = 16
const DEFAULT_CAPACITY = 65_536
const DEFAULT_RESERVE = 16 * 1024 * 1024

const defineOptions = v.strictObject(
  {
    capacity: v.optional(wholeNumber(1, MOST_ENTITIES)),
    reserve: v.optional(wholeNumber(0)),
  },
  'an object of options',
)

const layouts = new WeakMap<object, ComponentLayout>()

/** The layout of a component that {@link defineComponents} made; `undefined` for any other object. */
export function layoutOf(component: object): ComponentLayout | undefined {
  return layouts.get(component)
}

/**
 * Makes bitECS components whose fields are columns of one `WebAssembly.Memory`, for scripts and TypeScript alike.
 *
 * The schema names components, each with its fields and their types; one without fields is a tag. The memory is
 * reserved once and never grows, so that every column stays the array it is. Throws `InvalidOptions`.
 */
export function defineComponents<const Schema extends ComponentsSchema>(
  schema: Schema,
  options: DefineComponentsOptions = {},
): DefinedComponents<Schema> {
  checkOptions(defineOptions, options, 'defineComponents')
  const { capacity = DEFAULT_CAPACITY, reserve = DEFAULT_RESERVE } = options
  if (typeof schema !== 'object' || schema === null) invalidOption('the schema must be an object of components')

  let size = 0
  const plans = Object.entries(schema).map(([name, fields]) => {
    checkName('component', name)
    if (typeof fields !== 'object' || fields === null) invalidOption(`the component '${name}' must be an object of fields, {} for a tag`)
    const bases = new Map<string, { type: FieldType; base: number }>()
    for (const [field, type] of Object.entries(fields)) {
      checkName('field', field, `${name}.`)
      if (!Object.hasOwn(ARRAYS, type)) {
        invalidOption(`the type of ${name}.${field} must be one of ${Object.keys(ARRAYS).join(', ')}, not ${JSON.stringify(type)}`)
      }
      bases.set(field, { type, base: size })
      size += Math.ceil((capacity * ARRAYS[type].BYTES_PER_ELEMENT) / ALIGNMENT) * ALIGNMENT
    }
    return { name, bases }
  })

  const memory = reserveMemory(Math.ceil((size + reserve) / PAGE_BYTES), capacity)
  const behind = new Reserve(memory, size)
  const components: Record<string, object> = {}
  for (const { name, bases } of plans) {
    const columns = [...bases].map(([field, { type, base }]) => [field, new ARRAYS[type](memory.buffer as ArrayBuffer, base, capacity)])
    const component = Object.freeze(Object.fromEntries(columns)) as object
    layouts.set(component, Object.freeze({ memory, reserve: behind, capacity, fields: bases }))
    components[name] = component
  }
  return Object.freeze(components) as DefinedComponents<Schema>
}

function reserveMemory(pages: number, capacity: number): WebAssembly.Memory {
  if (pages > MAX_PAGES)
    invalidOption(`${capacity} entities of this schema need ${pages} pages of memory, more than ${MAX_PAGES}; lower capacity or reserve`)
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages })
  } catch (cause) {
    throw new ScriptError('OutOfMemory', `the columns need ${pages} pages of memory, which are not to be had; lower capacity or reserve`, {
      cause,
    })
  }
}

function checkName(what: string, name: string, prefix = ''): void {
  if (!/^[^\s.!]+$/.test(name)) {
    invalidOption(`the ${what} '${prefix}${name}' must have a name without spaces, '.' and '!', which have a meaning in imports`)
  }
  if (what === 'field' && (name === 'component' || name === 'data')) {
    invalidOption(`the field '${prefix}${name}' must have another name: bitECS takes an object with '${name}' for something else`)
  }
}
