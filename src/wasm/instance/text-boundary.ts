import { PRICES } from '../../abi/prices.ts'
import { ScriptError } from '../../errors.ts'
import { parseJson, writeJson } from '../../json.ts'
import type { ByteRange } from '../format/module.ts'
import { HostArena } from './host-arena.ts'

const utf8 = new TextDecoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** The exports of an instance that are used to pass text. */
export interface TextExports {
  readonly memory?: WebAssembly.Memory
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
    if (options.arena !== undefined) this.#arena = new HostArena(options.arena, ({ start, end }) => this.#view(start, end - start).fill(0))
  }

  /** The exported memory. Throws `MissingExport`. */
  get memory(): WebAssembly.Memory {
    const { memory } = this.#exports
    if (memory === undefined) throw new ScriptError('MissingExport', "text was passed, but the script exports no 'memory'")
    return memory
  }

  /** Returns a copy of the bytes at a pointer. Throws `InvalidPointer`. */
  readBytes(pointer: number, length: number): Uint8Array<ArrayBuffer> {
    return this.#view(pointer, length).slice()
  }

  /** Writes bytes at a pointer. Throws `InvalidPointer`. */
  writeBytes(pointer: number, bytes: Uint8Array): void {
    this.#view(pointer, bytes.length).set(bytes)
  }

  /** Returns the UTF-8 string at a pointer, cut off after `maxBytes`. Invalid UTF-8 becomes U+FFFD. Throws `InvalidPointer`. */
  readString(pointer: number, length: number, maxBytes: number = Number.POSITIVE_INFINITY): string {
    const bytes = this.#view(pointer, length).slice(0, maxBytes)
    this.#charge(PRICES.textByte * bytes.length)
    return utf8.decode(bytes)
  }

  /** Returns the value of the JSON text at a pointer. Throws `InvalidPointer`, `InvalidJson`. */
  readJson(pointer: number, length: number): unknown {
    const size = length >>> 0
    this.#checkSize(size, 'InvalidJson')
    const bytes = this.readBytes(pointer, length)
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
    return this.readJson(...placeOf(result))
  }

  /** Returns a copy of the bytes that a function returned in one of these ways. Throws `InvalidPointer`, `TooLarge`. */
  readResultBytes(result: unknown): Uint8Array<ArrayBuffer> {
    const [pointer, length] = placeOf(result)
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
    const bytes = encoder.encode(stringify(value))
    this.#checkSize(bytes.length, 'InvalidJson')
    this.#charge(PRICES.jsonByte * bytes.length)
    return this.#pass(bytes, call, read)
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
    bytes: Uint8Array,
    call: (pointer: number, length: number) => Returned,
    read: (returned: Returned) => Result,
  ): Result {
    const pass = (pointer: number): Returned => {
      this.#view(pointer, bytes.length).set(bytes)
      return call(pointer, bytes.length)
    }
    const { alloc, dealloc } = this.#exports
    if (alloc === undefined) return this.#requireArena().with(bytes.length, (pointer) => read(pass(pointer)))
    const pointer = alloc(bytes.length)
    const returned = pass(pointer)
    // After a trap in the call, `dealloc` is not called: the script's memory may be inconsistent.
    try {
      return read(returned)
    } finally {
      dealloc?.(pointer, bytes.length)
    }
  }

  #requireArena(): HostArena {
    if (this.#arena === undefined) throw new ScriptError('MissingExport', "text was passed, but the script exports no 'memory'")
    return this.#arena
  }

  #view(pointer: number, length: number): Uint8Array<ArrayBuffer> {
    const { buffer } = this.memory
    const start = pointer >>> 0
    const size = length >>> 0
    if (start + size > buffer.byteLength) {
      throw new ScriptError('InvalidPointer', `the bytes ${start} to ${start + size} are outside the memory of ${buffer.byteLength} bytes`)
    }
    return new Uint8Array(buffer as ArrayBuffer, start, size)
  }
}

function ignore(): void {}

/** Returns pointer and length from two results or from a packed i64. */
function placeOf(result: unknown): readonly [number, number] {
  if (typeof result === 'bigint') return [Number(BigInt.asUintN(32, result >> 32n)), Number(BigInt.asUintN(32, result))]
  return result as readonly [number, number]
}

function stringify(value: unknown): string {
  try {
    return writeJson(value)
  } catch (cause) {
    const why = cause instanceof RangeError ? `: ${cause.message}` : ''
    throw new ScriptError('InvalidJson', `the value that is passed cannot be written as JSON${why}`, { cause })
  }
}
