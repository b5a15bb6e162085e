import type { World } from 'bitecs'
import { ArrayCopy, type ArrayImage, type ArrayKeeper, arrayFrom, COPIES } from '../../array-image.ts'
import { type AnyTypedArray, bytesOf, isTypedArray, typeNameOf } from '../../bytes.ts'
import { contextOf, relationDataOf } from '../components/bitecs-internals.ts'
import type { NamedComponents } from '../components/components.ts'
import { nameOfPair, type PairParts, pairOf, parsePair } from '../components/relations.ts'

/** The values of one field. `kept` is a field that cannot be copied: a restore does not change it. */
export type FieldImage =
  | { readonly kind: 'typed'; readonly values: ArrayImage }
  | { readonly kind: 'list'; readonly values: readonly unknown[] }
  /** A list with few elements: a pair has values for the entities that have the pair. */
  | { readonly kind: 'sparse'; readonly length: number; readonly values: ReadonlyMap<number, unknown> }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'kept' }

/** The values of all fields of a component or of a pair. */
export interface FieldImages {
  readonly name: string
  readonly fields: ReadonlyMap<string, FieldImage>
}

/**
 * Returns images of the fields of all components, and of the pairs of named relations. They are whole columns, since scripts may
 * write beyond existing entities.
 */
export function captureFields(world: World, components: NamedComponents, keeper: ArrayKeeper): readonly FieldImages[] {
  const named = [...components.byName.values()].map(({ name, component }) => imagesOf(name, component, keeper, captureField))
  return [...named, ...[...pairsWithData(world, components)].map(([name, pair]) => imagesOf(name, pair, keeper, capturePairField))]
}

function imagesOf(name: string, component: object, keeper: ArrayKeeper, capture: typeof captureField): FieldImages {
  const fields = Object.entries(component).map(([field, value]) => [field, capture(`field ${name}.${field}`, value, keeper)] as const)
  return { name, fields: new Map(fields) }
}

/** Returns the pairs of named relations that have fields, by name. Other worlds may use the same relations with other pairs. */
function pairsWithData(world: World, { relations }: NamedComponents): ReadonlyMap<string, object> {
  const { componentMap, entityIndex } = contextOf(world)
  const found = new Map<string, object>()
  for (const relation of relations.byName.values()) {
    for (const [target, pair] of relationDataOf(relation).pairsMap) {
      // bitECS makes a pair before it looks whether the target exists.
      const isUsed = componentMap.has(pair) && (typeof target !== 'number' || target <= entityIndex.maxId)
      const name = isUsed && Object.keys(pair).length > 0 ? nameOfPair(relations, { relation, target }) : undefined
      if (name !== undefined) found.set(name, pair)
    }
  }
  return found
}

function captureField(path: string, value: unknown, keeper: ArrayKeeper): FieldImage {
  if (isTypedArray(value)) return { kind: 'typed', values: keeper.keep(path, value) }
  const values = Array.isArray(value) ? value : [value]
  if (values.every(isPrimitive)) return Array.isArray(value) ? { kind: 'list', values: value.slice() } : { kind: 'value', value }
  const copy = values.every(isPlain) ? tryClone(value) : undefined
  if (copy === undefined) return { kind: 'kept' }
  return Array.isArray(value) ? { kind: 'list', values: copy as unknown[] } : { kind: 'value', value: copy }
}

function capturePairField(path: string, value: unknown, keeper: ArrayKeeper): FieldImage {
  if (!Array.isArray(value)) return captureField(path, value, keeper)
  const held = Object.values(value)
  const copy: unknown = held.every(isPrimitive) ? value : held.every(isPlain) ? tryClone(value) : undefined
  if (copy === undefined) return { kind: 'kept' }
  const values = new Map(Object.entries(copy as unknown[]).map(([index, each]) => [Number(index), each]))
  return { kind: 'sparse', length: value.length, values }
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol')
}

/** Returns whether `structuredClone` copies a value faithfully. It loses the class of an instance. */
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

/** Returns the fields that a restore does not change, as `Component.field`. */
export function keptFields(images: readonly FieldImages[]): readonly string[] {
  return images.flatMap(({ name, fields }) => [...fields].flatMap(([field, { kind }]) => (kind === 'kept' ? [`${name}.${field}`] : [])))
}

/**
 * Returns images of all fields of a game, with zeros for the fields that are in no image: those of a component, or of a field,
 * that the saved game did not have yet.
 */
export function withNewFields({ byName }: NamedComponents, images: readonly FieldImages[]): readonly FieldImages[] {
  const known = new Map(images.map(({ name, fields }) => [name, fields]))
  const all = [...byName.values()].map(({ name, columns }) => {
    const fields = new Map(known.get(name))
    for (const [field, column] of columns) if (!fields.has(field)) fields.set(field, emptyField(column.array()))
    return { name, fields }
  })
  return [...all, ...images.filter(({ name }) => !byName.has(name))]
}

function emptyField(array: AnyTypedArray | readonly number[]): FieldImage {
  return isTypedArray(array) ? { kind: 'typed', values: new ArrayCopy(array.slice(0, 0)) } : { kind: 'list', values: [] }
}

/** Restores the values in place: arrays and objects are reused if they have the right type. */
export function restoreFields(world: World, components: NamedComponents, images: readonly FieldImages[]): void {
  const { byName, relations } = components
  const placed: Placed = { made: new Map(), taken: new Set() }
  const newer = new Map(pairsWithData(world, components))
  const known = new Set(images.map(({ name }) => name))
  // What a script declared since begins anew.
  for (const { name, columns } of byName.values()) if (!known.has(name)) for (const column of columns.values()) column.array().fill(0)
  for (const { name, fields } of images) {
    newer.delete(name)
    const pair = byName.has(name) ? undefined : parsePair(relations, name)
    const component = byName.get(name)?.component ?? (pair && pairOf(pair))
    if (component !== undefined) restoreComponent(component, fields, placed)
  }
  for (const [name, pair] of newer) {
    const { relation, target } = parsePair(relations, name) as PairParts
    const fresh = relationDataOf(relation).initStore?.(target as number)
    if (fresh !== undefined) restoreComponent(pair, imagesOf(name, fresh, COPIES, captureField).fields, placed)
  }
}

function restoreComponent(component: object, fields: ReadonlyMap<string, FieldImage>, placed: Placed): void {
  const target = component as Record<string, unknown>
  const isWhole = Array.isArray(component) && ![...fields.values()].some(({ kind }) => kind === 'kept')
  const removed: Record<string, unknown> = isWhole ? { ...component.splice(0) } : {}
  for (const [field, image] of fields) {
    if (image.kind === 'kept') continue
    const value = restoreField(image, ownValue(target, field) ?? ownValue(removed, field), placed)
    if (value !== ownValue(target, field)) putProperty(target, field, value)
  }
}

function restoreField(image: Exclude<FieldImage, { readonly kind: 'kept' }>, current: unknown, placed: Placed): unknown {
  if (image.kind === 'typed') return restoreArray(image.values, current)
  if (image.kind === 'value') return putValue(image.value, current, placed)
  const list: unknown[] = Array.isArray(current) ? current : []
  if (image.kind === 'sparse') {
    for (const index of Object.keys(list)) if (!image.values.has(Number(index))) Reflect.deleteProperty(list, index)
    for (const [index, value] of image.values) list[index] = putValue(value, list[index], placed)
    list.length = image.length
    return list
  }
  const { values } = image
  list.length = values.length
  for (let index = 0; index < values.length; index++) {
    if (index in values) list[index] = putValue(values[index], list[index], placed)
    else delete list[index]
  }
  return list
}

/** Writes the values to the current array if it has the type and is long enough, else to a new one. Returns the array. */
function restoreArray(values: ArrayImage, current: unknown): AnyTypedArray {
  if (!isTypedArray(current) || typeNameOf(current) !== values.type || current.length < values.length) return arrayFrom(values)
  values.writeTo(current)
  bytesOf(current).fill(0, values.length * current.BYTES_PER_ELEMENT)
  return current
}

/** Keeps object identity over a restore: one object for each object of the image, and none used twice. */
interface Placed {
  /** The restored object by the object of the image. */
  readonly made: Map<object, object>
  /** The objects that already hold a restored value. */
  readonly taken: Set<object>
}

/** Returns a restored value: the current object, changed, if it has the right type, else a new one. */
function putValue(image: unknown, current: unknown, placed: Placed): unknown {
  if (typeof image !== 'object' || image === null) return image
  const made = placed.made.get(image)
  if (made !== undefined) return made
  const target = canHold(current, image) && !placed.taken.has(current) ? current : emptyLike(image)
  placed.made.set(image, target)
  placed.taken.add(target)
  if (isTypedArray(image)) bytesOf(target as AnyTypedArray).set(bytesOf(image))
  else if (image instanceof Map) putEntries(image, target as Map<unknown, unknown>, placed)
  else if (image instanceof Set) {
    const set = target as Set<unknown>
    set.clear()
    for (const value of image) set.add(putValue(value, undefined, placed))
  } else if (IN_PLACE.has(kindOf(image))) putProperties(image as Properties, target as Properties, placed)
  return target
}

function putEntries(image: ReadonlyMap<unknown, unknown>, target: Map<unknown, unknown>, placed: Placed): void {
  const before = new Map(target)
  target.clear()
  for (const [key, value] of image) target.set(putValue(key, undefined, placed), putValue(value, before.get(key), placed))
}

type Properties = Record<string, unknown>

function putProperties(image: Properties, target: Properties, placed: Placed): void {
  if (Array.isArray(image)) target.length = image.length
  for (const key of Object.keys(target)) if (!Object.hasOwn(image, key)) Reflect.deleteProperty(target, key)
  for (const key of Object.keys(image)) putProperty(target, key, putValue(image[key], ownValue(target, key), placed))
}

/** Returns a property of the object itself: `__proto__` and the like of what it inherits from are no values of a game. */
function ownValue(target: Properties, key: string): unknown {
  return Object.hasOwn(target, key) ? target[key] : undefined
}

/** Writes a property of the object itself. Properties that cannot be written, such as getters, are left as they are. */
function putProperty(target: object, key: string, value: unknown): void {
  if (Object.hasOwn(target, key)) Reflect.set(target, key, value)
  else Reflect.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}

const IN_PLACE: ReadonlySet<string> = new Set(['Array', 'Object', 'Map', 'Set'])

function canHold(current: unknown, image: object): current is object {
  if (typeof current !== 'object' || current === null || kindOf(current) !== kindOf(image)) return false
  if (isTypedArray(current)) return current.length === (image as AnyTypedArray).length
  return IN_PLACE.has(kindOf(image)) && Object.isExtensible(current)
}

function emptyLike(image: object): object {
  if (image instanceof Map) return new Map()
  if (image instanceof Set) return new Set()
  if (Array.isArray(image)) return []
  return kindOf(image) === 'Object' ? {} : (structuredClone(image) as object)
}

/** Returns the name of a built-in type, such as `Array`, `Map` or `Float32Array`; `Object` for all other objects. */
function kindOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}
