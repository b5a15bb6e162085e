import type { ComponentSet, NamedComponent, TypedArray } from './components.ts'

/** The values of one field. */
export type FieldImage =
  | { readonly kind: 'typed'; readonly values: TypedArray }
  | { readonly kind: 'list'; readonly values: readonly unknown[] }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'kept' }

/** The values of all fields of a component; `own` where the component itself is a list. */
export interface FieldImages {
  readonly name: string
  readonly fields: ReadonlyMap<string, FieldImage>
}

/** Copies the fields of all components, whole: scripts may write where no entity is. What is no number is cloned. */
export function captureFields({ byName }: ComponentSet): readonly FieldImages[] {
  return [...byName.values()].map((named) => ({
    name: named.name,
    fields: new Map(Object.entries(named.component).map(([field, value]) => [field, captureField(value)])),
  }))
}

function captureField(value: unknown): FieldImage {
  if (isTyped(value)) return { kind: 'typed', values: value.slice() }
  const values = Array.isArray(value) ? value : [value]
  if (values.every(isPrimitive)) return Array.isArray(value) ? { kind: 'list', values: value.slice() } : { kind: 'value', value }
  const copy = values.every(isPlain) ? tryClone(value) : undefined
  if (copy === undefined) return { kind: 'kept' }
  return Array.isArray(value) ? { kind: 'list', values: copy as unknown[] } : { kind: 'value', value: copy }
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol')
}

/** Whether a copy of a value is as good as the value: of an instance of a class it is not. */
function isPlain(value: unknown): boolean {
  if (isPrimitive(value)) return true
  if (typeof value !== 'object') return false
  return (
    Array.isArray(value) ||
    ArrayBuffer.isView(value) ||
    value instanceof Map ||
    value instanceof Set ||
    Object.getPrototypeOf(value) === Object.prototype
  )
}

function tryClone(value: unknown): unknown {
  try {
    return structuredClone(value)
  } catch {
    return undefined
  }
}

/** The fields that an image leaves as they are, as `Component.field`. */
export function keptFields(images: readonly FieldImages[]): readonly string[] {
  return images.flatMap(({ name, fields }) => [...fields].flatMap(([field, { kind }]) => (kind === 'kept' ? [`${name}.${field}`] : [])))
}

/** Puts the values back, in place. */
export function restoreFields({ byName }: ComponentSet, images: readonly FieldImages[]): void {
  for (const { name, fields } of images) {
    const named = byName.get(name)
    if (named !== undefined) restoreComponent(named, fields)
  }
}

function restoreComponent({ component }: NamedComponent, fields: ReadonlyMap<string, FieldImage>): void {
  const target = component as Record<string, unknown>
  if (Array.isArray(component) && ![...fields.values()].some(({ kind }) => kind === 'kept')) component.length = 0
  for (const [field, image] of fields) {
    if (image.kind === 'kept') continue
    const current = target[field]
    if (image.kind === 'typed' && isTyped(current) && current.length >= image.values.length) {
      current.set(image.values)
      current.fill(0, image.values.length)
    } else if (image.kind === 'typed') target[field] = image.values.slice(0, image.values.length)
    else if (image.kind === 'list' && Array.isArray(current)) {
      current.length = 0
      for (const [index, value] of Object.entries(image.values)) current[Number(index)] = structuredClone(value)
      current.length = image.values.length
    } else target[field] = structuredClone(image.kind === 'list' ? image.values : image.value)
  }
}

function isTyped(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array)
}

const ARRAYS = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
} as const

/** The name of an array's type, and an array of a type by its name. */
export function typeOfArray(array: TypedArray): string {
  return array.constructor.name
}

export function typedArray(type: string, buffer: ArrayBuffer): TypedArray {
  return new (ARRAYS[type as keyof typeof ARRAYS] ?? Float64Array)(buffer)
}
