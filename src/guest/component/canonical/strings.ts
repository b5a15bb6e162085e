import { encodeText, writeText } from '../../../bytes.ts'
import { ScriptError } from '../../../errors.ts'
import type { Boundary } from './boundary.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const utf16 = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()
/** In the length of a latin1+utf16 string: whether it is UTF-16. */
const UTF16_TAG = 2 ** 31

/** Reads the string at a pointer. `length` counts what the encoding counts. Throws `InvalidPointer`, `TooLarge`. */
export function readString(boundary: Boundary, pointer: number, length: number): string {
  const units = length >>> 0
  if (boundary.encoding === 'utf8') return decode(utf8, read(boundary, pointer, units, 1))
  if (boundary.encoding === 'utf16') return decode(utf16, read(boundary, pointer, 2 * units, 2))
  if (units >= UTF16_TAG) return decode(utf16, read(boundary, pointer, 2 * (units - UTF16_TAG), 2))
  const bytes = read(boundary, pointer, units, 2)
  // Each byte is a character, as no decoder has it.
  return decode(utf16, new Uint8Array(Uint16Array.from(bytes).buffer))
}

/** Writes a string into memory that is reserved for it. Returns its pointer and length. */
export function writeString(boundary: Boundary, text: string): readonly [pointer: number, length: number] {
  const { encoding } = boundary
  if (encoding === 'utf8') {
    const data = encodeText(text)
    return [write(boundary, data, 1), data.length]
  }
  const wellFormed = utf8.decode(encoder.encode(text))
  const codes = Array.from({ length: wellFormed.length }, (_, index) => wellFormed.charCodeAt(index))
  if (encoding === 'latin1+utf16' && codes.every((code) => code < 256)) return [write(boundary, Uint8Array.from(codes), 2), codes.length]
  const bytes = Uint8Array.from(codes.flatMap((code) => [code & 255, code >> 8]))
  return [write(boundary, bytes, 2), encoding === 'utf16' ? codes.length : codes.length + UTF16_TAG]
}

function read(boundary: Boundary, pointer: number, size: number, alignment: number): Uint8Array<ArrayBuffer> {
  boundary.count(size)
  return boundary.bytes(pointer, size, alignment).slice()
}

function write(boundary: Boundary, data: Uint8Array | string, alignment: number): number {
  boundary.count(data.length)
  const pointer = boundary.reserve(data.length, alignment)
  writeText(data, boundary.bytes(pointer, data.length, alignment), 0)
  return pointer
}

function decode(decoder: TextDecoder, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new ScriptError('InvalidPointer', `a string that was passed is not ${decoder.encoding}`, { cause })
  }
}
