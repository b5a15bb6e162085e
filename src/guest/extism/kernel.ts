import type { Limits } from '../../abi/limits.ts'
import { PRICES } from '../../abi/prices.ts'
import { PAGE_BYTES } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import type { Blocks } from '../../host/modules/import-module.ts'
import type { Budget } from '../budget.ts'
import { type CoreModule, instantiateCoreModule, rewriteLimits } from '../core-module.ts'
import { outOfFuel, TOO_NESTED } from '../instance-meter.ts'
import { type CacheCounts, moduleCache } from '../module-cache.ts'
import { KERNEL } from './kernel-binary.ts'

const utf8 = new TextDecoder()
const encoder = new TextEncoder()
const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array()
/** Bytes before each block. */
const HEADER_BYTES = 16

/** The exports of `kernel.wat`. Addresses and lengths are i64. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory
  readonly alloc: (length: bigint) => bigint
  readonly free: (at: bigint) => void
  readonly length: (at: bigint) => bigint
  /** The end of the last block. */
  readonly top: WebAssembly.Global<'i32'>
  readonly input: WebAssembly.Global<'i64'>
  readonly input_size: WebAssembly.Global<'i64'>
  readonly output: WebAssembly.Global<'i64'>
  readonly output_size: WebAssembly.Global<'i64'>
  readonly error: WebAssembly.Global<'i64'>
  readonly [name: string]: unknown
}

/** What a function of a plugin answered. */
export interface Answer<Output> {
  /** Its result, or the code with which it exited. */
  readonly code: number
  /** The message that it set as its error. */
  readonly message: string | undefined
  /** What was read of its output; `undefined` if it set none. */
  readonly output: Output | undefined
}

/** Rewrites and compiles the kernel under the limits of a plugin: its memory may have as many pages as the plugin's. */
export async function compileKernel(limits: Limits, counts: CacheCounts): Promise<CoreModule> {
  const bytes = Uint8Array.from(atob(KERNEL), (letter) => letter.charCodeAt(0))
  const module = await moduleCache.decode(bytes, counts)
  return moduleCache.compile(module, { ...rewriteLimits(limits), imports: [], isLinked: true }, counts)
}

/**
 * The memory that a plugin shares with its host. Its code spends the fuel of the plugin: call it only while the plugin is
 * invoked.
 */
export class Kernel implements Blocks {
  readonly exports: KernelExports
  readonly #budget: Budget
  readonly #charge: (units: number) => void
  readonly #first: number
  /** The bytes that its memory may have. */
  readonly #maximum: number
  /** The bytes of its memory: none once it has grown. */
  #view: Uint8Array<ArrayBuffer> = NO_BYTES

  constructor(core: CoreModule, budget: Budget, charge: (units: number) => void) {
    this.#maximum = core.options.memoryPages * PAGE_BYTES
    this.exports = instantiateCoreModule(core, {}, { budget }) as unknown as KernelExports
    this.#first = this.exports.top.value
    this.#budget = budget
    this.#charge = charge
  }

  /** The pages of its memory. */
  get pages(): number {
    return this.exports.memory.buffer.byteLength / PAGE_BYTES
  }

  /** Throws `OutOfMemory` for an input that it can never hold, which is the mistake of the caller. */
  checkInput(length: number): void {
    if (this.#first + HEADER_BYTES + length > this.#maximum) throw noRoom(length)
  }

  /** Frees the blocks of earlier calls, at no cost of fuel. Call it where the host enters the plugin, and not where calls nest. */
  begin(): void {
    this.exports.top.value = this.#first
  }

  /**
   * Passes the input to a call of the plugin, and returns its answer. `read` is given the bytes of the output, which it must not keep.
   * A call in which this one is nested keeps its own input and output.
   */
  answer<Output>(input: Uint8Array | string, call: () => number, read: (output: Uint8Array) => Output): Answer<Output> {
    const { input: at, input_size, output, output_size, error } = this.exports
    const outer = [at.value, input_size.value, output.value, output_size.value, error.value] as const
    try {
      const { block, length } = this.#store(input)
      at.value = block
      input_size.value = BigInt(length)
      output.value = 0n
      output_size.value = 0n
      error.value = 0n
      const code = call()
      const failed = error.value
      const [start, size] = [output.value, output_size.value]
      return {
        code,
        message: failed === 0n ? undefined : utf8.decode(this.#range(failed, this.exports.length(failed))),
        output: start === 0n && size === 0n ? undefined : read(this.#range(start, size)),
      }
    } finally {
      at.value = outer[0]
      input_size.value = outer[1]
      output.value = outer[2]
      output_size.value = outer[3]
      error.value = outer[4]
    }
  }

  /** Returns a copy of a block. Throws `InvalidPointer` if no block begins at the address. */
  read(at: bigint): Uint8Array<ArrayBuffer> {
    if (at === 0n) return NO_BYTES
    const length = this.#enter(() => this.exports.length(at))
    if (length === 0n) throw new ScriptError('InvalidPointer', `no block of the plugin begins at ${BigInt.asUintN(64, at)}`)
    return this.#range(at, length).slice()
  }

  /** Returns the text of a block and frees it: the functions of `extism:host/env` own the blocks that they are passed. */
  takeText(at: bigint): string {
    return utf8.decode(this.take(at))
  }

  /** Returns the bytes of a block and frees it. */
  take(at: bigint): Uint8Array<ArrayBuffer> {
    const bytes = this.read(at)
    this.#enter(() => this.exports.free(at))
    return bytes
  }

  /** Allocates a block with the bytes. Returns its address; 0 for no bytes. Throws `OutOfMemory`. */
  store(bytes: Uint8Array | string): bigint {
    return this.#store(bytes).block
  }

  #store(bytes: Uint8Array | string): { readonly block: bigint; readonly length: number } {
    const data = typeof bytes === 'string' ? encodeText(bytes) : bytes
    const { length } = data
    if (length === 0) return { block: 0n, length }
    const block = this.#enter(() => this.exports.alloc(BigInt(length)))
    if (block === 0n) throw noRoom(length)
    this.#charge(PRICES.textByte * length)
    const view = this.#bytes()
    const at = Number(block)
    if (typeof data !== 'string') view.set(data, at)
    else for (let index = 0; index < length; index++) view[at + index] = data.charCodeAt(index)
    return { block, length }
  }

  /** Runs code of the kernel for the host. It traps when the plugin has no fuel or no stack left, which is not the fault of the host. */
  #enter<Result>(run: () => Result): Result {
    try {
      return run()
    } catch (cause) {
      if (!(cause instanceof WebAssembly.RuntimeError)) throw cause
      const { fuel, fault } = this.#budget
      fault.value = 0
      throw fuel.value < 0 ? outOfFuel(cause) : new ScriptError('StackOverflow', TOO_NESTED, { cause })
    }
  }

  /** Charges for bytes and returns them. They are valid until the plugin runs again. */
  #range(at: bigint, length: bigint): Uint8Array<ArrayBuffer> {
    this.#charge(PRICES.textByte * Number(length))
    return this.#bytes().subarray(Number(at), Number(at) + Number(length))
  }

  #bytes(): Uint8Array<ArrayBuffer> {
    if (this.#view.length === 0) this.#view = new Uint8Array(this.exports.memory.buffer as ArrayBuffer)
    return this.#view
  }
}

/** Up to this many characters, a loop is faster than an encoder. */
const SHORT = 256

/** Returns a text as its bytes in UTF-8, or as it is if it is short and each character is one byte. */
export function encodeText(text: string): Uint8Array | string {
  if (text.length > SHORT) return encoder.encode(text)
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 128) return encoder.encode(text)
  return text
}

function noRoom(length: number): ScriptError {
  return new ScriptError('OutOfMemory', `the plugin's memory has no room for ${length} bytes (limits.memoryPages)`)
}
