import { PRICES } from '../../../abi/prices.ts'
import { ScriptError } from '../../../errors.ts'
import type { InstanceMemory } from '../../../wasm/instance/instance-memory.ts'
import type { CanonicalOptions } from '../plan.ts'
import type { Layouts } from './layout.ts'

/** The memory of a core instance, as values cross its boundary. */
export interface BoundaryParts {
  readonly layouts: Layouts
  readonly encoding: CanonicalOptions['encoding']
  readonly memory: () => InstanceMemory | undefined
  /** Reserves bytes in the memory: `cabi_realloc`. */
  readonly realloc: (() => ((...numbers: number[]) => number) | undefined) | undefined
  /** Bytes that the strings and lists of one call may take in each direction. */
  readonly limit: number
  readonly charge: (units: number) => void
}

/** Passes the values of one call across the boundary of a core instance. Every pointer is checked. */
export class Boundary {
  readonly layouts: Layouts
  readonly encoding: CanonicalOptions['encoding']
  readonly #parts: BoundaryParts
  #bytes = 0

  constructor(parts: BoundaryParts) {
    this.layouts = parts.layouts
    this.encoding = parts.encoding
    this.#parts = parts
  }

  /** Begins to pass values in the other direction, which may take as many bytes again. */
  turn(): void {
    this.#bytes = 0
  }

  /** Charges one value. */
  charge(): void {
    this.#parts.charge(PRICES.argument)
  }

  /** Counts and charges bytes of strings and lists. The values themselves take no more than their types: see `MAX_TYPE_BYTES`. Throws `TooLarge`. */
  count(bytes: number, units: number = PRICES.textByte * bytes): void {
    this.#bytes += bytes
    if (this.#bytes > this.#parts.limit)
      throw new ScriptError('TooLarge', `the values of a call have more than ${this.#parts.limit} bytes (limits.jsonBytes)`)
    this.#parts.charge(units)
  }

  /** Returns a view of `size` bytes at a pointer. Throws `InvalidPointer`. */
  view(pointer: number, size: number, alignment: number): DataView {
    const start = pointer >>> 0
    const { buffer, byteOffset, byteLength } = this.#memory().bytes()
    if (start % alignment !== 0) throw new ScriptError('InvalidPointer', `the pointer ${start} is not a multiple of ${alignment}`)
    if (start + size > byteLength)
      throw new ScriptError('InvalidPointer', `the bytes ${start} to ${start + size} are outside the memory of ${byteLength} bytes`)
    return new DataView(buffer, byteOffset + start, size)
  }

  /** Returns the bytes at a pointer, which change with the memory. Throws `InvalidPointer`. */
  bytes(pointer: number, size: number, alignment: number): Uint8Array {
    const view = this.view(pointer, size, alignment)
    return new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, size)
  }

  /** Reserves bytes and returns their address. Throws `InvalidPointer`, `MissingExport`, what ends the call. */
  reserve(size: number, alignment: number): number {
    const realloc = this.#parts.realloc?.()
    if (realloc === undefined) throw new ScriptError('MissingExport', 'a value was passed to a component that exports no cabi_realloc')
    const pointer = realloc(0, 0, alignment, size)
    this.view(pointer, size, alignment)
    return pointer
  }

  #memory(): InstanceMemory {
    const memory = this.#parts.memory()
    if (memory === undefined) throw new ScriptError('MissingExport', 'a value was passed to a component that has no memory')
    return memory
  }
}
