import { ArrayCopy } from '../../array-image.ts'
import {
  type AnyTypedArray,
  bytesOf,
  canonicalBytes,
  isTypedArray,
  TYPED_ARRAYS,
  type TypedArrayName,
  typeNameOf,
  wordsOf,
} from '../../bytes.ts'
import { isPair } from '../components/bitecs-internals.ts'
import { type NamedComponent, type NamedComponents, plainColumns } from '../components/components.ts'
import { pairOf, parsePair } from '../components/relations.ts'
import type { FieldImage, FieldImages } from './field-image.ts'
import { refuseFile, refuseOther } from './refuse-file.ts'
import type { PortableField, PortableFields } from './world-schema.ts'

/**
 * Bytes of arrays that a file may ask for without filling them: trailing zeros and gaps of lists, beyond arrays that the game has
 * anyway.
 */
const MAX_EMPTY_BYTES = 256 * 1024 * 1024
const ELEMENT_BYTES = 8

export function exportFields(images: readonly FieldImages[]): PortableFields {
  return images.map(({ name, fields }) => [name, [...fields].map(([field, image]) => [field, exportField(image)])])
}

function exportField(field: FieldImage): PortableField {
  if (field.kind === 'typed') {
    const values = field.values.read()
    return { kind: 'typed', type: typeNameOf(values), length: values.byteLength, bytes: filledBytes(values) }
  }
  if (field.kind === 'sparse') return { kind: 'list', length: field.length, entries: elementsOf(field.length, field.values) }
  if (field.kind !== 'list') return field
  const { length } = field.values
  const elements = Object.entries(field.values).map(([key, value]) => [Number(key), value] as const)
  return { kind: 'list', length, entries: elementsOf(length, elements) }
}

/** Other properties than elements are no part of a list. */
function elementsOf(length: number, values: Iterable<readonly [number, unknown]>): (readonly [string, unknown])[] {
  const entries: (readonly [string, unknown])[] = []
  for (const [index, value] of values) if (index < length) entries.push([String(index), value])
  return entries
}

/**
 * Resolves the fields of a file against the components of this game, so that they can be restored without a failure. A column of
 * another capacity is cut to this one's. Throws `StateRejected` for fields that the components cannot hold.
 */
export function importFields(given: PortableFields, { byName, relations }: NamedComponents, maxId: number): readonly FieldImages[] {
  const room = { left: MAX_EMPTY_BYTES }
  const images = new Map<string, FieldImages>()
  for (const [name, fields] of given) {
    const pair = byName.has(name) ? undefined : parsePair(relations, name)
    const component = pair === undefined ? byName.get(name) : namedPair(name, pairOf(pair))
    if (component === undefined || images.has(name)) return refuseFile(`it has fields of the component '${name}'`)
    images.set(name, { name, fields: new Map(fields.map(([field, value]) => [field, importField(component, field, value, maxId, room)])) })
  }
  return [...images.values()]
}

function namedPair(name: string, component: object): NamedComponent {
  return { name, component, columns: plainColumns(name, component) }
}

function importField(
  { name, component, columns }: NamedComponent,
  field: string,
  given: PortableField,
  maxId: number,
  room: Room,
): FieldImage {
  const path = `${name}.${field}`
  const place = Object.getOwnPropertyDescriptor(component, field)
  const here: unknown = place === undefined ? undefined : (component as Record<string, unknown>)[field]
  if (place === undefined && !Object.isExtensible(component)) refuseOther(`${path} is not here`)
  if (given.kind === 'value' && columns.has(field)) refuseOther(`${path} is one value there and an array here`)
  if (given.kind === 'typed') return importArray(path, given, here, place?.writable === false, room)
  if (isTypedArray(here) && given.kind === 'list') refuseOther(`${path} is a list there and ${typeNameOf(here)} here`)
  if (given.kind === 'kept') return given
  if (given.kind === 'value') return { kind: 'value', value: given.value }
  if (isPair(component)) {
    const values = new Map(given.entries.map(([index, value]) => [Number(index), value]))
    const end = Number(given.entries.at(-1)?.[0] ?? -1) + 1
    return { kind: 'sparse', length: Math.max(end, Math.min(given.length, maxId + 1)), values }
  }
  spend(room, ELEMENT_BYTES * (given.length - Math.max(2 * given.entries.length, Array.isArray(here) ? here.length : 0)))
  const values: unknown[] = []
  values.length = given.length
  for (const [index, value] of given.entries) values[Number(index)] = value
  return { kind: 'list', values }
}

function importArray(
  path: string,
  { type, length, bytes }: Extract<PortableField, { kind: 'typed' }>,
  here: unknown,
  isFixed: boolean,
  room: Room,
): FieldImage {
  const isSame = isTypedArray(here) && typeNameOf(here) === type
  if (!isSame && (isFixed || isTypedArray(here) || Array.isArray(here)))
    refuseOther(`${path} is ${type} there and ${isTypedArray(here) ? typeNameOf(here) : 'a list'} here`)
  const own = isSame ? here.byteLength : 0
  // No entity has what lies past the capacity: the schema was checked.
  if (isSame && isFixed && length > own) return { kind: 'typed', values: arrayOf(type, own, bytes.subarray(0, own)) }
  if (isFixed && length > own) refuseOther(`${path} has a length of ${length} bytes there and ${own} here`)
  spend(room, length - Math.max(own, bytes.length))
  return { kind: 'typed', values: arrayOf(type, length, bytes) }
}

/** Empty bytes that a file may still ask for. */
interface Room {
  left: number
}

function spend(room: Room, bytes: number): void {
  if (bytes <= 0) return
  room.left -= bytes
  if (room.left < 0) refuseFile('its arrays are longer than what they hold')
}

function arrayOf(type: TypedArrayName, length: number, bytes: Uint8Array): ArrayCopy<AnyTypedArray> {
  const whole = new Uint8Array(length)
  whole.set(bytes)
  return new ArrayCopy(new TYPED_ARRAYS[type](whole.buffer))
}

/** Returns the bytes of an array without trailing zeros, with canonical NaN. Most of a column is zeros: the part past the last entity. */
function filledBytes(values: AnyTypedArray): Uint8Array {
  const all = bytesOf(values)
  const words = wordsOf(all)
  let end = all.length
  if (words instanceof Uint32Array && end % 4 === 0) {
    let count = words.length
    while (count > 0 && words[count - 1] === 0) count--
    end = 4 * count
  }
  while (end > 0 && all[end - 1] === 0) end--
  const filled = values.subarray(0, Math.ceil(end / values.BYTES_PER_ELEMENT))
  return canonicalBytes(filled).subarray(0, end)
}
