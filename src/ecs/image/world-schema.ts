import * as v from 'valibot'
import { TYPED_ARRAYS, type TypedArrayName } from '../../bytes.ts'
import { anything, MAX_COUNT, nonEmptyString, string, wholeNumber } from '../../options.ts'

/** The schema of bytes. */
export const bytes: v.GenericSchema<Uint8Array> = v.custom<Uint8Array>((value) => value instanceof Uint8Array, 'bytes')

/** The schema of 32-bit words, as bytes. */
export const words: v.GenericSchema<Uint8Array> = v.custom<Uint8Array>(
  (value) => value instanceof Uint8Array && value.length % Uint32Array.BYTES_PER_ELEMENT === 0,
  'whole words of 32 bits',
)

/** The values of one field in a file. */
export type PortableField =
  | {
      readonly kind: 'typed'
      readonly type: TypedArrayName
      /** Bytes of the whole array. */
      readonly length: number
      /** The bytes up to the last that is not 0. */
      readonly bytes: Uint8Array
    }
  /** `entries` are the elements that exist, by index, in order. */
  | { readonly kind: 'list'; readonly length: number; readonly entries: ListEntries }
  | { readonly kind: 'value'; readonly value?: unknown }
  | { readonly kind: 'kept' }

type ListEntries = readonly (readonly [index: string, value: unknown])[]

/** The fields of components in a file. */
export type PortableFields = readonly (readonly [component: string, fields: readonly (readonly [field: string, PortableField])[]])[]

/** What a file holds of the world. Lists of entities are 32-bit words, as bytes. */
export interface WorldContent {
  readonly alive: number
  readonly maxId: number
  readonly ids: Uint8Array
  readonly births: readonly [count: number, numbers: Float64Array]
  /** The entities that have a component, by its name, with one bit for each entity. */
  readonly owners: readonly (readonly [component: string, bits: Uint8Array])[]
  /** The components that `order` refers to, pairs among them. */
  readonly names: readonly string[]
  /** See `PortableWorld`. */
  readonly order: Uint8Array
  readonly related: Uint8Array
  /** The members of a query, by its terms (see `queryTerms`), and those that are about to leave it. */
  readonly queries: readonly (readonly [terms: readonly string[], members: Uint8Array, leaving: Uint8Array])[]
  readonly fields: PortableFields
  /** The versions of entities. */
  readonly deaths: Uint8Array
}

/** More than the arrays of any engine. */
const MAX_ARRAY_BYTES = 2 ** 33

const typedField = v.pipe(
  v.strictObject({
    kind: v.literal('typed'),
    type: v.picklist(Object.keys(TYPED_ARRAYS) as TypedArrayName[]),
    length: wholeNumber(0, MAX_ARRAY_BYTES),
    bytes,
  }),
  v.check(
    ({ type, length, bytes: used }) => used.length <= length && length % TYPED_ARRAYS[type].BYTES_PER_ELEMENT === 0,
    'whole elements of the array',
  ),
)

const listField = v.pipe(
  v.strictObject({
    kind: v.literal('list'),
    length: wholeNumber(0, 2 ** 32 - 1),
    entries: v.custom<ListEntries>(isInOrder, 'elements in the order of their indices'),
  }),
  v.check(({ length, entries }) => Number(entries.at(-1)?.[0] ?? -1) < length, 'elements below the length'),
)

const field: v.GenericSchema<PortableField> = v.variant('kind', [
  typedField,
  listField,
  v.strictObject({ kind: v.literal('value'), value: anything }),
  v.strictObject({ kind: v.literal('kept') }),
])

/** The entries of {@link WorldContent}. `check-world.ts` and `portable-fields.ts` check what they refer to. */
export const worldEntries: { readonly [Name in keyof WorldContent]: v.GenericSchema<WorldContent[Name]> } = {
  alive: wholeNumber(0),
  maxId: wholeNumber(0),
  ids: words,
  births: v.strictTuple([wholeNumber(0, MAX_COUNT), v.custom<Float64Array>((value) => value instanceof Float64Array, 'numbers')]),
  owners: v.array(v.strictTuple([nonEmptyString, bytes])),
  names: v.array(nonEmptyString),
  order: words,
  related: words,
  queries: v.array(v.strictTuple([v.array(nonEmptyString), words, words])),
  fields: v.array(v.strictTuple([nonEmptyString, v.array(v.strictTuple([string('a name'), field]))])),
  deaths: words,
}

function isInOrder(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  let last = -1
  for (const entry of value) {
    if (!Array.isArray(entry) || entry.length !== 2) return false
    const index = Number(entry[0])
    if (!Number.isInteger(index) || index <= last || entry[0] !== String(index)) return false
    last = index
  }
  return true
}
