import * as v from 'valibot'
import { type FieldType, MAX_PAGES, PAGE_BYTES } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import { HAS_MULTI_MEMORY } from '../../multi-memory.ts'
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

/** The fields of one component and their types. `{}` is a tag. */
export type ComponentSchema = Readonly<Record<string, FieldType>>
/** The schema of {@link defineComponents}: components by name. */
export type ComponentsSchema = Readonly<Record<string, ComponentSchema>>

/** The components made from a schema: each field is a typed array indexed by entity. */
export type DefinedComponents<Schema extends ComponentsSchema> = {
  readonly [Name in keyof Schema]: { readonly [Field in keyof Schema[Name]]: ColumnArrays[Schema[Name][Field]] }
}

/** The options of {@link defineComponents}. */
export interface DefineComponentsOptions {
  /**
   * The number of entities that the columns have space for: scripts can use the fields of entities whose id is less. The
   * memory is allocated at once, `capacity` times the bytes of all fields. At most 67,108,864.
   * @default 65_536
   */
  readonly capacity?: number
  /**
   * Bytes reserved behind the columns for lists of entities, which scripts read in place, and for components that scripts declare. A list that
   * does not fit is kept elsewhere and is slower to read, or its query fails with `OutOfMemory`. On engines that support one memory in a module,
   * the memories of scripts lie there, too.
   * @default 16_777_216; 67_108_864 on engines that support one memory in a module
   */
  readonly reserve?: number
}

/** Where the columns of a component lie in memory. */
export interface ComponentLayout {
  readonly memory: WebAssembly.Memory
  /** Allocates the memory behind the columns. */
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
const MAX_ENTITIES = 2 ** 26
/** Columns begin at multiples of this, so that SIMD vectors in them are aligned. */
const ALIGNMENT = 16
const DEFAULT_CAPACITY = 65_536
const DEFAULT_RESERVE = (HAS_MULTI_MEMORY ? 16 : 64) * 1024 * 1024

const defineOptions = v.strictObject(
  {
    capacity: v.optional(wholeNumber(1, MAX_ENTITIES)),
    reserve: v.optional(wholeNumber(0)),
  },
  'an object of options',
)

const layouts = new WeakMap<object, ComponentLayout>()

/** Returns the layout of a component made with {@link defineComponents}; `undefined` for any other object. */
export function layoutOf(component: object): ComponentLayout | undefined {
  return layouts.get(component)
}

/** Keeps the layout of a component for {@link layoutOf}. */
export function keepLayout(component: object, layout: ComponentLayout): void {
  layouts.set(component, Object.freeze(layout))
}

/** Returns the bytes of a column, up to where the next one begins. */
export function bytesOfColumn(type: FieldType, capacity: number): number {
  return Math.ceil((capacity * ARRAYS[type].BYTES_PER_ELEMENT) / ALIGNMENT) * ALIGNMENT
}

/** Returns the column at an address of a memory. */
export function columnAt(memory: WebAssembly.Memory, type: FieldType, address: number, capacity: number): ColumnArrays[FieldType] {
  return new ARRAYS[type](memory.buffer as ArrayBuffer, address, capacity)
}

/** Throws `InvalidOptions` for a component with a name that imports cannot use, or with a field of no type. */
export function checkComponent(name: string, fields: ComponentSchema): void {
  checkName('component', name)
  if (typeof fields !== 'object' || fields === null) invalidOption(`the component '${name}' must be an object of fields, {} for a tag`)
  for (const [field, type] of Object.entries(fields)) {
    checkName('field', field, `${name}.`)
    if (!Object.hasOwn(ARRAYS, type)) {
      invalidOption(`the type of ${name}.${field} must be one of ${Object.keys(ARRAYS).join(', ')}, not ${JSON.stringify(type)}`)
    }
  }
}

/**
 * Makes bitECS components whose fields are typed arrays in one `WebAssembly.Memory`. Scripts read and write these fields
 * without a call to JavaScript; TypeScript uses them as ordinary bitECS components.
 *
 * The memory is allocated once and never grows, so that the arrays stay valid.
 *
 * @example
 * ```ts
 * const components = defineComponents({
 *   Position: { x: 'f32', y: 'f32' },
 *   Health: { points: 'i32' },
 *   Dead: {}, // a tag
 * }, { capacity: 10_000 })
 *
 * const world = createWorld()
 * const runtime = await WasmScriptRuntime.create({ world, components })
 * const entity = addEntity(world)
 * addComponent(world, entity, components.Position)
 * components.Position.x[entity] = 3
 * ```
 *
 * @throws {ScriptError} InvalidOptions for an unknown field type, a name that imports cannot use, or a capacity that needs
 * more than 4 GiB
 * @throws {ScriptError} OutOfMemory if the memory cannot be allocated
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
    checkComponent(name, fields)
    const bases = new Map<string, { type: FieldType; base: number }>()
    for (const [field, type] of Object.entries(fields)) {
      bases.set(field, { type, base: size })
      size += bytesOfColumn(type, capacity)
    }
    return { name, bases }
  })

  const memory = reserveMemory(Math.ceil((size + reserve) / PAGE_BYTES), capacity)
  const allocator = new Reserve(memory, size)
  const components: Record<string, object> = {}
  for (const { name, bases } of plans) {
    const columns = [...bases].map(([field, { type, base }]) => [field, columnAt(memory, type, base, capacity)])
    const component = Object.freeze(Object.fromEntries(columns)) as object
    keepLayout(component, { memory, reserve: allocator, capacity, fields: bases })
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
    throw new ScriptError(
      'OutOfMemory',
      `the columns need ${pages} pages of memory, which the engine cannot allocate; lower capacity or reserve`,
      { cause },
    )
  }
}

function checkName(what: string, name: string, prefix = ''): void {
  if (!/^[^\s.!]+$/.test(name)) {
    invalidOption(`the ${what} '${prefix}${name}' must have a name without spaces, '.' and '!', which have a meaning in imports`)
  }
  if (what === 'field' && (name === 'component' || name === 'data')) {
    invalidOption(
      `the field '${prefix}${name}' must have another name: bitECS does not take an object with the key '${name}' as a component`,
    )
  }
}
