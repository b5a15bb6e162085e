import { canonicalBytes, TYPED_ARRAYS, type TypedArrayName } from '../../bytes.ts'
import { ScriptError } from '../../errors.ts'
import { MAX_JSON_DEPTH } from '../../json.ts'

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
/**
 * Levels of lists and objects in a value: more than JSON that crosses the boundary may have, since a state is part of a whole
 * game.
 */
const MAX_DEPTH = MAX_JSON_DEPTH + 16
/** The time to read an integer grows with the square of the number of its digits. */
const MAX_DIGITS = 1024
/** Typed arrays begin at multiples of this. */
const ALIGNMENT = 8

/**
 * Encodes a value as JSON followed by the bytes of its typed arrays. Throws `TypeError` for functions, symbols and instances
 * of classes, and for what {@link decode} refuses: values that nest too deeply, and integers of very many digits. `room` bytes at the
 * start are left free, a multiple of 8.
 */
export function encode(value: unknown, room = 0): Uint8Array<ArrayBuffer> {
  const blobs: Uint8Array[] = []
  const tree = toJson(value, blobs, 0)
  const text = new TextEncoder().encode(JSON.stringify({ tree, blobs: blobs.map(({ length }) => length) }))
  const start = aligned(room + HEADER_BYTES + text.length)
  let size = start
  for (const { length } of blobs) size = aligned(size + length)
  const bytes = new Uint8Array(size)
  new DataView(bytes.buffer).setUint32(room, text.length, true)
  bytes.set(text, room + HEADER_BYTES)
  let at = start
  for (const blob of blobs) {
    bytes.set(blob, at)
    at = aligned(at + blob.length)
  }
  return bytes
}

/** Decodes the result of {@link encode}, in time in proportion to its length. Throws `LoadFailed` for other bytes. */
export function decode(given: Uint8Array): unknown {
  // `slice` of Node's Buffer, a subclass, does not copy.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.length)
  try {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(HEADER_BYTES, HEADER_BYTES + length))
    const { tree, blobs } = JSON.parse(text) as { tree: unknown; blobs: unknown[] }
    let at = aligned(HEADER_BYTES + length)
    const parts = new Map(
      blobs.map((size, index) => {
        if (!Number.isSafeInteger(size) || (size as number) < 0 || at + (size as number) > bytes.length)
          throw new RangeError('it ends before its arrays do')
        const part = bytes.slice(at, at + (size as number))
        at = aligned(at + part.length)
        return [index, part] as const
      }),
    )
    const value = fromJson(tree, parts, 0)
    if (parts.size > 0 || at !== bytes.length) throw new RangeError('it holds arrays that nothing names')
    return value
  } catch (cause) {
    throw new ScriptError('LoadFailed', 'the content of the file is invalid', { cause })
  }
}

function aligned(at: number): number {
  return Math.ceil(at / ALIGNMENT) * ALIGNMENT
}

function toJson(value: unknown, blobs: Uint8Array[], depth: number): unknown {
  if (depth > MAX_DEPTH) throw new TypeError('a value that nests too deeply cannot be encoded')
  switch (typeof value) {
    case 'undefined':
      return { $: 'undefined' } satisfies Tagged
    case 'bigint':
      return bigintToJson(value)
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : ({ $: 'number', value: Object.is(value, -0) ? '-0' : String(value) } satisfies Tagged)
    case 'string':
    case 'boolean':
      return value
    case 'object':
      return value === null ? null : objectToJson(value, blobs, depth + 1)
    default:
      throw new TypeError(`a ${typeof value} cannot be encoded`)
  }
}

function bigintToJson(integer: bigint): unknown {
  const value = String(integer)
  if (value.length > MAX_DIGITS) throw new TypeError(`an integer of ${value.length} digits cannot be encoded`)
  return { $: 'bigint', value } satisfies Tagged
}

function objectToJson(value: object, blobs: Uint8Array[], depth: number): unknown {
  if (Array.isArray(value)) return Array.from(value, (each) => toJson(each, blobs, depth))
  if (ArrayBuffer.isView(value)) {
    const type = value.constructor.name
    if (!Object.hasOwn(TYPED_ARRAYS, type)) throw new TypeError(`a ${type} cannot be encoded`)
    return { $: 'array', type, blob: blobs.push(canonicalBytes(value)) - 1 } satisfies Tagged
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('an instance of a class cannot be encoded')
  const entries = Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, toJson(each, blobs, depth)] as const]))
  return Object.hasOwn(value, '$') ? ({ $: 'object', entries } satisfies Tagged) : Object.fromEntries(entries)
}

/** The bytes of arrays by index. Each is taken out when a value names it: no two arrays share one. */
type Blobs = Map<number, Uint8Array<ArrayBuffer>>

function fromJson(value: unknown, blobs: Blobs, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new RangeError('it nests too deeply')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each) => fromJson(each, blobs, depth + 1))
  const own = (entries: readonly (readonly [string, unknown])[]): unknown =>
    Object.fromEntries(entries.map(([key, each]) => [key, fromJson(each, blobs, depth + 1)]))
  if (!Object.hasOwn(value, '$')) return own(Object.entries(value))
  const tagged = value as Tagged
  switch (tagged.$) {
    case 'array':
      return arrayOf(tagged.type, tagged.blob, blobs)
    case 'bigint':
      if (!/^-?\d+$/.test(tagged.value) || tagged.value.length > MAX_DIGITS) throw new SyntaxError('an integer is invalid')
      return BigInt(tagged.value)
    case 'number':
      if (!SPECIAL_NUMBERS.includes(tagged.value)) throw new SyntaxError('a number is invalid')
      return Number(tagged.value)
    case 'object':
      return own(tagged.entries)
    case 'undefined':
      return undefined
    default:
      throw new SyntaxError('it holds a value of an unknown kind')
  }
}

const SPECIAL_NUMBERS: readonly string[] = ['NaN', 'Infinity', '-Infinity', '-0']

function arrayOf(type: string, index: number, blobs: Blobs): ArrayBufferView {
  const Type = Object.hasOwn(TYPED_ARRAYS, type) ? TYPED_ARRAYS[type as TypedArrayName] : undefined
  const bytes = blobs.get(index)
  if (Type === undefined || bytes === undefined) throw new TypeError(`there is no such array`)
  blobs.delete(index)
  return new Type(bytes.buffer)
}
