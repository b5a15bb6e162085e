/** Typed array constructors by name. */
interface TypedArrayTypes {
  readonly Float32Array: typeof Float32Array
  readonly Float64Array: typeof Float64Array
  readonly Int8Array: typeof Int8Array
  readonly Uint8Array: typeof Uint8Array
  readonly Uint8ClampedArray: typeof Uint8ClampedArray
  readonly Int16Array: typeof Int16Array
  readonly Uint16Array: typeof Uint16Array
  readonly Int32Array: typeof Int32Array
  readonly Uint32Array: typeof Uint32Array
  readonly BigInt64Array: typeof BigInt64Array
  readonly BigUint64Array: typeof BigUint64Array
}

export type TypedArrayName = keyof TypedArrayTypes
export type AnyTypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

export const TYPED_ARRAYS: TypedArrayTypes = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
}

export function isTypedArray(value: unknown): value is AnyTypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}

/** Returns the name of an array's type. For a subclass it is the name of the base type. */
export function typeNameOf(array: AnyTypedArray): TypedArrayName {
  return array[Symbol.toStringTag]
}

/** Returns the bytes behind an array or a `DataView` without copying them. */
export function bytesOf<Buffer extends ArrayBufferLike>({ buffer, byteOffset, byteLength }: ArrayBufferView<Buffer>): Uint8Array<Buffer> {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Returns bytes that begin at a word of their buffer as 32-bit words, without copying them. */
export function integersOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength / Uint32Array.BYTES_PER_ELEMENT)
}

/** Returns the same as {@link bytesOf}, or a copy in which each NaN is canonical. Engines and processors differ in the bits of NaN. */
export function canonicalBytes(view: ArrayBufferView): Uint8Array {
  const isWide = view instanceof Float64Array
  if (!(isWide || view instanceof Float32Array) || !view.includes(Number.NaN)) return bytesOf(view)
  const copy = new Uint8Array(bytesOf(view))
  const words = new Uint32Array(copy.buffer)
  for (let index = 0; index < view.length; index++) {
    if (!Number.isNaN(view[index])) continue
    if (isWide) words.set([0, 0x7ff8_0000], 2 * index)
    else words[index] = 0x7fc0_0000
  }
  return copy
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  const [words, otherWords] = [wordsOf(one), wordsOf(other)]
  if (words.length === otherWords.length && !sameIntegers(words, otherWords)) return false
  const compared = words.length === otherWords.length ? words.length * words.BYTES_PER_ELEMENT : 0
  for (let index = compared; index < one.length; index++) if (one[index] !== other[index]) return false
  return true
}

/** Returns the bytes as 32-bit integers, without up to three at the end; the bytes themselves if they are not aligned. */
export function wordsOf(bytes: Uint8Array): Uint8Array | Uint32Array {
  const { buffer, byteOffset, length } = bytes
  return byteOffset % 4 === 0 ? new Uint32Array(buffer, byteOffset, length >> 2) : bytes
}

/** Returns whether two lists hold the same 32-bit integers. Missing elements count as 0. */
export function sameIntegers(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  const { length } = other
  if (one.length !== length) return false
  let place = 0
  // Comparing four elements per iteration is twice as fast.
  for (; place + 4 <= length; place += 4) {
    const first = (one[place] as number) ^ (other[place] as number)
    const second = (one[place + 1] as number) ^ (other[place + 1] as number)
    const third = (one[place + 2] as number) ^ (other[place + 2] as number)
    const fourth = (one[place + 3] as number) ^ (other[place + 3] as number)
    if ((first | second | third | fourth) !== 0) return false
  }
  for (; place < length; place++) if (((one[place] as number) ^ (other[place] as number)) !== 0) return false
  return true
}

const encoder = new TextEncoder()

/** Up to this many characters, a loop is faster than the encoder. */
export const FEW_CHARACTERS = 32
/** Up to this many characters, text is passed without an array of its own. */
export const SHORT_TEXT = 1024
/** The last text of which the length in bytes was found out. */
const scratch = new Uint8Array(3 * SHORT_TEXT)

/** Writes a text of ASCII characters to a place of a view. Returns `false` if it has others; some are written then. */
export function writeAscii(text: string, view: Uint8Array, at: number): boolean {
  if (text.length > FEW_CHARACTERS) return encoder.encodeInto(text, view.subarray(at, at + text.length)).read === text.length
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code >= 128) return false
    view[at + index] = code
  }
  return true
}

/** Returns a text as its bytes in UTF-8, or as it is if it is short and each character is one byte. {@link writeText} writes either. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> | string {
  return text.length <= SHORT_TEXT && isAscii(text) ? text : encoder.encode(text)
}

/** Returns whether each character of a short text is one byte. */
function isAscii(text: string): boolean {
  if (text.length > FEW_CHARACTERS) return encoder.encodeInto(text, scratch).written === text.length
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 128) return false
  return true
}

/** Writes bytes, or the text that {@link encodeText} returned, to a place of a view. */
export function writeText(data: Uint8Array | string, view: Uint8Array, at: number): void {
  if (typeof data === 'string') writeAscii(data, view, at)
  else view.set(data, at)
}

/** Returns a hash of bytes as two 32-bit integers, of four bytes at a time. The hash is not cryptographic. */
export function hashWords(bytes: Uint8Array): readonly [number, number] {
  // A slice of a `Buffer` is no copy.
  const words = wordsOf(bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes))
  let first = 0x811c9dc5
  let second = 0x9dc5811c
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as number
    // A product carries bits only upwards; the shift carries them down.
    first = Math.imul(first ^ word, 0x01000193)
    first ^= first >>> 15
    second = Math.imul(second ^ word, 0x85ebca6b) + 1
    second ^= second >>> 13
  }
  const [firstLeft, secondLeft] = hashBytes(bytes.subarray(4 * words.length))
  return [(first ^ firstLeft) >>> 0, (second ^ secondLeft) >>> 0]
}

/**
 * Returns a hash as two 32-bit integers, the first of which is FNV-1a. The hash is not cryptographic. With other lists than bytes, engines
 * would make a loop of it that takes several times as long.
 */
export function hashBytes(bytes: Uint8Array): readonly [number, number] {
  let first = 0x811c9dc5
  let second = 0x9dc5811c
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number
    first = Math.imul(first ^ byte, 0x01000193)
    second = Math.imul(second ^ byte, 0x85ebca6b) + 1
  }
  return [first >>> 0, second >>> 0]
}
