import { bytesOf, TYPED_ARRAYS, type TypedArrayName } from '../../bytes.ts'
import { ScriptError } from '../../errors.ts'

/**
 * Values that JSON cannot represent: typed arrays, bigint, NaN, the infinities and -0, `undefined` in a list, and objects with
 * a property `$`.
 */
type Tagged =
  | { readonly $: 'array'; readonly type: string; readonly blob: number }
  | { readonly $: 'bigint' | 'number'; readonly value: string }
  | { readonly $: 'undefined' }
  | { readonly $: 'object'; readonly entries: readonly (readonly [string, unknown])[] }

const HEADER_BYTES = 4
/** Typed arrays begin at multiples of this. */
const ALIGNMENT = 8

/**
 * Encodes a value as JSON followed by the bytes of its typed arrays. Throws `TypeError` for functions, symbols and instances
 * of classes.
 */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  const blobs: Uint8Array[] = []
  const tree = toJson(value, blobs)
  const text = new TextEncoder().encode(JSON.stringify({ tree, blobs: blobs.map(({ length }) => length) }))
  let size = aligned(HEADER_BYTES + text.length)
  for (const { length } of blobs) size = aligned(size + length)
  const bytes = new Uint8Array(size)
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  bytes.set(text, HEADER_BYTES)
  let at = aligned(HEADER_BYTES + text.length)
  for (const blob of blobs) {
    bytes.set(blob, at)
    at = aligned(at + blob.length)
  }
  return bytes
}

/** Decodes the result of {@link encode}. Throws `LoadFailed` for other bytes. */
export function decode(given: Uint8Array): unknown {
  // `slice` of Node's Buffer, a subclass, does not copy.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.length)
  try {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(HEADER_BYTES, HEADER_BYTES + length))
    const { tree, blobs } = JSON.parse(text) as { tree: unknown; blobs: number[] }
    let at = aligned(HEADER_BYTES + length)
    const parts = blobs.map((size) => {
      const part = bytes.slice(at, at + size)
      if (part.length !== size) throw new RangeError('it ends before its arrays do')
      at = aligned(at + size)
      return part
    })
    return fromJson(tree, parts)
  } catch (cause) {
    throw new ScriptError('LoadFailed', 'the content of the file is invalid', { cause })
  }
}

function aligned(at: number): number {
  return Math.ceil(at / ALIGNMENT) * ALIGNMENT
}

function toJson(value: unknown, blobs: Uint8Array[]): unknown {
  switch (typeof value) {
    case 'undefined':
      return { $: 'undefined' } satisfies Tagged
    case 'bigint':
      return { $: 'bigint', value: String(value) } satisfies Tagged
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : ({ $: 'number', value: Object.is(value, -0) ? '-0' : String(value) } satisfies Tagged)
    case 'string':
    case 'boolean':
      return value
    case 'object':
      return value === null ? null : objectToJson(value, blobs)
    default:
      throw new TypeError(`a ${typeof value} cannot be encoded`)
  }
}

function objectToJson(value: object, blobs: Uint8Array[]): unknown {
  if (Array.isArray(value)) return Array.from(value, (each) => toJson(each, blobs))
  if (ArrayBuffer.isView(value)) {
    const type = value.constructor.name
    if (!Object.hasOwn(TYPED_ARRAYS, type)) throw new TypeError(`a ${type} cannot be encoded`)
    return { $: 'array', type, blob: blobs.push(bytesOf(value)) - 1 } satisfies Tagged
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('an instance of a class cannot be encoded')
  const entries = Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, toJson(each, blobs)] as const]))
  return Object.hasOwn(value, '$') ? ({ $: 'object', entries } satisfies Tagged) : Object.fromEntries(entries)
}

function fromJson(value: unknown, blobs: readonly Uint8Array<ArrayBuffer>[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each) => fromJson(each, blobs))
  const own = (entries: readonly (readonly [string, unknown])[]): unknown =>
    Object.fromEntries(entries.map(([key, each]) => [key, fromJson(each, blobs)]))
  if (!Object.hasOwn(value, '$')) return own(Object.entries(value))
  const tagged = value as Tagged
  switch (tagged.$) {
    case 'array':
      return arrayOf(tagged.type, blobs[tagged.blob])
    case 'bigint':
      return BigInt(tagged.value)
    case 'number':
      return Number(tagged.value)
    case 'object':
      return own(tagged.entries)
    case 'undefined':
      return undefined
  }
}

function arrayOf(type: string, bytes: Uint8Array<ArrayBuffer> | undefined): ArrayBufferView {
  const Type = Object.hasOwn(TYPED_ARRAYS, type) ? TYPED_ARRAYS[type as TypedArrayName] : undefined
  if (Type === undefined || bytes === undefined) throw new TypeError(`there is no such array`)
  return new Type(bytes.buffer)
}
