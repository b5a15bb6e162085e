import { PRICES } from '../../abi/prices.ts'
import { encodeText, SHORT_TEXT, writeText } from '../../bytes.ts'
import { ScriptError } from '../../errors.ts'
import { parseJson, writeJson } from '../../json.ts'
import type { ByteRange } from '../format/module.ts'
import { HostArena } from './host-arena.ts'
import type { InstanceMemory } from './instance-memory.ts'

const utf8 = new TextDecoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The exports of an instance that are used to pass text. */
export interface TextExports {
  readonly memory?: InstanceMemory | undefined
  readonly alloc?: (length: number) => number
  readonly dealloc?: (pointer: number, length: number) => void
}

export interface TextOptions {
  /** Bytes that one JSON text may have. */
  readonly jsonBytes: number
  /** The host arena in the memory, if there is one. */
  readonly arena?: ByteRange | undefined
  /** Charges the script for text that passes, in units of fuel. @default nothing is charged */
  readonly charge?: (units: number) => void
}

/**
 * Passes strings and JSON between the host and one instance. Every pointer is checked against the current size of the memory.
 * The host frees what it passes in after the call. What a script returns belongs to the script.
 */
export class TextBoundary {
  readonly #exports: TextExports
  readonly #jsonBytes: number
  readonly #charge: (units: number) => void
  readonly #arena: HostArena | undefined

  constructor(exports: TextExports, options: TextOptions) {
    this.#exports = exports
    this.#jsonBytes = options.jsonBytes
    this.#charge = options.charge ?? ignore
    if (options.arena !== undefined) this.#arena = new HostArena(options.arena, () => this.bytes)
  }

  /** The bytes of the exported memory, valid until the script runs again. Throws `MissingExport`. */
  get bytes(): Uint8Array<ArrayBuffer> {
    const { memory } = this.#exports
    if (memory === undefined) throw new ScriptError('MissingExport', "text was passed, but the script exports no 'memory'")
    return memory.bytes()
  }

  /** Returns a copy of the bytes at a pointer. Throws `InvalidPointer`. */
  readBytes(pointer: number, length: number): Uint8Array<ArrayBuffer> {
    return this.#view(pointer, length).slice()
  }

  /** Writes bytes at a pointer. Throws `InvalidPointer`. */
  writeBytes(pointer: number, bytes: Uint8Array): void {
    this.#write(bytes, pointer)
  }

  /** Returns the UTF-8 string at a pointer, cut off after `maxBytes`. Invalid UTF-8 becomes U+FFFD. Throws `InvalidPointer`. */
  readString(pointer: number, length: number, maxBytes: number = Number.POSITIVE_INFINITY): string {
    const bytes = this.#view(pointer, length).subarray(0, maxBytes)
    this.#charge(PRICES.textByte * bytes.length)
    return utf8.decode(bytes)
  }

  /** Returns the value of the JSON text at a pointer. Throws `InvalidPointer`, `InvalidJson`. */
  readJson(pointer: number, length: number): unknown {
    const size = length >>> 0
    this.#checkSize(size, 'InvalidJson')
    const bytes = this.#view(pointer, length)
    this.#charge(PRICES.jsonByte * bytes.length)
    try {
      return parseJson(strictUtf8.decode(bytes))
    } catch (cause) {
      if (cause instanceof RangeError)
        throw new ScriptError('InvalidJson', `the text at ${pointer >>> 0} cannot be read: ${cause.message}`, { cause })
      const start = JSON.stringify(utf8.decode(bytes.subarray(0, 40)))
      throw new ScriptError('InvalidJson', `the text at ${pointer >>> 0} is not JSON: it begins ${start}`, { cause })
    }
  }

  /** Returns the value of the JSON that a function returned, as pointer and length or packed in an i64. */
  readResult(result: unknown): unknown {
    if (typeof result === 'bigint') return this.readJson(pointerOf(result), lengthOf(result))
    const [pointer, length] = result as readonly [number, number]
    return this.readJson(pointer, length)
  }

  /** Returns a copy of the bytes that a function returned in one of these ways. Throws `InvalidPointer`, `TooLarge`. */
  readResultBytes(result: unknown): Uint8Array<ArrayBuffer> {
    const [pointer, length] = typeof result === 'bigint' ? [pointerOf(result), lengthOf(result)] : (result as readonly [number, number])
    this.#checkSize(length >>> 0, 'TooLarge')
    return this.readBytes(pointer, length)
  }

  /**
   * Passes `value` as JSON: calls `call` with its pointer and length, and `read` with the result. The text stays in the memory
   * until both return. Throws `InvalidJson`, `InvalidPointer`, `OutOfMemory`, `MissingExport`.
   */
  passJson<Returned, Result>(
    value: unknown,
    call: (pointer: number, length: number) => Returned,
    read: (returned: Returned) => Result,
  ): Result {
    const text = stringify(value)
    const { length } = text
    if (this.#exports.alloc === undefined && length <= SHORT_TEXT && length <= this.#jsonBytes) {
      const arena = this.#requireArena()
      const pointer = arena.reserve(length)
      try {
        if (arena.writeShort(text, pointer)) {
          this.#charge(PRICES.jsonByte * length)
          return read(call(pointer, length))
        }
      } finally {
        arena.release(pointer)
      }
    }
    const data = encodeText(text)
    this.#checkSize(data.length, 'InvalidJson')
    this.#charge(PRICES.jsonByte * data.length)
    return this.#pass(data, call, read)
  }

  /** Passes bytes in the same way as {@link passJson}. Throws `TooLarge`, `InvalidPointer`, `OutOfMemory`, `MissingExport`. */
  passBytes<Returned, Result>(
    bytes: Uint8Array,
    call: (pointer: number, length: number) => Returned,
    read: (returned: Returned) => Result,
  ): Result {
    this.#checkSize(bytes.length, 'TooLarge')
    this.#charge(PRICES.textByte * bytes.length)
    return this.#pass(bytes, call, read)
  }

  #checkSize(size: number, code: 'InvalidJson' | 'TooLarge'): void {
    const what = code === 'InvalidJson' ? 'the JSON text has' : 'the data has'
    if (size > this.#jsonBytes) throw new ScriptError(code, `${what} ${size} bytes, the limit is ${this.#jsonBytes} (limits.jsonBytes)`)
  }

  #pass<Returned, Result>(
    data: Uint8Array | string,
    call: (pointer: number, length: number) => Returned,
    read: (returned: Returned) => Result,
  ): Result {
    const { alloc, dealloc } = this.#exports
    const { length } = data
    if (alloc === undefined) {
      const arena = this.#requireArena()
      const pointer = arena.reserve(length)
      try {
        this.#write(data, pointer)
        return read(call(pointer, length))
      } finally {
        arena.release(pointer)
      }
    }
    const pointer = alloc(length)
    this.#write(data, pointer)
    const returned = call(pointer, length)
    // After a trap in the call, `dealloc` is not called: the script's memory may be inconsistent.
    try {
      return read(returned)
    } finally {
      dealloc?.(pointer, length)
    }
  }

  #requireArena(): HostArena {
    if (this.#arena === undefined) throw new ScriptError('MissingExport', "text was passed, but the script exports no 'memory'")
    return this.#arena
  }

  #write(data: Uint8Array | string, pointer: number): void {
    writeText(data, this.#checked(pointer, data.length), pointer >>> 0)
  }

  #view(pointer: number, length: number): Uint8Array<ArrayBuffer> {
    const start = pointer >>> 0
    return this.#checked(pointer, length).subarray(start, start + (length >>> 0))
  }

  /** Returns the whole memory. Throws `InvalidPointer` if the bytes at a pointer are not inside of it. */
  #checked(pointer: number, length: number): Uint8Array<ArrayBuffer> {
    const { bytes } = this
    const start = pointer >>> 0
    const end = start + (length >>> 0)
    if (end > bytes.length)
      throw new ScriptError('InvalidPointer', `the bytes ${start} to ${end} are outside the memory of ${bytes.length} bytes`)
    return bytes
  }
}

function ignore(): void {}

/** Returns the pointer of a pointer and a length that are packed in an i64. */
function pointerOf(packed: bigint): number {
  return Number(BigInt.asUintN(32, packed >> 32n))
}

function lengthOf(packed: bigint): number {
  return Number(BigInt.asUintN(32, packed))
}

function stringify(value: unknown): string {
  try {
    return writeJson(value)
  } catch (cause) {
    const why = cause instanceof RangeError ? `: ${cause.message}` : ''
    throw new ScriptError('InvalidJson', `the value that is passed cannot be written as JSON${why}`, { cause })
  }
}
