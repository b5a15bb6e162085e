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
/** The places of what a call passes, as `kernel.wat` has them, in units of 8 bytes. */
const CELL = { input: 1, inputLength: 2, output: 3, outputLength: 4, error: 5 } as const
const NO_CELLS: BigUint64Array<ArrayBuffer> = new BigUint64Array()

/** The exports of `kernel.wat`. Addresses and lengths are i64. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory
  readonly alloc: (length: bigint) => bigint
  readonly free: (at: bigint) => void
  readonly length: (at: bigint) => bigint
  /** The end of the last block. */
  readonly top: WebAssembly.Global<'i32'>
  readonly [name: string]: unknown
}

/** The addresses and lengths that a call passes, in and out. */
interface Passed {
  readonly input: bigint
  readonly inputLength: bigint
  readonly output: bigint
  readonly outputLength: bigint
  readonly error: bigint
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
  /** The first 48 bytes of its memory: none once it has grown. */
  #cells: BigUint64Array<ArrayBuffer> = NO_CELLS

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
    const outer = this.#passed()
    try {
      const { block, length } = this.#store(input)
      this.#pass({ input: block, inputLength: BigInt(length), output: 0n, outputLength: 0n, error: 0n })
      const code = call()
      const answer = this.#passed()
      return {
        code,
        message: answer.error === 0n ? undefined : utf8.decode(this.#range(answer.error, this.exports.length(answer.error))),
        output: answer.output === 0n && answer.outputLength === 0n ? undefined : read(this.#range(answer.output, answer.outputLength)),
      }
    } finally {
      this.#pass(outer)
    }
  }

  /** Returns what the current call was passed, and what it has set. */
  #passed(): Passed {
    const cells = this.#cellsNow()
    return {
      input: cells[CELL.input] as bigint,
      inputLength: cells[CELL.inputLength] as bigint,
      output: cells[CELL.output] as bigint,
      outputLength: cells[CELL.outputLength] as bigint,
      error: cells[CELL.error] as bigint,
    }
  }

  #pass({ input, inputLength, output, outputLength, error }: Passed): void {
    const cells = this.#cellsNow()
    cells[CELL.input] = input
    cells[CELL.inputLength] = inputLength
    cells[CELL.output] = output
    cells[CELL.outputLength] = outputLength
    cells[CELL.error] = error
  }

  #cellsNow(): BigUint64Array<ArrayBuffer> {
    if (this.#cells.length === 0) this.#cells = new BigUint64Array(this.exports.memory.buffer as ArrayBuffer, 0, 6)
    return this.#cells
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
