import type { Limits } from '../../abi/limits.ts'
import { PRICES } from '../../abi/prices.ts'
import { PAGE_BYTES } from '../../abi/types.ts'
import { encodeText, writeText } from '../../bytes.ts'
import { ScriptError } from '../../errors.ts'
import type { Blocks } from '../../host/modules/import-module.ts'
import { TOO_DEEP } from '../../wasm/rewrite/additions.ts'
import type { Budget } from '../budget.ts'
import { type CoreModule, instantiateCoreModule, rewriteLimits } from '../core-module.ts'
import { outOfFuel, TOO_NESTED } from '../instance-meter.ts'
import { type CacheCounts, moduleCache } from '../module-cache.ts'
import { KERNEL } from './kernel-binary.ts'

const utf8 = new TextDecoder()
const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array()
/** Bytes before each block. */
const HEADER_BYTES = 16
/**
 * The places of what a call passes, as `kernel.wat` has them, in words: the lower halves of numbers of 8 bytes. Addresses and lengths have
 * no more than those, except for the address of an output of no bytes.
 */
const CELL = { input: 2, inputLength: 4, output: 6, outputLength: 8, error: 10, end: 12 } as const
/** The words that the host reads: the cells, and the header of the first block, of which one is its length. */
const WORDS = 20
const FIRST_LENGTH = 18
const NO_CELLS: Uint32Array<ArrayBuffer> = new Uint32Array()

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
  /** The first words of its memory: none once it has grown. */
  #cells: Uint32Array<ArrayBuffer> = NO_CELLS
  /** Whether a call runs to which an input was passed. */
  #isAnswering = false

  constructor(core: CoreModule, budget: Budget, charge: (units: number) => void) {
    this.#maximum = core.options.memoryPages * PAGE_BYTES
    this.exports = instantiateCoreModule(core, {}, { budget }).exports as unknown as KernelExports
    this.#first = this.exports.top.value
    this.#budget = budget
    this.#charge = charge
  }

  /** The pages of its memory. */
  get pages(): number {
    return this.#bytes().length / PAGE_BYTES
  }

  /** Throws `OutOfMemory` for an input that it can never hold, which is the mistake of the caller. */
  checkInput(length: number): void {
    if (this.#first + HEADER_BYTES + length > this.#maximum) throw noRoom(length)
  }

  /** Frees the blocks of earlier calls, at no cost of fuel. Call it where the host enters the plugin, and not where calls nest. */
  begin(): void {
    const cells = this.#cellsNow()
    // No block was allocated since the last time. To find that out takes less than to write a global of the engine.
    if (cells[FIRST_LENGTH] === 0) return
    cells[FIRST_LENGTH] = 0
    this.exports.top.value = this.#first
  }

  /**
   * Passes the input, bytes or what `encodeText` returned, to a call of the plugin, and returns its answer. `read` is given the bytes of the
   * output, which it must not keep. A call in which this one is nested keeps its own input and output.
   */
  answer<Output>(input: Uint8Array | string, call: () => number, read: (output: Uint8Array) => Output): Answer<Output> {
    const outer = this.#isAnswering ? this.#cellsNow().slice() : undefined
    this.#isAnswering = true
    try {
      const block = this.#store(input)
      this.#pass(Number(block), input.length)
      const code = call()
      return { code, message: this.#message(), output: this.#output(read) }
    } finally {
      this.#isAnswering = outer !== undefined
      if (outer === undefined) this.#pass(0, 0)
      else this.#cellsNow().set(outer)
    }
  }

  /** Passes an input to the next call, which has no output and no error yet. */
  #pass(input: number, length: number): void {
    const cells = this.#cellsNow()
    for (let word: number = CELL.input; word < CELL.end; word++) cells[word] = 0
    cells[CELL.input] = input
    cells[CELL.inputLength] = length
  }

  /** Returns the message that the current call has set as its error. */
  #message(): string | undefined {
    const at = this.#cellsNow()[CELL.error] as number
    return at === 0 ? undefined : utf8.decode(this.#range(at, Number(this.exports.length(BigInt(at)))))
  }

  /** Reads the output that the current call has set. */
  #output<Output>(read: (output: Uint8Array) => Output): Output | undefined {
    const cells = this.#cellsNow()
    const at = cells[CELL.output] as number
    const length = cells[CELL.outputLength] as number
    return at === 0 && cells[CELL.output + 1] === 0 && length === 0 ? undefined : read(this.#range(at, length))
  }

  #cellsNow(): Uint32Array<ArrayBuffer> {
    if (this.#cells.length === 0) this.#cells = new Uint32Array(this.exports.memory.buffer as ArrayBuffer, 0, WORDS)
    return this.#cells
  }

  /** Returns a copy of a block. Throws `InvalidPointer` if no block begins at the address. */
  read(at: bigint): Uint8Array<ArrayBuffer> {
    if (at === 0n) return NO_BYTES
    const length = this.#enter(this.exports.length, at)
    if (length === 0n) throw new ScriptError('InvalidPointer', `no block of the plugin begins at ${BigInt.asUintN(64, at)}`)
    return this.#range(Number(at), Number(length)).slice()
  }

  /** Returns the text of a block and frees it: the functions of `extism:host/env` own the blocks that they are passed. */
  takeText(at: bigint): string {
    return utf8.decode(this.take(at))
  }

  /** Returns the bytes of a block and frees it. */
  take(at: bigint): Uint8Array<ArrayBuffer> {
    const bytes = this.read(at)
    this.#enter(this.exports.free, at)
    return bytes
  }

  /** Allocates a block with the bytes. Returns its address; 0 for no bytes. Throws `OutOfMemory`. */
  store(bytes: Uint8Array | string): bigint {
    return this.#store(typeof bytes === 'string' ? encodeText(bytes) : bytes)
  }

  /** Does the same for bytes, or for the result of `encodeText`. */
  #store(data: Uint8Array | string): bigint {
    const { length } = data
    if (length === 0) return 0n
    const block = this.#enter(this.exports.alloc, BigInt(length))
    if (block === 0n) throw noRoom(length)
    this.#charge(PRICES.textByte * length)
    writeText(data, this.#bytes(), Number(block))
    return block
  }

  /** Runs code of the kernel for the host. It traps when the plugin has no fuel or no stack left, which is not the fault of the host. */
  #enter<Result>(run: (argument: bigint) => Result, argument: bigint): Result {
    try {
      return run(argument)
    } catch (cause) {
      if (!(cause instanceof WebAssembly.RuntimeError)) throw cause
      const { fuel, fault } = this.#budget
      // A call that is too deep has paid for its start.
      const isTooDeep = fault.value === TOO_DEEP || fuel.value >= 0
      fault.value = 0
      throw isTooDeep ? new ScriptError('StackOverflow', TOO_NESTED, { cause }) : outOfFuel(cause)
    }
  }

  /** Charges for bytes and returns them. They are valid until the plugin runs again. */
  #range(at: number, length: number): Uint8Array<ArrayBuffer> {
    this.#charge(PRICES.textByte * length)
    return this.#bytes().subarray(at, at + length)
  }

  #bytes(): Uint8Array<ArrayBuffer> {
    if (this.#view.length === 0) this.#view = new Uint8Array(this.exports.memory.buffer as ArrayBuffer)
    return this.#view
  }
}

function noRoom(length: number): ScriptError {
  return new ScriptError('OutOfMemory', `the plugin's memory has no room for ${length} bytes (limits.memoryPages)`)
}
