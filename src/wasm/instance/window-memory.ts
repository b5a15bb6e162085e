import { PAGE_BYTES } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import type { MemoryWindow } from '../format/module.ts'
import { RESERVED } from '../format/reserved.ts'
import type { InstanceMemory } from './instance-memory.ts'

/**
 * The windows of all instances of a module are one range of the host's memory, in which one instance at a time is. The others keep their bytes
 * elsewhere, and cannot run.
 */
export class WindowRange {
  readonly host: WebAssembly.Memory
  readonly window: MemoryWindow
  /** The memory that is in the range. */
  holder: WindowMemory | undefined
  /** Bytes of a memory that came back into the range. The next that leaves it takes them: the first write to a page of new bytes is slow. */
  spare: Uint8Array<ArrayBuffer> | undefined
  #isClosed = false

  constructor(host: WebAssembly.Memory, window: MemoryWindow) {
    this.host = host
    this.window = window
  }

  /** Returns the memory of the instance that `make` makes, which begins with zeros. The one that was in the range is in it afterwards, too. */
  begin(make: () => WebAssembly.Exports): { readonly exports: WebAssembly.Exports; readonly memory: WindowMemory } {
    const before = this.holder
    before?.leave()
    this.bytes(this.window.pages * PAGE_BYTES).fill(0)
    try {
      const exports = make()
      const memory = new WindowMemory(exports, this)
      this.holder = memory
      const writeData = exports[RESERVED.windowData]
      if (typeof writeData === 'function') writeData()
      return { exports, memory }
    } finally {
      before?.enter()
    }
  }

  /** Takes out the memory that is in the range, for good: something else may lie there next. */
  close(): void {
    this.holder?.leave()
    this.spare = undefined
    this.#isClosed = true
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Returns the first bytes of the range. */
  bytes(size: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.host.buffer as ArrayBuffer, this.window.base, size)
  }
}

/** A memory that is a window of the host's memory. */
export class WindowMemory implements InstanceMemory {
  readonly #range: WindowRange
  readonly #size: WebAssembly.Global<'i64'>
  readonly #room: WebAssembly.Global<'i32'>
  /** The bytes in the range, or those that were taken out of it. */
  #bytes: Uint8Array<ArrayBuffer>

  /** The memory of an instance that was just made. */
  constructor(exports: WebAssembly.Exports, range: WindowRange) {
    this.#range = range
    this.#size = exports[RESERVED.windowSize] as WebAssembly.Global<'i64'>
    this.#room = exports[RESERVED.windowRoom] as WebAssembly.Global<'i32'>
    this.#bytes = range.bytes(Number(this.#size.value))
  }

  get size(): number {
    return this.#isInside ? Number(this.#size.value) : this.#bytes.length
  }

  get #isInside(): boolean {
    return this.#range.holder === this
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const { size } = this
    if (this.#bytes.length !== size) this.#bytes = this.#range.bytes(size)
    return this.#bytes
  }

  grow(pages: number): void {
    const size = this.size + pages * PAGE_BYTES
    if (size > this.#range.window.pages * PAGE_BYTES) throw new RangeError('the memory cannot become so large')
    if (this.#isInside) this.#size.value = BigInt(size)
    else {
      const bytes = new Uint8Array(size)
      bytes.set(this.#bytes)
      this.#bytes = bytes
    }
  }

  /** Puts the instance into the range, before it runs or goes on. What it has of the range is its own bytes, and zeros behind them. */
  enter(): void {
    const range = this.#range
    if (this.#isInside) return
    if (range.isClosed) throw new ScriptError('Disposed', 'the memory of the instance was given back')
    range.holder?.leave()
    const bytes = this.#bytes
    const { pages } = range.window
    const whole = range.bytes(pages * PAGE_BYTES)
    whole.set(bytes)
    whole.fill(0, bytes.length)
    range.holder = this
    range.spare = bytes
    this.#bytes = range.bytes(bytes.length)
    this.#size.value = BigInt(bytes.length)
    this.#room.value = pages
  }

  /** Takes the instance out of the range, in which it can then access nothing. */
  leave(): void {
    if (!this.#isInside) return
    const range = this.#range
    const bytes = this.bytes()
    const kept = range.spare?.length === bytes.length ? range.spare : new Uint8Array(bytes.length)
    kept.set(bytes)
    this.#bytes = kept
    range.spare = undefined
    range.holder = undefined
    this.#size.value = 0n
    this.#room.value = 0
  }
}
