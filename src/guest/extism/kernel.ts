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
const NO_BYTES = new Uint8Array()
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
export interface Answer {
  /** Its result, or the code with which it exited. */
  readonly code: number
  /** The message that it set as its error. */
  readonly message: string | undefined
  /** A copy of its output; `undefined` if it set none. */
  readonly output: Uint8Array<ArrayBuffer> | undefined
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

  /** Passes the input to a call of the plugin, and returns its answer. A call in which this one is nested keeps its own. */
  answer(input: Uint8Array, call: () => number): Answer {
    const { input: at, input_size, output, output_size, error } = this.exports
    const passed = [at, input_size, output, output_size, error]
    const outer = passed.map((global) => global.value)
    try {
      const block = this.store(input)
      for (const global of passed) global.value = 0n
      at.value = block
      input_size.value = BigInt(input.length)
      const code = call()
      const isSet = output.value !== 0n || output_size.value !== 0n
      return {
        code,
        message: error.value === 0n ? undefined : utf8.decode(this.#copy(error.value, this.exports.length(error.value))),
        output: isSet ? this.#copy(output.value, output_size.value) : undefined,
      }
    } finally {
      for (const [index, global] of passed.entries()) global.value = outer[index] as bigint
    }
  }

  /** Returns a copy of a block. Throws `InvalidPointer` if no block begins at the address. */
  read(at: bigint): Uint8Array<ArrayBuffer> {
    if (at === 0n) return NO_BYTES
    const length = this.#enter(() => this.exports.length(at))
    if (length === 0n) throw new ScriptError('InvalidPointer', `no block of the plugin begins at ${BigInt.asUintN(64, at)}`)
    return this.#copy(at, length)
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
    const data = typeof bytes === 'string' ? encoder.encode(bytes) : bytes
    if (data.length === 0) return 0n
    const at = this.#enter(() => this.exports.alloc(BigInt(data.length)))
    if (at === 0n) throw noRoom(data.length)
    this.#charge(PRICES.textByte * data.length)
    new Uint8Array(this.exports.memory.buffer, Number(at), data.length).set(data)
    return at
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

  #copy(at: bigint, length: bigint): Uint8Array<ArrayBuffer> {
    this.#charge(PRICES.textByte * Number(length))
    return new Uint8Array(this.exports.memory.buffer as ArrayBuffer, Number(at), Number(length)).slice()
  }
}

function noRoom(length: number): ScriptError {
  return new ScriptError('OutOfMemory', `the plugin's memory has no room for ${length} bytes (limits.memoryPages)`)
}
